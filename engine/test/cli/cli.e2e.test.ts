import { mkdirSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { createSimulator, type RunningSimulator } from '../../src/simulator/index.js';
import {
  type Ended,
  EngineProcess,
  eventually,
  expectOneError,
  itBuilt,
  run,
  temporaryFolder,
} from '../e2e/support/engine-process.js';
import { credentialVariables, writeConfig } from '../e2e/support/session-config.js';

const TEST_MS = 60_000;
const folder = temporaryFolder();
const file = (name: string, content: string | Uint8Array) => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};
const tradewind = (args: readonly string[], env: Record<string, string> = {}) =>
  run(args, { cwd: folder, env: { TRADEWIND_TELEMETRY__PORT: '0', ...env } });

/** One error per line, each indented below what they are about. */
function expectProblems(child: EngineProcess & Ended, problems: readonly RegExp[]): void {
  const [title, ...lines] = child.stderr.trimEnd().split('\n');
  expect({ code: child.code, stdout: child.stdout }).toEqual({ code: 2, stdout: '' });
  expect(title).toBe(
    `tradewind: configuration: ${problems.length} problem${problems.length === 1 ? '' : 's'}`,
  );
  expect(lines).toEqual(problems.map((problem) => expect.stringMatching(problem)));
}

describe('arguments', () => {
  itBuilt(
    'that are wrong end the process with 2, help with 0',
    async () => {
      const [wrong, help] = await Promise.all([
        tradewind(['paper', '--fro', '5s']),
        tradewind(['paper', '--help']),
      ]);
      expectOneError(wrong, 2, /unknown option '--fro' \(Did you mean --for\?\)/);
      expect(help).toMatchObject({
        code: 0,
        stderr: '',
        stdout: expect.stringMatching(/^Usage: tradewind paper/),
      });
    },
    TEST_MS,
  );
});

describe('config check', () => {
  itBuilt(
    'sums up a good configuration',
    async () => {
      const good = await tradewind(['config', 'check', file('good.yaml', 'symbols: [BTCUSDT]\n')]);
      expect({ code: good.code, stdout: good.stdout }).toEqual({ code: 0, stdout: '' });
      expect(good.stderr).toMatch(
        /^configuration is valid: simulator on binance, BTCUSDT, 1 strategies, digest/,
      );
      const printed = await tradewind(['config', 'check', '--print']);
      expect(JSON.parse(printed.stdout)).toMatchObject({ venue: { environment: 'simulator' } });
    },
    TEST_MS,
  );

  itBuilt(
    'names every problem with its place, the value, what is allowed and what was meant',
    async () => {
      const bad = file(
        'bad.yaml',
        'venue:\n  symbls: [BTCUSDT]\n  recvWindowMs: 99h\nrisk: {maxOpenOrders: -3}\n',
      );
      const [many, broken, absent, aFolder, variable] = await Promise.all([
        tradewind(['config', 'check', bad]),
        tradewind(['paper', '--config', file('broken.yaml', 'a: [1,\n')]),
        tradewind(['config', 'check', 'absent.yaml']),
        tradewind(['config', 'check', folder]),
        tradewind(['config', 'check'], { TRADEWIND_RISK__MAX_DAILY_LOS: '5' }),
      ]);
      expectProblems(many, [
        /bad\.yaml:3:3: venue\.recvWindowMs "99h": .*allowed: a duration .* to 1m/,
        /bad\.yaml:2:3: venue\.symbls: unknown key; did you mean venue\.symbols\?/,
        /bad\.yaml:4:8: risk\.maxOpenOrders "-3": .*allowed: a whole number from 0 to/,
      ]);
      expectProblems(broken, [/broken\.yaml:2:1: is not valid YAML/]);
      expectProblems(absent, [/absent\.yaml: cannot be read: no such file/]);
      expectProblems(aFolder, [/cannot be read: it is a folder/]);
      expectProblems(variable, [
        /TRADEWIND_RISK__MAX_DAILY_LOS: names no setting; did you mean TRADEWIND_RISK__MAX_DAILY_LOSS/,
      ]);
    },
    TEST_MS,
  );

  itBuilt(
    'finds credentials that are not there, and never shows those that are',
    async () => {
      const path = file(
        'keys.yaml',
        'venue: {credentials: {kind: hmac, apiKey: {env: CLI_TEST_KEY}, secret: {env: CLI_TEST_SECRET}}}\n',
      );
      const missing = await tradewind(['config', 'check', '--secrets', path]);
      expect(missing.code).toBe(2);
      expect(missing.stderr).toMatch(/CLI_TEST_KEY/);
      const env = { CLI_TEST_KEY: 'key-in-the-clear', CLI_TEST_SECRET: 'secret-in-the-clear' };
      const found = await tradewind(['config', 'check', '--secrets', '--print', path], env);
      expect(found.code).toBe(0);
      expect(found.stdout + found.stderr).not.toMatch(/in-the-clear/);
    },
    TEST_MS,
  );
});

