import { describe, expect, it } from '@jest/globals';
import { callTree, functions } from '../../profile/call-tree.mjs';
import { byRoom } from '../../profile/rooms.mjs';

const ROOT = new URL('../../..', import.meta.url).href;
const frame = (functionName, url = '', lineNumber = 0) => ({ functionName, url, lineNumber });
const engine = (name, path, line) => frame(name, `${ROOT}engine/dist/${path}`, line);

/** root -> apply (twice, told apart by V8) -> risk, which calls itself; root -> waiting. */
const PROFILE = {
  nodes: [
    { id: 1, callFrame: frame('(root)'), children: [2, 3, 6] },
    { id: 2, callFrame: engine('apply', 'kernel/kernel.js', 9), children: [4] },
    { id: 3, callFrame: engine('apply', 'kernel/kernel.js', 9) },
    { id: 4, callFrame: engine('check', 'risk/gate.js', 0), children: [5] },
    { id: 5, callFrame: engine('check', 'risk/gate.js', 0) },
    { id: 6, callFrame: frame('(idle)') },
  ],
  //        the last sample has no time after it
  samples: [2, 4, 5, 6, 3, 2],
  timeDeltas: [7, 100, 20, 30, 1_000, 50],
};

describe('a profile', () => {
  const { tree, busyUs, idleUs } = callTree(PROFILE);

  it('gives each sample the time until the next one, and waiting apart', () => {
    expect({ busyUs, idleUs }).toEqual({ busyUs: 100 + 20 + 30 + 50, idleUs: 1_000 });
  });

  it('is one tree, a function once under each caller', () => {
    expect(tree.children).toHaveLength(1);
    expect(tree.children[0]).toMatchObject({ name: 'apply kernel/kernel.js:10', value: 200, self: 150 });
    expect(tree.children[0].children[0]).toMatchObject({ name: 'check risk/gate.js:1', value: 50, self: 20 });
  });

  it('tells time in functions themselves and with calls, recursion once', () => {
    expect(functions(tree)).toEqual([
      { name: 'apply kernel/kernel.js:10', selfUs: 150, totalUs: 200 },
      { name: 'check risk/gate.js:1', selfUs: 50, totalUs: 50 },
    ]);
  });

  it('is told by room', () => {
    const others = [
      { name: '(garbage collector)', selfUs: 5 },
      { name: 'write node:net:1', selfUs: 2 },
      { name: 'slice benchmarks/gate/workloads/kernel.mjs:15', selfUs: 1 },
    ];
    expect(byRoom([...functions(tree), ...others])).toEqual([
      ['kernel', 150],
      ['risk', 50],
      ['(garbage collector)', 5],
      ['other', 3],
    ]);
  });
});
