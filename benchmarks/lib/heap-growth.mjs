/** A young generation of 256 MiB from the start: what a slice allocates stays on the heap until it is counted. */
export const NOT_COLLECTED = ['--min-semi-space-size=256', '--max-semi-space-size=256'];
const FEWEST = 1_000;

/**
 * Bytes by which this process's heap grows in `count` calls of `step`, and the collections there were meanwhile: with one,
 * the bytes say nothing.
 *
 * @param {() => void} step
 * @param {number} count
 * @param {import('./memory-watch.mjs').MemoryWatch} memory
 * @returns {Promise<{ bytes: number, gcs: number }>}
 */
export async function growthOf(step, count, memory) {
  await turn();
  memory.reset();
  const before = held();
  for (let i = 0; i < count; i++) step();
  const bytes = held() - before;
  await turn();
  return { bytes, gcs: memory.read().gcMs.length };
}

/**
 * Bytes a message of each slice. One in which garbage was collected proves nothing: it and all after it are of half as many
 * messages, as often as it takes.
 *
 * @param {(messages: number) => Promise<{ bytes: number, gcs: number }>} run
 * @param {{ messages: number, slices: number }} plan
 * @returns {Promise<{ perMessage: number[], messages: number, gcs: number }>} messages of the last slice;
 *   collections in the slices that were repeated
 * @throws {Error} when even the shortest slice is not to be had without a collection
 */
export async function perMessage(run, { messages, slices }) {
  const found = [];
  let [size, repeated] = [messages, 0];
  while (found.length < slices) {
    const { bytes, gcs } = await run(size);
    if (gcs === 0) {
      found.push(bytes / size);
      continue;
    }
    repeated += gcs;
    size = Math.floor(size / 2);
    if (size < FEWEST)
      throw new Error(`garbage is collected within ${2 * FEWEST} messages: no proof of anything`);
  }
  return { perMessage: found, messages: size, gcs: repeated };
}

function held() {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** The observer of collections is told of them by then. */
const turn = () => new Promise((resolve) => setTimeout(resolve, 20));
