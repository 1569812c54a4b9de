import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createProgram } from '../../src/cli/program.js';
import {
  compressSegment,
  encodeEvent,
  encodeOptions,
  FolderDisk,
  JOURNAL_START,
  listSegments,
  makeRecord,
  nextToCompress,
  RecordType,
  readEventLog,
  SegmentWriter,
} from '../../src/journal/index.js';
import { itBuilt } from '../e2e/support/engine-process.js';

const FIXTURE = fileURLToPath(new URL('../journal/fixtures/event-log-v1.twev.gz', import.meta.url));
const LAST = 2402;

let folder: string;
let sound: string;
let n = 0;

/** A journal of a recorded session: options, 2400 events, a seal; the first of its segments compressed. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tradewind-journal-'));
  const recorded = join(folder, 'v1.twev');
  writeFileSync(recorded, gunzipSync(readFileSync(FIXTURE)));
  sound = join(folder, 'sound');
  mkdirSync(sound);
  const disk = new FolderDisk(sound);
  const writer = SegmentWriter.open(disk, { segmentBytes: 64 * 1024 }, JOURNAL_START);
  const options = encodeOptions({ version: '0.1.0', config: { venue: 'x' } });
  let ts = 0;
  for (const { event, commands } of readEventLog(recorded)) {
    if (writer.written === 0) {
      writer.append(makeRecord(RecordType.Options, 1, 7, event.tsInit, (out) => out.raw(options)));
    }
    ts = event.tsInit;
    writer.append(
      makeRecord(RecordType.Event, writer.written + 1, 7, ts, (out) => {
        encodeEvent(event, out);
        if (commands !== undefined) out.raw(commands);
      }),
    );
    if (writer.written % 50 === 0) writer.sync();
  }
  writer.close({ stateHash: '260aaafea9c6294b', tsInit: ts });
  for (const _ of compressSegment(disk, nextToCompress(disk)!));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(() => {
  process.exitCode = undefined;
});

function copy(edit?: (disk: FolderDisk, names: string[]) => void): string {
  const to = join(folder, `copy-${++n}`);
  mkdirSync(to);
  for (const name of readdirSync(sound)) writeFileSync(join(to, name), readFileSync(join(sound, name)));
  const disk = new FolderDisk(to);
  edit?.(
    disk,
    listSegments(disk).map(({ name }) => name),
  );
  return to;
}

function flip(disk: FolderDisk, name: string, at: number): void {
  const file = disk.open(name);
  const byte = new Uint8Array(1);
  file.read(byte, at);
  byte[0]! ^= 1;
  file.write(byte, at);
  file.close();
}

async function run(...args: string[]): Promise<{ out: string; lines: string[]; code: number }> {
  let out = '';
  const spy = jest.spyOn(process.stdout, 'write').mockImplementation((...given: unknown[]) => {
    out += String(given[0]);
    const done = given.find((argument) => typeof argument === 'function') as (() => void) | undefined;
    done?.();
    return true;
  });
  try {
    await createProgram().parseAsync(['journal', ...args], { from: 'user' });
  } finally {
    spy.mockRestore();
  }
  const code = process.exitCode ?? 0;
  process.exitCode = undefined;
  return { out, lines: out.trimEnd().split('\n'), code: Number(code) };
}

describe('journal ls', () => {
  it('shows each segment', async () => {
    const { lines, code } = await run('ls', '--dir', sound);
    expect(code).toBe(0);
    expect(lines[0]).toMatch(/^segment +sequences +first +last +epoch +bytes +state$/);
    expect(lines[1]).toMatch(/^0000000000000001\.twj\.gz +1-\d+ +20\S+Z +20\S+Z +7 +\d+ +closed gz$/);
    expect(lines.at(-1)).toMatch(new RegExp(`\\.twj +\\d+-${LAST} .* closed$`));
    expect(lines.length).toBeGreaterThan(4);
    const { out } = await run('ls', '--dir', sound, '--json');
    const rows = JSON.parse(out);
    expect(rows).toHaveLength(lines.length - 1);
    expect(rows[1].firstSequence).toBe(rows[0].lastSequence + 1);
  });

  it('shows what is damaged, open or torn, and that there is nothing', async () => {
    const missing = copy((disk, names) => disk.remove(names[1]!));
    const damaged = await run('ls', '--dir', missing);
    expect(damaged.code).toBe(1);
    expect(damaged.out).toMatch(/damaged\n.*records \d+ to \d+ are missing before it/s);
    const torn = copy((disk, names) => {
      const file = disk.open(names.at(-1)!);
      file.truncate(file.size - 100);
      file.close();
    });
    const open = await run('ls', '--dir', torn);
    expect(open).toMatchObject({ code: 0 });
    expect(open.lines.at(-1)).toMatch(/ torn$/);
    const empty = join(folder, 'empty');
    mkdirSync(empty);
    expect(await run('ls', '--dir', empty)).toMatchObject({ out: 'no segments\n', code: 0 });
    await expect(run('ls', '--dir', join(folder, 'none'))).rejects.toThrow(/--dir: .*none is no folder/);
  });
});

describe('journal dump', () => {
  it('prints every record once, in order, with names and decimals', async () => {
    const { lines } = await run('dump', '--dir', sound);
    expect(lines).toHaveLength(LAST);
    expect(lines.map((line) => Number(line.split(' ')[0]))).toEqual(
      Array.from({ length: LAST }, (_, i) => i + 1),
    );
    expect(lines[0]).toMatch(/^1 \S+Z epoch=7 Options version=0\.1\.0 config=\{"venue":"x"\}$/);
    expect(lines[1]).toMatch(/^2 \S+Z epoch=7 SessionStarted epoch=\d+ version=0\.1\.0 configDigest=\w{32}$/);
    expect(lines.at(-1)).toMatch(/Seal stateHash=260aaafea9c6294b$/);
    const submit = lines.find((line) => line.includes('-> Submit'))!;
    expect(submit).toMatch(
      /-> Submit order=tw[0-9a-v]+x1 instrument=\S+\.BINANCE strategy=0 side=(Buy|Sell) type=Limit timeInForce=GTC postOnly=true quantity=[\d.]+ price=\d+\.\d+/,
    );
    for (const line of lines) expect(line).not.toMatch(/undefined|\[object/);
  });

  it('prints JSON that tells the same', async () => {
    const { lines } = await run('dump', '--dir', sound, '--json', '--from', '2', '--to', '60');
    const records = lines.map((line) => JSON.parse(line));
    expect(records.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 59 }, (_, i) => i + 2));
    const book = records.find(({ kind }) => kind === 'BookSnapshot');
    expect(book.fields.instrument).toMatch(/\.BINANCE$/);
    expect(book.fields.bids[0]).toEqual([
      expect.stringMatching(/^\d+\.\d+$/),
      expect.stringMatching(/^\d+\.\d+$/),
    ]);
  });

  it('takes ranges by time, and knows the instruments from before them', async () => {
    const all = (await run('dump', '--dir', sound)).lines;
    const [from, to] = [all[1500]!.split(' ')[1]!, all[1600]!.split(' ')[1]!];
    // JavaScript's dates have milliseconds.
    const ms = (iso: string) => iso.replace(/\d{3}Z$/, 'Z');
    const { lines } = await run('dump', '--dir', sound, '--from', ms(from), '--to', ms(to));
    const time = (line: string) => line.split(' ')[1]!;
    expect(lines).toEqual(
      all.filter(
        (line) => time(line) >= ms(from).replace('Z', '000Z') && time(line) <= ms(to).replace('Z', '000Z'),
      ),
    );
    expect(lines.length).toBeGreaterThan(50);
    expect(lines.join()).not.toMatch(/instrument=#/);
  });

  it('tells damage after the records before it', async () => {
    const bad = copy((disk, names) => flip(disk, names[1]!, 5000));
    const printed: string[] = [];
    const spy = jest.spyOn(process.stdout, 'write').mockImplementation((...given: unknown[]) => {
      printed.push(String(given[0]));
      (given.find((argument) => typeof argument === 'function') as (() => void) | undefined)?.();
      return true;
    });
    try {
      await expect(
        createProgram().parseAsync(['journal', 'dump', '--dir', bad], { from: 'user' }),
      ).rejects.toThrow(
        /^journal \d{16}\.twj, offset \d+: record \d+ was durable and is damaged: .*\(tradewind journal restore/,
      );
    } finally {
      spy.mockRestore();
    }
    expect(printed.join('').split('\n').length).toBeGreaterThan(300);
  });

  it.each(['yesterday', '-5', '2026-99-99'])('refuses %s as a place', async (place) => {
    const err = jest.spyOn(process.stderr, 'write').mockImplementation(() => true);
    await expect(run('dump', '--dir', sound, '--from', place)).rejects.toThrow();
    err.mockRestore();
  });
});

describe('journal dump | head', () => {
  itBuilt(
    'ends quietly',
    () => {
      const bin = fileURLToPath(new URL('../../bin/tradewind.mjs', import.meta.url));
      const script = 'set -o pipefail; "$0" "$1" journal dump --dir "$2" | head -n 1; echo $?';
      const { stdout, stderr } = spawnSync('bash', ['-c', script, process.execPath, bin, sound], {
        encoding: 'utf8',
        env: { ...process.env, NODE_OPTIONS: '' },
      });
      expect(stderr).toBe('');
      expect(stdout).toMatch(/^1 \S+ epoch=7 Options [^\n]*\n0\n$/);
    },
    60_000,
  );
});

describe('journal grep', () => {
  it('finds an order in its own events and in the commands about it', async () => {
    const all = (await run('dump', '--dir', sound)).lines;
    const id = /-> Submit order=(tw\w+)/.exec(all.join('\n'))![1]!;
    const { lines } = await run('grep', '--dir', sound, '--order', id);
    expect(lines).toEqual(
      all.filter((line) => line.includes(`order=${id} `) || line.endsWith(`order=${id}`)),
    );
    expect(lines.length).toBeGreaterThan(1);
  });

  it('finds by instrument, kind and text, all of them at once', async () => {
    const all = (await run('dump', '--dir', sound)).lines;
    const trades = await run('grep', '--dir', sound, '--kind', 'trade');
    expect(trades.lines).toEqual(all.filter((line) => line.split(' ')[3] === 'Trade'));
    const symbol = /instrument=(\w+)\.BINANCE/.exec(all.join('\n'))![1]!;
    const both = await run(
      'grep',
      '--dir',
      sound,
      '--kind',
      'Trade',
      '--instrument',
      symbol.toLowerCase(),
      '--text',
      'AGGRESSOR=buy',
    );
    expect(both.lines).toEqual(
      trades.lines.filter((line) => line.includes(`${symbol}.`) && line.includes('aggressor=Buy')),
    );
    expect(both.lines.length).toBeGreaterThan(1);
    expect((await run('grep', '--dir', sound, '--instrument', 'NOSUCH')).out).toBe('');
  });

  it('wants to know what to look for', async () => {
    await expect(run('grep', '--dir', sound)).rejects.toThrow(/say what to look for/);
    const err = jest.spyOn(process.stderr, 'write').mockImplementation(() => true);
    await expect(run('grep', '--dir', sound, '--order', 'abc')).rejects.toThrow(/client order id/);
    await expect(run('grep', '--dir', sound, '--kind', 'Filled')).rejects.toThrow(/one of .*OrderFilled/);
    err.mockRestore();
  });
});

describe('journal verify', () => {
  it('says that all is sound', async () => {
    const { out, code } = await run('verify', '--dir', sound);
    expect(code).toBe(0);
    expect(out).toMatch(
      new RegExp(`^sound: ${LAST} records, 1 to ${LAST}, in \\d+ segments of \\d+ bytes; 0 snapshots\n$`),
    );
  });

  it('names every damaged place, also in a compressed segment', async () => {
    const bad = copy((disk, names) => {
      flip(disk, names[0]!, 3000);
      flip(disk, names[2]!, 3000);
    });
    const { lines, code } = await run('verify', '--dir', bad);
    expect(code).toBe(1);
    expect(lines).toHaveLength(3);
    expect(lines[0]).toMatch(/^DAMAGED journal 0000000000000001\.twj\.gz, offset \d+: a compressed block/);
    expect(lines[1]).toMatch(
      /^DAMAGED journal \d{16}\.twj, offset 2\d{3}: record \d+ was durable and is damaged/,
    );
    expect(lines[2]).toMatch(/^damaged: /);
    const { out } = await run('verify', '--dir', bad, '--json');
    expect(JSON.parse(out).damage).toEqual([
      expect.objectContaining({ file: '0000000000000001.twj.gz' }),
      expect.objectContaining({ offset: expect.any(Number) }),
    ]);
  });

  it('takes a torn tail for what it is', async () => {
    const torn = copy((disk, names) => {
      const file = disk.open(names.at(-1)!);
      file.truncate(file.size - 100);
      file.close();
    });
    const { lines, code } = await run('verify', '--dir', torn);
    expect(code).toBe(0);
    expect(lines[0]).toMatch(
      /^torn tail: \S+, offset \d+: \d+ bytes \(.*cut off\); the next start cuts them off/,
    );
  });
});

describe('journal restore', () => {
  it('brings a damaged journal back, keeps what was there, and it verifies', async () => {
    const bad = copy((disk, names) => flip(disk, names[2]!, 3000));
    const { out, code } = await run('restore', '--from', sound, '--dir', bad);
    expect(code).toBe(0);
    expect(out).toMatch(
      new RegExp(
        `^restored records 1 to ${LAST} into .*; what was there is kept as 0{15}1\\.twj\\.gz\\.aside-1, \\.\\.\\.\n$`,
      ),
    );
    expect((await run('verify', '--dir', bad)).out).toMatch(/^sound/);
    for (const name of readdirSync(sound)) {
      expect(readFileSync(join(bad, name)).equals(readFileSync(join(sound, name)))).toBe(true);
      expect(readdirSync(bad)).toContain(`${name}.aside-1`);
    }
  });

  it('fills an empty folder', async () => {
    const to = join(folder, 'new', 'journal');
    expect((await run('restore', '--from', sound, '--dir', to)).code).toBe(0);
    expect((await run('verify', '--dir', to)).code).toBe(0);
  });

  it('refuses a damaged source, an empty one, and to replace a sound journal', async () => {
    const bad = copy((disk, names) => flip(disk, names[2]!, 3000));
    const empty = join(folder, 'nothing');
    mkdirSync(empty);
    const before = readdirSync(bad);
    await expect(run('restore', '--from', bad, '--dir', empty)).rejects.toThrow(
      /nothing was changed: the source is damaged/,
    );
    await expect(run('restore', '--from', empty, '--dir', bad)).rejects.toThrow(/the source holds no record/);
    await expect(run('restore', '--from', sound, '--dir', copy())).rejects.toThrow(
      /holds a sound journal up to record/,
    );
    expect(readdirSync(empty)).toEqual([]);
    expect(readdirSync(bad)).toEqual(before);
  });
});
