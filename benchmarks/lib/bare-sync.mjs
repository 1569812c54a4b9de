import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nanos } from './measure.mjs';

const BYTES = 256;

/** Where journals are written to be measured; `TRADEWIND_BENCH_DIR` puts them on another disk. */
export const benchParent = () => process.env.TRADEWIND_BENCH_DIR ?? tmpdir();

/** A new folder there. */
export const benchFolder = () => mkdtempSync(join(benchParent(), 'tradewind-bench-'));

/** What the device itself takes: appends 256 bytes and syncs them, again and again, within space that is there already. */
export class BareSync {
  #folder = benchFolder();
  #file = openSync(join(this.#folder, 'bare'), 'w');
  #bytes = Buffer.alloc(BYTES, 1);
  #at = 0;
  #room;

  /** @param {number} count how often in all */
  constructor(count) {
    this.#room = count * BYTES;
    writeSync(this.#file, Buffer.alloc(this.#room), 0, this.#room, 0);
    fdatasyncSync(this.#file);
  }

  /**
   * @param {number} count
   * @param {import('./measure.mjs').Samples} samples in microseconds
   */
  measure(count, samples) {
    for (let i = 0; i < count; i++) {
      const start = nanos();
      writeSync(this.#file, this.#bytes, 0, BYTES, this.#at % this.#room);
      fdatasyncSync(this.#file);
      samples.add((nanos() - start) / 1_000);
      this.#at += BYTES;
    }
  }

  close() {
    closeSync(this.#file);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
