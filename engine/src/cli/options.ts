import { closeSync, openSync } from 'node:fs';
import { InvalidArgumentError } from 'commander';
import { parseDuration } from '../config/index.js';

/** Parses `--for`: `20s`, `5m`, `250ms` or plain milliseconds. */
export function durationOption(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined || ms <= 0) {
    throw new InvalidArgumentError('it must be a duration greater than 0 such as 20s, 5m, 1h or 250ms.');
  }
  return ms;
}

export function portOption(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= 65_535))
    throw new InvalidArgumentError('it must be a whole number from 0 to 65535 (0: any free port).');
  return port;
}

export function countOption(text: string): number {
  const count = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (!(count <= 4_294_967_295))
    throw new InvalidArgumentError('it must be a whole number from 0 to 4294967295.');
  return count;
}

/** A file the command will write at its end: better known now. Throws an Error that names the option. */
export function checkWritable(option: string, path: string): void {
  try {
    closeSync(openSync(path, 'a'));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reasons: Record<string, string> = {
      ENOENT: 'its folder does not exist',
      ENOTDIR: 'its folder is a file',
      EISDIR: 'it is a folder',
      EACCES: 'not permitted',
    };
    throw new Error(`${option}: cannot write ${path}: ${reasons[code ?? ''] ?? code}: name another file`);
  }
}
