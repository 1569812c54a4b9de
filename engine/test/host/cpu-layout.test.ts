import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Cpu, computeLayout, FEWEST_CORES_TO_ISOLATE } from '../../src/host/index.js';

interface Topology {
  readonly cpus: readonly Cpu[];
  readonly threads: number;
}

/** Any machine: sockets, NUMA nodes, threads numbered together or apart, and some CPUs offline. */
const topologies: fc.Arbitrary<Topology> = fc
  .record({
    packages: fc.integer({ min: 1, max: 4 }),
    nodesPerPackage: fc.integer({ min: 1, max: 2 }),
    coresPerNode: fc.integer({ min: 1, max: 24 }),
    threads: fc.integer({ min: 1, max: 4 }),
    together: fc.boolean(),
    offline: fc.array(fc.nat({ max: 400 }), { maxLength: 20 }),
  })
  .map(({ packages, nodesPerPackage, coresPerNode, threads, together, offline }) => {
    const cores = packages * nodesPerPackage * coresPerNode;
    const cpus: Cpu[] = [];
    for (let index = 0; index < cores; index++) {
      const node = Math.floor(index / coresPerNode);
      for (let thread = 0; thread < threads; thread++) {
        const id = together ? index * threads + thread : thread * cores + index;
        // CPU 0 cannot go offline.
        if (id !== 0 && offline.includes(id)) continue;
        cpus.push({ id, package: Math.floor(node / nodesPerPackage), core: index, node });
      }
    }
    return { cpus, threads };
  });
const wishes = fc.record({
  smtOff: fc.boolean(),
  networkNode: fc.option(fc.integer({ min: 0, max: 9 }), { nil: undefined }),
});
const anyLayout = (
  check: (topology: Topology, layout: ReturnType<typeof computeLayout>, smtOff: boolean) => void,
) =>
  fc.assert(
    fc.property(topologies, wishes, (topology, wish) =>
      check(topology, computeLayout(topology.cpus, wish), wish.smtOff),
    ),
    { numRuns: 500 },
  );
const coreOf = (cpu: Cpu) => `${cpu.package}:${cpu.node}:${cpu.core}`;

describe('the CPU layout of any machine', () => {
  it('gives every online CPU to exactly one set', () => {
    anyLayout(({ cpus }, { isolated, housekeeping, siblingsOff }) => {
      const all = [...isolated, ...housekeeping, ...siblingsOff];
      expect(new Set(all).size).toBe(all.length);
      expect([...all].sort((a, b) => a - b)).toEqual(cpus.map(({ id }) => id).sort((a, b) => a - b));
    });
  });

  it('keeps core 0 and at least one CPU for housekeeping', () => {
    anyLayout((_, { housekeeping }) => {
      expect(housekeeping).toContain(0);
    });
  });

  it('never splits the threads of a core', () => {
    anyLayout(({ cpus }, { isolated, housekeeping }) => {
      const isolatedCores = new Set(cpus.filter(({ id }) => isolated.includes(id)).map(coreOf));
      const kept = cpus.filter(({ id }) => housekeeping.includes(id)).map(coreOf);
      expect(kept.filter((core) => isolatedCores.has(core))).toEqual([]);
    });
  });

  it('interrupts housekeeping CPUs only, and core 0 only when there is no other', () => {
    anyLayout(({ cpus }, { housekeeping, interrupts }) => {
      expect(interrupts.length).toBeGreaterThan(0);
      expect(interrupts.filter((cpu) => !housekeeping.includes(cpu))).toEqual([]);
      const core0 = cpus.filter((cpu) => coreOf(cpu) === coreOf(cpus.find(({ id }) => id === 0)!));
      if (housekeeping.length > core0.length) expect(interrupts).not.toContain(0);
    });
  });

  it('trades on an isolated CPU, and isolates nothing on a small machine', () => {
    anyLayout(({ cpus }, { isolated, trading }) => {
      const cores = new Set(cpus.map(coreOf)).size;
      expect(isolated.length > 0).toBe(cores >= FEWEST_CORES_TO_ISOLATE);
      if (trading === undefined) expect(isolated).toEqual([]);
      else expect(isolated).toContain(trading);
    });
  });

  it('leaves one thread of each core where SMT goes off, and is the same once it is off', () => {
    anyLayout(({ cpus }, layout, smtOff) => {
      if (!smtOff) return expect(layout.siblingsOff).toEqual([]);
      const left = cpus.filter(({ id }) => !layout.siblingsOff.includes(id));
      expect(new Set(left.map(coreOf)).size).toBe(left.length);
      const after = computeLayout(left, { smtOff: true });
      expect({ ...after, trading: 0, interrupts: [] }).toEqual({
        ...layout,
        siblingsOff: [],
        trading: 0,
        interrupts: [],
      });
    });
  });
});

describe('the CPU layout of known machines', () => {
  const machine = (cores: number, threads: number, nodes = 1): Cpu[] =>
    Array.from({ length: cores * threads }, (_, id) => {
      const core = id % cores;
      const node = Math.floor((core * nodes) / cores);
      return { id, package: node, core, node };
    });

  it.each<[string, number, number, string, string]>([
    ['one core', 1, 1, '0', ''],
    ['two cores', 2, 1, '0,1', ''],
    ['two cores of two threads', 2, 2, '0,1,2,3', ''],
    ['four cores', 4, 1, '0,1', '2,3'],
    ['four cores of two threads', 4, 2, '0,1,4,5', '2,3,6,7'],
    ['eight cores', 8, 1, '0,1', '2,3,4,5,6,7'],
  ])('%s', (_, cores, threads, housekeeping, isolated) => {
    const layout = computeLayout(machine(cores, threads), { smtOff: false });
    expect([layout.housekeeping.join(), layout.isolated.join()]).toEqual([housekeeping, isolated]);
  });

  it('c7i.metal-48xl: 96 cores of two threads on two sockets, the card on the second', () => {
    const layout = computeLayout(machine(96, 2, 2), { smtOff: true, networkNode: 1 });
    expect(layout.housekeeping).toEqual([0, 1, 2, 3, 48, 49, 50, 51]);
    expect(layout.interrupts).toEqual([48, 49, 50, 51]);
    expect(layout.trading).toBe(52);
    expect(layout.isolated).toHaveLength(88);
    expect(layout.siblingsOff).toEqual(Array.from({ length: 96 }, (_, i) => 96 + i));
  });
});
