import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { EngineProcess, itBuilt, temporaryFolder } from '../e2e/support/engine-process.js';

/** Runs a command to its end. */
async function run(cwd: string, args: readonly string[], env: Record<string, string> = {}) {
  const process = new EngineProcess(args, { cwd, env });
  const { code } = await process.ended;
  return { code, stdout: process.stdout, stderr: process.stderr };
}

describe('the command, told something wrong', () => {
  let folder = '';
  beforeAll(() => {
    folder = temporaryFolder();
    writeFileSync(
      join(folder, 'typo.yaml'),
      'risk:\n  maxDailyLos: 5\nstrategies:\n  - {symbol: BTCUSDT, orderSize: lots}\n',
    );
    writeFileSync(join(folder, 'syntax.yaml'), 'risk: [1, 2\nvenue: {\n');
    writeFileSync(
      join(folder, 'live.yaml'),
      'venue: {environment: live}\ntrading: {paper: false, live: true}\n',
    );
    writeFileSync(join(folder, 'noise.bin'), 'no recording at all\nnothing\n');
    writeFileSync(join(folder, 'cut.twlog'), 'TWEVLOG\n\x01\0\0\0\x01\0\0\0\x40\0\0\0abc');
    mkdirSync(join(folder, 'damaged'));
    writeFileSync(join(folder, 'damaged', 'epoch'), 'seven\n');
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const cases: [string, string[], RegExp[], number][] = [
    ['an unknown command', ['paprr'], [/unknown command 'paprr'/, /paper/], 2],
    ['an unknown option', ['paper', '--fro', '5s'], [/unknown option '--fro'/, /--for/], 2],
    ['a bad duration', ['paper', '--for', 'banana'], [/--for/, /20s/], 2],
    ['a duration of nothing', ['paper', '--for', '0s'], [/--for/, /greater than 0/], 2],
    ['a bad port', ['sim', '--port', '70000'], [/--port/, /65535/], 2],
    ['a missing argument', ['replay'], [/missing required argument 'recording'/], 2],
    [
      'a configuration that is not there',
      ['config', 'check', 'none.yaml'],
      [/none\.yaml/, /no such file/],
      2,
    ],
    [
      'a configuration with two errors',
      ['config', 'check', 'typo.yaml'],
      [
        /typo\.yaml:2:\d+: risk\.maxDailyLos.*did you mean risk\.maxDailyLoss/,
        /strategies\[0\]\.orderSize "lots"/,
      ],
      2,
    ],
    ['broken YAML', ['config', 'check', 'syntax.yaml'], [/syntax\.yaml:\d+:\d+/], 2],
    [
      'a recording that is not there',
      ['replay', 'nothing-here'],
      [/nothing-here: there is no such recording/],
      1,
    ],
    ['a file that is no recording', ['replay', 'noise.bin'], [/noise\.bin/], 1],
    ['an event log cut short', ['replay', 'cut.twlog'], [/offset 16|offset/], 1],
    ['a venue that does not answer', ['venue', 'check', '-c', 'dead.yaml'], [], 1],
  ];
  for (const [what, args, texts, exit] of cases) {
    itBuilt(`says so and exits with ${exit}: ${what}`, async () => {
      writeFileSync(
        join(folder, 'dead.yaml'),
        'venue:\n  symbols: [BTCUSDT]\n  endpoints: {rest: "http://127.0.0.1:9", stream: "ws://127.0.0.1:9", wsApi: "ws://127.0.0.1:9"}\n',
      );
      const { code, stderr } = await run(folder, args);
      for (const text of texts) expect(stderr).toMatch(text);
      expect(stderr).not.toMatch(/\n {4}at /);
      expect(code).toBe(exit);
    });
  }

  itBuilt('refuses to trade real money', async () => {
    const { code, stderr } = await run(folder, ['paper', '-c', 'live.yaml', '--for', '1s']);
    expect(stderr).toMatch(/credentials|real money/);
    expect(code).not.toBe(0);
  });

  itBuilt('names the setting when its port is taken, and leaves no simulator behind', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    const { code, stderr } = await run(folder, ['paper', '--for', '1s', '--metrics-port', String(port)]);
    server.close();
    expect(stderr).toMatch(/telemetry\.port/);
    expect(code).toBe(1);
  });

  itBuilt('does not start on a damaged epoch file: ids might be used again', async () => {
    const { code, stderr } = await run(folder, ['paper', '--for', '1s', '--metrics-port', '0'], {
      TRADEWIND_SESSION__STATE_DIR: join(folder, 'damaged'),
    });
    expect(stderr).toMatch(/epoch file .* is damaged .*delete it/);
    expect(code).toBe(1);
  });

  itBuilt('an environment variable that names no setting is an error with the nearest one', async () => {
    const { code, stderr } = await run(folder, ['config', 'check'], { TRADEWIND_RISK__MAX_DALY_LOSS: '5' });
    expect(stderr).toMatch(/TRADEWIND_RISK__MAX_DALY_LOSS.*did you mean TRADEWIND_RISK__MAX_DAILY_LOSS/);
    expect(code).toBe(2);
  });
});

describe('the command, told something right', () => {
  itBuilt.each([['paper'], ['sim'], ['replay'], ['config'], ['venue']])('explains %s', async (name) => {
    const { code, stdout } = await run(temporaryFolder(), [name, '--help']);
    expect(stdout).toMatch(new RegExp(`Usage: tradewind ${name}`));
    expect(code).toBe(0);
  });

  itBuilt('checks the built-in configuration, and the simulator as a venue', async () => {
    const folder = temporaryFolder();
    expect((await run(folder, ['config', 'check'])).code).toBe(0);
    const { code, stdout } = await run(folder, ['venue', 'check', '--json']);
    const checks = JSON.parse(stdout) as { name: string; ok: boolean }[];
    expect(checks.length).toBeGreaterThanOrEqual(5);
    expect(checks.filter(({ ok }) => !ok)).toEqual([]);
    expect(code).toBe(0);
  });
});
