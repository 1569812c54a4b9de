import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { parseConfig, tradingMode } from '@tradewind/engine/config';
import { parse } from 'yaml';
import { buildRelease } from '../../delivery/index.js';
import { shadowConfig } from '../../delivery/shadow/shadow-config.js';
import type { ShadowReport } from '../../delivery/shadow/shadow-report.js';
import { isBuilt, run, temporaryFolder } from '../host/support/tools.js';

const PLACES = {
  folder: '/var/lib/tradewind/shadow',
  recordTo: '/var/lib/tradewind/shadow/events.log',
  metricsPort: 9465,
};

describe('the configuration of a shadow', () => {
  const mode = (text: string) =>
    tradingMode(parseConfig(Buffer.from(shadowConfig(text, PLACES)), {}, 'shadow.yaml'));

  test('simulates its orders and takes no key, whatever the live one does', () => {
    const live = `
venue:
  environment: live
  symbols: [BTCUSDT]
  credentials: { kind: ed25519, apiKey: { env: KEY }, secret: { file: /run/key.pem } }
trading: { live: true, paper: false }
session: { stateDir: /var/lib/tradewind/state, recordTo: /var/lib/tradewind/events.log, epochFile: /x }
log: { file: /var/log/tradewind/engine.log }
strategies: [{ symbol: BTCUSDT, orderSize: 0.001, maxInventory: 0.01 }]
risk: { maxOrderNotional: 500 }
`;
    expect(mode(live)).toBe('paper');
    expect(parse(shadowConfig(live, PLACES))).toEqual({
      venue: { environment: 'live', symbols: ['BTCUSDT'] },
      trading: { live: false, paper: true },
      session: { stateDir: '/var/lib/tradewind/shadow/state', recordTo: PLACES.recordTo },
      log: { file: '/var/lib/tradewind/shadow/engine.log' },
      strategies: [{ symbol: 'BTCUSDT', orderSize: 0.001, maxInventory: 0.01 }],
      risk: { maxOrderNotional: 500 },
      telemetry: { port: 9465 },
    });
  });

  test('overrules the flat layout too', () => {
    expect(mode('environment: testnet\nsymbols: [BTCUSDT]\npaper_trading: false\nlive: false\n')).toBe(
      'paper',
    );
  });
});

/** Two engines of one release on the simulator; what each would have done upon the events of the other. */
(isBuilt ? describe : describe.skip)('the report (needs a built engine)', () => {
  const folder = temporaryFolder();
  const at = (name: string) => join(folder, name);
  const base = (spreadBps: number) => `
venue: { environment: simulator, symbols: [BTCUSDT] }
session: { stateDir: ${folder}/state }
strategies: [{ symbol: BTCUSDT, orderSize: 0.001, maxInventory: 0.01, spreadBps: ${spreadBps} }]
`;
  const report = (...args: string[]) =>
    run(process.execPath, [at('release/delivery/shadow.mjs'), 'report', ...args]);

  beforeAll(() => {
    const { archive } = buildRelease({ out: folder });
    run('mkdir', ['-p', at('release')]);
    run('tar', ['-xzf', archive, '-C', at('release')]);
    writeFileSync(at('live.yaml'), base(2));
    writeFileSync(at('wider.yaml'), base(6));
    const engine = at('release/engine/bin/tradewind.mjs');
    const session = run(process.execPath, [
      engine,
      'paper',
      ...['--for', '5s', '--config', at('live.yaml'), '--record', at('events.log')],
    ]);
    expect(session.code).toBe(0);
  }, 60_000);

  test('the same version and configuration: every command is as recorded', () => {
    const answer = report('--log', at('events.log'), '--config', at('live.yaml'), '--json', at('same.json'));
    expect(answer).toMatchObject({
      code: 0,
      stderr: '',
      stdout: expect.stringContaining('within tolerance'),
    });
    const same: ShadowReport = JSON.parse(readFileSync(at('same.json'), 'utf8'));
    expect(same).toMatchObject({ changed: 0, firstDifference: null, findings: [], examples: [] });
    expect(same.decisions).toBeGreaterThan(0);
    expect(same.instruments[0]?.recorded.submits).toBeGreaterThan(0);
    expect(same.instruments[0]?.replayed).toEqual(same.instruments[0]?.recorded);
  });

  test('a wider spread: other prices, told by instrument, with the first event and what both did', () => {
    const answer = report(
      '--log',
      at('events.log'),
      '--config',
      at('wider.yaml'),
      '--json',
      at('other.json'),
    );
    expect(answer).toMatchObject({ code: 1, stdout: expect.stringContaining('beyond tolerance') });
    const other: ShadowReport = JSON.parse(readFileSync(at('other.json'), 'utf8'));
    expect(other.changed).toBeGreaterThan(0);
    expect(other.firstDifference).toBe(other.examples[0]?.sequence);
    expect(other.examples[0]?.recorded[0]).toMatch(/^Submit BTCUSDT (?:Buy|Sell) 0\.001/);
    expect(other.examples[0]?.replayed).not.toEqual(other.examples[0]?.recorded);
    const [instrument] = other.instruments;
    // Half of 6 bps instead of half of 2, on either side.
    expect(instrument?.symbol).toBe('BTCUSDT');
    expect(instrument?.meanPriceBps).toBeGreaterThan(1.5);
    expect(instrument?.meanPriceBps).toBeLessThan(2.5);
    expect(other.findings.join(' ')).toMatch(/decisions differ.*prices are .* bps apart/);
  });

  test('a difference that was meant is let pass by saying how much may differ', () => {
    const answer = report(
      ...['--log', at('events.log'), '--config', at('wider.yaml')],
      ...['--changed-share', '1', '--orders', '1', '--price-bps', '5'],
    );
    expect(answer).toMatchObject({ code: 0, stdout: expect.stringContaining('within tolerance') });
  });

  test.each([
    ['no log', ['--log', '/nonexistent', '--config', 'live.yaml'], /nonexistent/],
    ['a share of 2', ['--log', 'x', '--config', 'y', '--changed-share', '2'], /from 0 to 1/],
    ['no configuration', ['--log', 'x'], /required option.*--config/],
  ] as const)('%s: exit code 2 and why', (_, args, why) => {
    const answer = report(...args.map((arg) => (arg === 'live.yaml' ? at(arg) : arg)));
    expect(answer).toMatchObject({ code: 2, stderr: expect.stringMatching(why) });
  });
});
