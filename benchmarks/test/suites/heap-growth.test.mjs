import { spawnSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import { BUDGETS } from '../../lib/budgets.mjs';
import { NOT_COLLECTED, perMessage } from '../../lib/heap-growth.mjs';
import { row } from '../../lib/report.mjs';

const PLAN = { messages: 250_000, slices: 4 };
const LIB = new URL('../../lib/', import.meta.url);

/** A heap with room for so many bytes, which `garbage` bytes a message fill; collecting leaves nothing of them. */
function heap(room, garbage) {
  return (messages) => {
    const gcs = Math.floor((messages * garbage) / room);
    return Promise.resolve({ bytes: messages * garbage - gcs * room, gcs });
  };
}

describe('what a message leaves on the heap', () => {
  it.each([
    // Once read as 0.5 B a message: what was left after a collection.
    [480, 64],
    [48, 64],
    [48, 4],
    [0.5, 64],
  ])(
    '%d B are found in a young generation of %d MiB, however often it is collected',
    async (garbage, room) => {
      const found = await perMessage(heap(room * 2 ** 20, garbage), PLAN);
      expect(found.perMessage).toEqual(new Array(PLAN.slices).fill(garbage));
      expect(found.messages * garbage).toBeLessThan(room * 2 ** 20);
    },
  );

  it('is not told where everything is collected at once', async () => {
    await expect(perMessage(heap(1_000, 480), PLAN)).rejects.toThrow(/no proof/);
  });

  it('misses the budget for one slice that leaves more', () => {
    const summary = { count: 8, p50: 0.1, p99: 48, max: 48 };
    expect(BUDGETS.allocation.met(row('growth', 'B', summary))).toBe(false);
  });

  it.each([
    [48, 'kept = { a: i, b: i, c: i }'],
    [480, 'kept = new Array(54)'],
  ])('%d B of garbage a step are seen on a real heap', (bytes, step) => {
    const script = `
      import { growthOf, perMessage } from '${LIB}heap-growth.mjs';
      import { MemoryWatch } from '${LIB}memory-watch.mjs';
      const memory = new MemoryWatch();
      let i = 0;
      const step = () => { i = (i + 1) & 1023; globalThis.${step}; };
      for (let n = 0; n < 20_000; n++) step();
      const run = (count) => growthOf(step, count, memory);
      console.log(JSON.stringify(await perMessage(run, { messages: 40_000, slices: 2 })));
      memory.close();`;
    const node = [...NOT_COLLECTED, '--input-type=module', '-e', script];
    const { stdout, stderr } = spawnSync(process.execPath, node, { encoding: 'utf8' });
    expect(stderr).toBe('');
    const { perMessage: found } = JSON.parse(stdout);
    for (const each of found) {
      expect(each).toBeGreaterThan(0.9 * bytes);
      expect(each).toBeLessThan(1.3 * bytes);
    }
  });
});
