import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import {
  HOST,
  has,
  isBuilt,
  linkDependencies,
  put,
  run,
  stageRelease,
  temporaryFolder,
} from './support/tools.js';

/** Settings of a unit that a start by hand has to keep to. */
function unitOf(name: string) {
  const text = readFileSync(join(HOST, 'units', name), 'utf8');
  const setting = (key: string) => new RegExp(`^${key}=(.*)$`, 'm').exec(text)![1]!;
  return {
    start: setting('ExecStart').split(' '),
    folder: setting('WorkingDirectory'),
    stop: setting('KillSignal'),
  };
}

/** The unit's own command line on a staged release: absolute paths are those below `root`, Node is this one. */
function start(root: string, name: string, port: number): ChildProcess {
  const { start: words, folder } = unitOf(name);
  const [program, ...args] = words.map((word) => (word.startsWith('/') ? join(root, word) : word));
  expect(program).toBe(join(root, '/usr/bin/node'));
  // Its port may be taken by an engine of somebody else here.
  const mapped = args.map((arg, i) => (args[i - 1] === '--metrics-port' ? String(port) : arg));
  return spawn(process.execPath, mapped, {
    cwd: join(root, folder),
    env: { PATH: process.env.PATH ?? '', NODE_ENV: 'production' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

function stagedHost(): string {
  const root = temporaryFolder();
  mkdirSync(join(root, 'opt/tradewind/releases'), { recursive: true });
  stageRelease(join(root, 'opt/tradewind/releases'), '1.2.3');
  symlinkSync('releases/1.2.3', join(root, 'opt/tradewind/current'));
  linkDependencies(root);
  mkdirSync(join(root, 'var/lib/tradewind'), { recursive: true });
  put(
    root,
    'etc/tradewind/engine.yaml',
    'venue: { name: binance, environment: simulator, symbols: [BTCUSDT] }\n',
  );
  return root;
}

interface LogLine {
  readonly msg?: string;
  readonly [field: string]: unknown;
}

/** Reads a process's log until `enough` lines say so, and to its end after that. */
function watch(child: ChildProcess) {
  const lines: LogLine[] = [];
  let rest = '';
  let stderr = '';
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\n');
    rest = parts.pop()!;
    lines.push(...parts.map((line) => JSON.parse(line) as LogLine));
  });
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return { lines, ended, said: () => stderr };
}

const testEngine = isBuilt ? test : test.skip;

describe('tradewind-engine.service (a built engine)', () => {
  testEngine(
    'trades when started by its ExecStart line, and ends with 0 at its KillSignal',
    async () => {
      const root = stagedHost();
      const child = start(root, 'tradewind-engine.service', 0);
      const { lines, ended, said } = watch(child);
      const deadline = performance.now() + 45_000;
      const filled = () => lines.some(({ msg }) => msg !== undefined && /fill/i.test(msg));
      while (!filled() && performance.now() < deadline && child.exitCode === null) {
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      expect([filled(), said()]).toEqual([true, '']);
      child.kill(unitOf('tradewind-engine.service').stop as NodeJS.Signals);
      expect(await ended).toBe(0);
      expect(said()).toMatch(/^ {2}orders +[1-9]\d* sent, /m);
      // Its state lies where the unit lets it write.
      expect(readdirSync(join(root, 'var/lib/tradewind'))).toContain('.tradewind');
    },
    90_000,
  );
});

describe('pin-engine.sh (taskset)', () => {
  const cpus = run('sh', ['-c', 'nproc']).stdout.trim();
  const testPin = has('taskset') && has('bash') && Number(cpus) >= 2 ? test : test.skip;
  const allowed = (pid: number) =>
    new Map(
      readdirSync(`/proc/${pid}/task`).map((tid) => [
        Number(tid),
        /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync(`/proc/${pid}/task/${tid}/status`, 'utf8'))![1],
      ]),
    );
  const idle = () =>
    spawn(
      process.execPath,
      ['-e', 'new (require("node:worker_threads").Worker)("setInterval(() => {}, 1000)", { eval: true })'],
      {
        stdio: 'ignore',
        env: {},
      },
    );

  testPin(
    'gives the trading thread its CPU and every other thread the housekeeping ones',
    async () => {
      const folder = temporaryFolder();
      put(
        folder,
        'cpu.env',
        'TRADEWIND_TRADING_CPU=1\nTRADEWIND_ISOLATED_CPUS=1\nTRADEWIND_HOUSEKEEPING_CPUS=0\n',
      );
      const child = idle();
      await new Promise((resolve) => setTimeout(resolve, 500));
      const { code, stderr } = run(join(HOST, 'bin/pin-engine.sh'), [
        String(child.pid),
        join(folder, 'cpu.env'),
      ]);
      const places = allowed(child.pid!);
      child.kill();
      expect([code, stderr]).toEqual([
        0,
        expect.stringMatching(/trading thread \d+ on CPU 1, \d+ others on 0/),
      ]);
      expect(places.get(child.pid!)).toBe('1');
      places.delete(child.pid!);
      expect(places.size).toBeGreaterThan(4);
      expect(new Set(places.values())).toEqual(new Set(['0']));
    },
    60_000,
  );

  testPin('leaves an engine alone where no CPU is isolated, and where nothing is known', () => {
    const folder = temporaryFolder();
    put(
      folder,
      'cpu.env',
      'TRADEWIND_TRADING_CPU=\nTRADEWIND_ISOLATED_CPUS=\nTRADEWIND_HOUSEKEEPING_CPUS=0-1\n',
    );
    const before = allowed(process.pid);
    for (const layout of ['cpu.env', 'absent.env']) {
      const { code, stderr } = run(join(HOST, 'bin/pin-engine.sh'), [
        String(process.pid),
        join(folder, layout),
      ]);
      expect([code, stderr]).toEqual([0, expect.stringMatching(/no CPU is isolated here|no such file/)]);
    }
    expect(allowed(process.pid).get(process.pid)).toBe(before.get(process.pid));
  });
});

describe('ship-journal.sh (bash, awk)', () => {
  const testShip = has('bash') && has('awk') ? test : test.skip;
  testShip('parts the journal into the engine and the rest, and goes on where it stopped', () => {
    const folder = temporaryFolder();
    const bin = temporaryFolder();
    const lines = [
      '{"_SYSTEMD_UNIT":"tradewind-engine.service","MESSAGE":"filled"}',
      '{"_SYSTEMD_UNIT":"sshd.service","MESSAGE":"tradewind-engine.service is mentioned"}',
      '{"_SYSTEMD_UNIT":"tradewind-agent.service","MESSAGE":"leader"}',
      '{"_TRANSPORT":"kernel","MESSAGE":"tradewind-drop"}',
    ];
    // Answers as journalctl does: everything since the cursor it finds, and leaves a new one.
    put(
      bin,
      'journalctl',
      `#!/bin/sh
echo "$*" >> ${folder}/asked
[ -s journal.cursor ] || cat <<'END'
${lines.join('\n')}
END
echo s=1 > journal.cursor
`,
      0o755,
    );
    const ship = () =>
      run(join(HOST, 'bin/ship-journal.sh'), [folder, '--once'], { PATH: `${bin}:/usr/bin:/bin` });
    expect(ship()).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(ship().code).toBe(0);
    const read = (name: string) => readFileSync(join(folder, name), 'utf8');
    expect(read('engine.json')).toBe(`${lines[0]}\n${lines[2]}\n`);
    expect(read('host.json')).toBe(`${lines[1]}\n${lines[3]}\n`);
    const options = '--quiet --no-pager --output=json --cursor-file=journal.cursor';
    expect(read('asked')).toBe(`${options} --boot\n${options}\n`);
  });
});
