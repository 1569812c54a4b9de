import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { RecordedItem } from '../recorded-item.js';
import { parseCryptofeedLine } from './cryptofeed-line.js';
import { parseHftbacktestLine } from './hftbacktest-line.js';
import { detectFormat, readLines } from './line-reader.js';
import { RecordingError } from './recording-error.js';

/**
 * The files of the capture `path` names: the file itself; for a cryptofeed capture's `NAME.0` also its `NAME.http.N.0` and
 * `NAME.ws.N.0`; for a path that is no file every file whose name begins with it (`hftbacktest_spot_btcusdt`).
 */
export async function recordingFiles(path: string): Promise<string[]> {
  const folder = dirname(path);
  const name = basename(path);
  const isFile = (await stat(path).catch(() => undefined))?.isFile() ?? false;
  const capture = /^([^.]+)\.0$/.exec(name);
  if (isFile && capture === null) return [path];
  const siblings = (await readdir(folder).catch(() => [] as string[])).sort();
  const belongs = isFile ? new RegExp(`^${escaped(capture![1]!)}(\\.(http|ws)\\.\\d+)?\\.0$`) : undefined;
  const files = siblings.filter((file) =>
    belongs === undefined ? file.startsWith(name) : belongs.test(file),
  );
  if (name === '' || files.length === 0) throw new RecordingError(path, 0, 'there is no such recording');
  return files.map((file) => join(folder, file));
}

/**
 * Everything recorded in `files` (the files of one capture, in any format this room knows) in time order. Streams: memory
 * does not grow with the recording. Ends with a {@link RecordingError} naming file and line at the first bad line.
 */
export async function* readRecording(files: readonly string[]): AsyncGenerator<RecordedItem> {
  const sources = await Promise.all(files.map(async (file) => readFile(file, await detectFormat(file))));
  if (sources.length === 1) yield* sources[0]!;
  else yield* merge(sources);
}

async function* readFile(file: string, format: 'cryptofeed' | 'hftbacktest'): AsyncGenerator<RecordedItem> {
  const parse = format === 'cryptofeed' ? parseCryptofeedLine : parseHftbacktestLine;
  let number = 0;
  for await (const lines of readLines(file, format === 'hftbacktest')) {
    for (const line of lines) {
      number++;
      const item = parse(line);
      if (typeof item === 'string') throw new RecordingError(file, number, item);
      if (item !== undefined) yield item;
    }
  }
}

interface Head {
  readonly source: AsyncGenerator<RecordedItem>;
  item: RecordedItem;
  /** Latest time seen in this file: a clock that went back must not hold up the others. */
  time: number;
}

/** Joins files by time; within a file the order stays, and at the same time the earlier file comes first. */
async function* merge(sources: readonly AsyncGenerator<RecordedItem>[]): AsyncGenerator<RecordedItem> {
  const heads: Head[] = [];
  try {
    for (const source of sources) {
      const { value, done } = await source.next();
      if (done !== true) heads.push({ source, item: value, time: value.tsUs });
    }
    while (heads.length > 0) {
      let first = 0;
      for (let i = 1; i < heads.length; i++) if (heads[i]!.time < heads[first]!.time) first = i;
      const head = heads[first]!;
      yield head.item;
      const { value, done } = await head.source.next();
      if (done === true) heads.splice(first, 1);
      else {
        head.item = value;
        head.time = Math.max(head.time, value.tsUs);
      }
    }
  } finally {
    for (const source of sources) await source.return(undefined);
  }
}

function escaped(text: string): string {
  return text.replace(/[^\w]/g, '\\$&');
}