describe('replay', () => {
  itBuilt(
    'refuses what is no recording',
    async () => {
      const junk = file('junk.bin', Buffer.from(Array.from({ length: 3_000 }, (_, i) => (i * 7_919) % 251)));
      // As the writer of event logs begins one, and no further.
      const log = file('cut.events', 'TWEVLOG\n\x01\0\0\0\x01\0\0\0\x40\0\0\0abc');
      const [absent, noise, empty, cut] = await Promise.all([
        tradewind(['replay', 'absent']),
        tradewind(['replay', junk]),
        tradewind(['replay', file('empty', '')]),
        tradewind(['replay', log]),
      ]);
      expectOneError(absent, 1, /absent: there is no such recording/);
      expectOneError(noise, 1, /junk\.bin:1: is no record of a capture/);
      expectOneError(empty, 1, /empty: holds no Binance depth messages/);
      expectOneError(cut, 1, /cut\.events: journal, offset \d+: .*0 events before that are good/);
    },
    TEST_MS,
  );
});

describe('paper', () => {
  itBuilt(
    'says which file or folder it cannot use, and what would do',
    async () => {
      const blocked = join(file('a-file', ''), 'state');
      const short = ['paper', '--for', '1s'];
      mkdirSync(join(folder, 'damaged'));
      file('damaged/epoch', 'not a number\n');
      const [noState, damaged, noSummary, noRecord] = await Promise.all([
        tradewind(short, { TRADEWIND_SESSION__STATE_DIR: blocked }),
        tradewind(short, { TRADEWIND_SESSION__STATE_DIR: join(folder, 'damaged') }),
        tradewind([...short, '--summary-json', join(folder, 'absent', 's.json')]),
        tradewind([...short, '--record', join(folder, 'absent', 'r.events')]),
      ]);
      expectOneError(
        noState,
        1,
        /session\.stateDir: cannot write in .*a-file.*name a folder that can be written to/,
      );
      expectOneError(damaged, 1, /session\.epochFile: epoch file .*damaged.epoch is damaged .*: delete it/);
      expectOneError(noSummary, 1, /--summary-json: cannot write .*s\.json: its folder does not exist/);
      expectOneError(noRecord, 1, /session\.recordTo \(--record\): cannot write .*r\.events: ENOENT/);
    },
    TEST_MS,
  );

  itBuilt(
    'names the port that is taken',
    async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const { port } = server.address() as AddressInfo;
      try {
        const [telemetry, sim, paper] = await Promise.all([
          tradewind(['paper', '--for', '1s', '--metrics-port', String(port)]),
          tradewind(['sim', '--port', String(port)]),
          tradewind(['paper', '--for', '1s'], { TRADEWIND_SIMULATOR__PORT: String(port) }),
        ]);
        const taken = (setting: string) =>
          new RegExp(`${setting}: 127.0.0.1:${port} is already in use[:;] choose a free`);
        expectOneError(telemetry, 1, taken('telemetry.port'));
        expectOneError(sim, 1, taken('simulator.port'));
        expectOneError(paper, 1, taken('simulator.port'));
      } finally {
        server.close();
      }
    },
    TEST_MS,
  );

  itBuilt(
    'names a venue that is not there, and credentials it lacks',
    async () => {
      const endpoints =
        'venue: {endpoints: {rest: "http://127.0.0.1:1", stream: "ws://127.0.0.1:1", wsApi: "ws://127.0.0.1:1"}}\n';
      const dead = file('dead.yaml', endpoints);
      const withKeys = 'credentials: {kind: hmac, apiKey: {env: CLI_K}, secret: {env: CLI_S}}, endpoints';
      const keyed = file('keyed.yaml', endpoints.replace('endpoints', withKeys));
      const keys = { CLI_K: 'some-key', CLI_S: 'some-secret' };
      const live = file('live.yaml', 'venue: {environment: live}\ntrading: {paper: false, live: true}\n');
      const [keyless, unreachable, check, real] = await Promise.all([
        tradewind(['paper', '--for', '1s', '--config', dead]),
        tradewind(['paper', '--for', '1s', '--config', keyed], {
          ...keys,
          // An engine whose venue outlives it has its journal to itself.
          TRADEWIND_SESSION__STATE_DIR: join(folder, 'keyed'),
        }),
        tradewind(['venue', 'check', '--config', dead]),
        tradewind(['paper', '--for', '1s', '--config', live]),
      ]);
      expectOneError(keyless, 1, /venue\.credentials is missing: .*\{env: NAME\}/);
      expectOneError(unreachable, 1, /cannot be loaded from the venue: .*ECONNREFUSED.*127\.0\.0\.1:1/);
      expect({ code: check.code, stderr: check.stderr }).toEqual({ code: 1, stderr: '' });
      expect(check.stdout).toMatch(/^FAIL REST +.*ECONNREFUSED/m);
      expect(check.stdout).toMatch(/^FAIL WebSocket API +.*ECONNREFUSED/m);
      expect({ code: real.code, stderr: real.stderr }).toEqual({
        code: 2,
        stderr: expect.stringMatching(/credentials/),
      });
    },
    TEST_MS,
  );
});

