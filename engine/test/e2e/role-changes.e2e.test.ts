import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { itBuilt } from './support/engine-process.js';

const SCRIPT = fileURLToPath(new URL('./support/role-changes.mjs', import.meta.url));
/** Where it is told what a process has open. */
const itOnLinux = existsSync('/proc/self/task') ? itBuilt : it.skip;
const HANDOVERS = 6;
const EVERY = 2;

interface Sample {
  readonly done: number;
  readonly heapKb: number;
  readonly externalKb: number;
  readonly files: number;
  readonly threads: number;
  readonly handles: Readonly<Record<string, number>>;
}

describe('a process that leads and follows in turn', () => {
  itOnLinux(
    'keeps nothing of the roles it had: no thread, port, timer, file or memory of a journal',
    async () => {
      const args = ['--expose-gc', SCRIPT, String(HANDOVERS), String(EVERY)];
      const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 200_000 });
      const samples = stdout
        .trim()
        .split('\n')
        .map((line): Sample => JSON.parse(line));
      expect(samples.map(({ done }) => done)).toEqual([0, 2, 4, 6]);
      // By the first handovers everything has been used once.
      const [, first, , last] = samples as [Sample, Sample, Sample, Sample];
      const grown = (figure: (sample: Sample) => number) => figure(last) - figure(first);
      expect(grown(({ threads }) => threads)).toBeLessThanOrEqual(1);
      expect(grown(({ files }) => files)).toBeLessThanOrEqual(8);
      for (const kind of ['MessagePort', 'Timeout']) {
        expect(grown(({ handles }) => handles[kind] ?? 0)).toBeLessThanOrEqual(2);
      }
      // Each journal has a ring of a MiB: one that stayed would show, as would a kernel of a few hundred KiB.
      expect(grown(({ externalKb }) => externalKb)).toBeLessThan(2 * 1024);
      expect(grown(({ heapKb }) => heapKb)).toBeLessThan(4 * 1024);
    },
    240_000,
  );
});
