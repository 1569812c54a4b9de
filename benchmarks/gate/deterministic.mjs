import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { CALLGRIND, COUNTED_SLICES, readCount } from './callgrind.mjs';

const execute = promisify(execFile);
const CHILD = fileURLToPath(new URL('child.mjs', import.meta.url));

/**
 * With these V8 does the same thing at the same instruction each time: one thread compiles, collects and runs, and nothing
 * is drawn. Without them the count of instructions of the same program differs by up to half.
 */
const SAME_EACH_TIME = ['--hash-seed=1', '--random-seed=1', '--predictable', '--single-threaded'];
/** And these collect garbage only when there is no room or when they are told to, never because time has passed. */
const ONLY_WHEN_ASKED = ['--expose-gc', '--no-incremental-marking', '--no-memory-reducer'];
/** Slices before those whose instructions are counted: the optimizing compiler has seen everything by then. */
const WARM_SLICES = 32;
const ALLOCATION_SLICES = 15;
/** MiB; large enough that nothing is collected in a run. */
const YOUNG = 256;
const RUN_MS = 10 * 60_000;

/** Instructions of a slice of a workload, as callgrind counts them (`Ir`). Throws where it counts none. */
export async function countInstructions(name, tree) {
  const child = [CHILD, tree, name, 'count', String(WARM_SLICES)];
  const { stderr } = await execute(
    'valgrind',
    [...CALLGRIND, process.execPath, ...SAME_EACH_TIME, ...ONLY_WHEN_ASKED, ...child],
    {
      timeout: RUN_MS,
      maxBuffer: 2 ** 24,
    },
  );
  const count = readCount(stderr);
  if (count === 0) throw new Error(`callgrind counted nothing of ${name}:\n${stderr.slice(-500)}`);
  return count / COUNTED_SLICES;
}

/**
 * Bytes that an operation allocates, and that all slices of the run together keep.
 *
 * @returns {Promise<{ allocated: number, retained: number }>}
 */
export async function measureAllocation(name, tree) {
  const young = [`--min-semi-space-size=${YOUNG}`, `--max-semi-space-size=${YOUNG}`];
  const { stdout } = await execute(
    process.execPath,
    [...SAME_EACH_TIME, ...young, '--expose-gc', CHILD, tree, name, 'allocate', String(ALLOCATION_SLICES)],
    { timeout: RUN_MS },
  );
  const { allocated, retained, operations, isCollected } = JSON.parse(stdout);
  if (isCollected) throw new Error(`${name} allocates more than ${YOUNG} MiB in a run: use fewer slices`);
  return { allocated: allocated / operations, retained };
}
