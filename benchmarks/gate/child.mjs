/**
 * One side of a comparison, in a process of its own: `node child.mjs TREE WORKLOAD MODE [N]`.
 *
 *  - `slices`: runs a slice for each message it gets, and answers with the nanoseconds it took by the clock and of the processor
 *  - `run N`: N slices and the end, for who counts instructions from outside
 *  - `allocate N`: N warm slices, then N more; prints what those allocated and retained
 */
import { getHeapStatistics } from 'node:v8';
import { prepare } from './workload.mjs';

const [tree, name, mode, count] = process.argv.slice(2);
const { slice, operations } = await prepare(name, tree);

switch (mode) {
  case 'slices':
    process.on('message', () => {
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
  case 'run':
    for (let i = 0; i < Number(count); i++) slice();
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
  for (let i = 0; i < slices; i++) slice();
  collect();
  const before = memory();
  let { heap } = before;
  let isCollected = false;
  for (let i = 0; i < slices; i++) {
    slice();
    const now = getHeapStatistics().used_heap_size;
    isCollected ||= now < heap;
    heap = now;
  }
  const { external } = memory();
  collect();
  const after = memory();
  return {
    allocated: heap - before.heap + (external - before.external),
    retained: after.heap - before.heap + (after.external - before.external),
    operations: slices * operations,
    isCollected,
  };
}

function memory() {
  return { heap: getHeapStatistics().used_heap_size, external: process.memoryUsage().external };
}

function collect() {
  for (let i = 0; i < 3; i++) globalThis.gc();
}
