import { execFile, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const execute = promisify(execFile);
const CHILD = fileURLToPath(new URL('child.mjs', import.meta.url));

/**
 * With these V8 does the same thing at the same instruction each time: one thread compiles, collects and runs, and nothing
 * is drawn. Without them the count of instructions of the same program differs by up to half.
 */
const SAME_EACH_TIME = ['--hash-seed=1', '--random-seed=1', '--predictable', '--single-threaded'];
/** Slices of the shorter and the longer run: the difference is free of start and warm-up. */
const SLICES = [4, 10];
const ALLOCATION_SLICES = 15;
/** MiB; large enough that nothing is collected in a run. */
const YOUNG = 256;
const RUN_MS = 10 * 60_000;

/** Why instructions can not be counted here; undefined when they can. */
export function whyNoInstructions() {
  const { error } = spawnSync('valgrind', ['--version']);
  return error === undefined ? undefined : 'valgrind is not installed (Debian: valgrind)';
}

/** Instructions of an operation of a workload, as callgrind counts them (`Ir`). */
export async function countInstructions(name, tree) {
  const [short, long] = await Promise.all(SLICES.map((slices) => instructionsOf(name, tree, slices)));
  return (long - short) / (SLICES[1] - SLICES[0]);
}

async function instructionsOf(name, tree, slices) {
  const args = ['--tool=callgrind', '--callgrind-out-file=/dev/null', process.execPath, ...SAME_EACH_TIME];
  const { stderr } = await execute('valgrind', [...args, CHILD, tree, name, 'run', String(slices)], {
    timeout: RUN_MS,
    maxBuffer: 2 ** 24,
  });
  const collected = /Collected : (\d+)/.exec(stderr);
  if (collected === null) throw new Error(`callgrind counted nothing of ${name}:\n${stderr.slice(-500)}`);
  return Number(collected[1]);
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
