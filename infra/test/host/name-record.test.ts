import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, jest, test } from '@jest/globals';
import { ENGINE, HOST, isBuilt, put, run, temporaryFolder, testWith } from './support/tools.js';

// Programs are started, on a machine that may be busy with other things.
jest.setTimeout(120_000);

const NAMED =
  /^TRADEWIND_SESSION__RECORD_TO=(\/var\/lib\/tradewind\/records\/events-\d{8}T\d{6}Z-[0-9a-f]{8}\.log)\n$/;

describe('name-record.sh (bash, od)', () => {
  const testName = testWith('bash', 'od');
  let root: string;
  const answer = () => join(root, 'run/tradewind/record.env');
  const name = (path = '') =>
    run(join(HOST, 'bin/name-record.sh'), [], { TRADEWIND_ROOT: root, PATH: `${path}:${process.env.PATH}` });

  beforeEach(() => {
    root = temporaryFolder();
    mkdirSync(join(root, 'run/tradewind'), { recursive: true });
    mkdirSync(join(root, 'var/lib/tradewind/records'), { recursive: true });
  });

  testName('names a log that is not there, another for every start', () => {
    expect(name()).toEqual({ code: 0, stdout: '', stderr: '' });
    const first = readFileSync(answer(), 'utf8');
    expect(first).toMatch(NAMED);
    name();
    expect(readFileSync(answer(), 'utf8')).not.toBe(first);
    expect(readdirSync(join(root, 'var/lib/tradewind/records'))).toEqual([]);
  });

  testName.each<[string, () => string, RegExp]>([
    [
      'where the disk is nearly full',
      () => {
        put(root, 'bin/df', '#!/bin/sh\nprintf "Avail\\n2048\\n"\n', 0o755);
        return join(root, 'bin');
      },
      /the engine starts without a record: 2 MiB are free, less than 1024/,
    ],
    [
      'where its folder is missing',
      () => {
        run('rmdir', [join(root, 'var/lib/tradewind/records')]);
        return '';
      },
      /the engine starts without a record: \/var\/lib\/tradewind\/records cannot be written to/,
    ],
  ])('%s the engine starts without, and not with an older name', (_, prepare, message) => {
    name();
    expect(existsSync(answer())).toBe(true);
    expect(name(prepare())).toMatchObject({ code: 0, stderr: expect.stringMatching(message) });
    expect(existsSync(answer())).toBe(false);
  });
});

describe('an engine that records (a built engine)', () => {
  const testEngine = isBuilt ? testWith('bash') : test.skip;
  const main = join(ENGINE, 'bin/tradewind.mjs');

  /** Trades for some seconds as the unit's environment has it record; at most `blocks` KiB of it. */
  async function trade(
    log: string,
    blocks: string,
  ): Promise<{ code: number | null; out: string; err: string }> {
    const child: ChildProcess = spawn(
      'bash',
      [
        '-c',
        `ulimit -f ${blocks}; exec "$@"`,
        'bash',
        process.execPath,
        main,
        'paper',
        '--for',
        '6s',
        '--metrics-port',
        '0',
      ],
      {
        cwd: temporaryFolder(),
        env: { PATH: process.env.PATH ?? '', TRADEWIND_SESSION__RECORD_TO: log },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    let out = '';
    let err = '';
    child.stdout!.on('data', (text) => {
      out += text;
    });
    child.stderr!.on('data', (text) => {
      err += text;
    });
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
    return { code, out, err };
  }

  testEngine('keeps a log that replays', async () => {
    const log = join(temporaryFolder(), 'events.log');
    expect((await trade(log, 'unlimited')).code).toBe(0);
    expect(statSync(log).size).toBeGreaterThan(64 * 1024);
    expect(run(process.execPath, [main, 'replay', log]).code).toBe(0);
  });

  testEngine('trades on when no more of it can be written, as on a full disk, and says so', async () => {
    const log = join(temporaryFolder(), 'events.log');
    const { code, out, err } = await trade(log, '32');
    expect([out, err]).toEqual([
      expect.stringMatching(/the event log can no longer be written/),
      expect.stringMatching(/the event log is incomplete: EFBIG/),
    ]);
    // It ended when asked to, with its orders confirmed as canceled: 1 is the record alone.
    expect(code).toBe(1);
    const late = out.slice(out.indexOf('can no longer be written'));
    expect(late).toMatch(/fill/i);
    expect(statSync(log).size).toBe(32 * 1024);
  });
});
