import { closeSync, openSync, readSync } from 'node:fs';
import { type LedgerEntry, parseLedgerLine } from '../judge/index.js';

const CHUNK = 1 << 20;

/** Reads a ledger from its beginning, again and again as it grows. */
export class LedgerFile {
  readonly #file: number;
  readonly #buffer = Buffer.allocUnsafe(CHUNK);
  #at = 0;
  #rest = '';

  constructor(path: string) {
    this.#file = openSync(path, 'r');
  }

  /** Passes on what was added since the last call. */
  read(take: (entry: LedgerEntry) => void): void {
    for (;;) {
      const length = readSync(this.#file, this.#buffer, 0, CHUNK, this.#at);
      if (length === 0) return;
      this.#at += length;
      // Latin letters and digits alone: a chunk never ends within a character.
      const lines = (this.#rest + this.#buffer.toString('latin1', 0, length)).split('\n');
      this.#rest = lines.pop()!;
      for (const line of lines) take(parseLedgerLine(line));
    }
  }

  close(): void {
    closeSync(this.#file);
  }
}
