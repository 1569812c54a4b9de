/**
 * One side of a comparison, in a process of its own: `node child.mjs TREE WORKLOAD MODE [N]`.
 *
 *  - `slices`: runs a slice for each message it gets, and answers with the nanoseconds it took by the clock and of the processor
 *  - `count N`: N warm slices, then some more for callgrind to count, which runs this process
 *  - `allocate N`: N warm slices, then N more; prints what those allocated and retained
 */
import { getHeapStatistics } from 'node:v8';
import { COUNTED_SHARE, COUNTED_SLICES, counted, countFromHere } from './callgrind.mjs';
import { prepare } from './workload.mjs';

const [tree, name, mode, count] = process.argv.slice(2);
// Under callgrind all takes some fifty times as long.
const { reset, slice, operations } = await prepare(name, tree, mode === 'count' ? COUNTED_SHARE : 1);

switch (mode) {
  case 'slices':
    process.on('message', () => {
      reset();
      const cpu = process.cpuUsage();
      const start = process.hrtime.bigint();
      slice();
      const ns = Number(process.hrtime.bigint() - start);
      const { user, system } = process.cpuUsage(cpu);
      process.send({ ns, cpuNs: (user + system) * 1_000 });
    });
    process.on('disconnect', () => process.exit());
    process.send('ready');
    break;
  case 'count':
    warm(Number(count));
    await countFromHere();
    for (let i = 0; i < COUNTED_SLICES; i++) {
      reset();
      // What the young generation holds from before is not the same each time.
      globalThis.gc({ type: 'minor' });
      counted(slice);
    }
    process.exit();
    break;
  case 'allocate':
    process.stdout.write(`${JSON.stringify(allocation(Number(count)))}\n`);
    process.exit();
    break;
  default:
    throw new Error(`no mode ${mode}`);
}

/**
 * What `slices` warm slices leave on the heap before it is collected, and what is still held after. Only with a young
 * generation large enough for all of it, and one thread, is that the same each time.
 */
function allocation(slices) {
  warm(slices);
  collect();
  const before = memory();
  // Collecting drops code as well, which comes back as it runs.
  warm(slices);
  let allocated = 0;
  let isCollected = false;
  for (let i = 0; i < slices; i++) {
    reset();
    const from = memory();
    slice();
    const { heap, external } = memory();
    isCollected ||= heap < from.heap;
    allocated += heap - from.heap + (external - from.external);
  }
  collect();
  const after = memory();
  return {
    allocated,
    retained: after.heap - before.heap + (after.external - before.external),
    operations: slices * operations,
    isCollected,
  };
}

function warm(slices) {
  for (let i = 0; i < slices; i++) {
    reset();
    slice();
  }
}

function memory() {
  const { used_heap_size: heap, external_memory: external } = getHeapStatistics();
  return { heap, external };
}

function collect() {
  for (let i = 0; i < 3; i++) globalThis.gc();
}