describe('a venue', () => {
  let simulator: RunningSimulator;
  beforeAll(async () => {
    simulator = await createSimulator({ flow: null });
  });
  afterAll(() => simulator.close());

  itBuilt(
    'is checked: connectivity, clock, symbols, permissions, latency',
    async () => {
      const config = writeConfig(folder, simulator);
      const args = ['venue', 'check', '--config', config];
      const check = await tradewind([...args, '--json'], credentialVariables(simulator));
      expect({ code: check.code, stderr: check.stderr }).toEqual({ code: 0, stderr: '' });
      const checks = JSON.parse(check.stdout) as { name: string; ok: boolean }[];
      expect(checks.filter(({ ok }) => !ok)).toEqual([]);
      expect(checks.map(({ name }) => name)).toEqual(
        expect.arrayContaining(['REST', 'clock', 'instruments', 'market stream', 'WebSocket API', 'account']),
      );
      const wrongKey = await tradewind(args, {
        ...credentialVariables(simulator),
        E2E_API_KEY: 'no-such-key',
      });
      expect(wrongKey.code).toBe(1);
      expect(wrongKey.stdout).toMatch(/^FAIL account .*-2015/m);
    },
    TEST_MS,
  );

  itBuilt(
    'is simulated by `tradewind sim`, which says where it is and serves until told to end',
    async () => {
      const sim = new EngineProcess(['sim', '--port', '0', '--seed', '3'], { cwd: folder });
      const facts = await eventually('its addresses', () => sim.lines[0]);
      expect(facts).toMatchObject({
        rest: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
        stream: expect.stringMatching(/^ws:/),
        wsApi: expect.stringMatching(/\/ws-api\/v3$/),
        control: expect.stringMatching(/\/control$/),
        hmac: { apiKey: expect.any(String), secret: expect.any(String) },
        ed25519: { apiKey: expect.any(String), privateKey: expect.stringMatching(/BEGIN PRIVATE KEY/) },
      });
      const answer = await fetch(`${String(facts.rest)}/api/v3/exchangeInfo?symbol=BTCUSDT`);
      expect(await answer.json()).toMatchObject({ symbols: [{ symbol: 'BTCUSDT', status: 'TRADING' }] });
      sim.kill('SIGTERM');
      expect(await sim.end()).toEqual({ code: 0, signal: null });
      expect(sim.stderr).toBe('');
    },
    TEST_MS,
  );
});
