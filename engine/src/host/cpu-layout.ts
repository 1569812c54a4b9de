import { ascending } from './cpu-list.js';
import type { Cpu } from './cpu-topology.js';

/** Which CPUs of a machine do what. Every online CPU is either isolated or housekeeping. */
export interface CpuLayout {
  /** Kept free of everything but trading threads. Empty on a machine too small to give any away. */
  readonly isolated: readonly number[];
  /** The operating system, interrupts, and every thread of the engine that is not the trading one. */
  readonly housekeeping: readonly number[];
  /** Housekeeping CPUs that take the network card's interrupts; apart from core 0 where there is another. */
  readonly interrupts: readonly number[];
  /** Where the trading thread goes: the isolated CPU nearest to the network card; undefined without isolated ones. */
  readonly trading: number | undefined;
  /** SMT siblings that go offline; part of neither set. */
  readonly siblingsOff: readonly number[];
}

export interface LayoutWish {
  /** Only the first thread of each core stays online. */
  readonly smtOff: boolean;
  /** NUMA node of the network card; undefined when unknown. */
  readonly networkNode?: number | undefined;
}

/** Below this many cores nothing is isolated: half a machine for the operating system alone would cost more than it gives. */
export const FEWEST_CORES_TO_ISOLATE = 4;

/** Physical cores left to housekeeping. Steps, not a share: what the system needs grows slower than machines do. */
export function housekeepingCores(cores: number): number {
  if (cores < FEWEST_CORES_TO_ISOLATE) return cores;
  if (cores < 16) return 2;
  if (cores < 48) return 4;
  return cores <= 96 ? 8 : 16;
}

/**
 * Splits a machine's CPUs by whole cores, so that no trading thread shares one with anything. Core 0 is housekeeping, as
 * the kernel binds work of its own there; further housekeeping cores are taken from each NUMA node in turn.
 */
export function computeLayout(cpus: readonly Cpu[], wish: LayoutWish): CpuLayout {
  const cores = coresOf(cpus);
  const siblingsOff = wish.smtOff ? cores.flatMap((core) => core.cpus.slice(1)) : [];
  const online = cores.map((core) => ({ ...core, cpus: wish.smtOff ? core.cpus.slice(0, 1) : core.cpus }));
  const kept = takeInTurn(online, housekeepingCores(online.length));
  const rest = online.filter((core) => !kept.includes(core));
  const idsOf = (some: readonly Core[]) => ascending(some.flatMap((core) => core.cpus));

  const near = (core: Core) => wish.networkNode === undefined || core.node === wish.networkNode;
  const apart = kept.slice(1);
  const interruptCores = [apart.filter(near), apart].find((some) => some.length > 0) ?? kept;
  const isolated = idsOf(rest);
  return {
    isolated,
    housekeeping: idsOf(kept),
    interrupts: idsOf(interruptCores),
    trading: idsOf(rest.filter(near))[0] ?? isolated[0],
    siblingsOff: ascending(siblingsOff),
  };
}

interface Core {
  readonly node: number;
  /** Its threads, ascending. */
  readonly cpus: readonly number[];
}

/** Physical cores by their lowest thread, the first of them being the one with the lowest CPU. */
function coresOf(cpus: readonly Cpu[]): Core[] {
  const byCore = new Map<string, Cpu[]>();
  for (const cpu of [...cpus].sort((a, b) => a.id - b.id)) {
    const key = `${cpu.package}:${cpu.core}:${cpu.node}`;
    const threads = byCore.get(key);
    if (threads === undefined) byCore.set(key, [cpu]);
    else threads.push(cpu);
  }
  return [...byCore.values()].map((threads) => ({
    node: threads[0]!.node,
    cpus: threads.map(({ id }) => id),
  }));
}

/** `count` cores, the first of all first, then one of each NUMA node in turn. */
function takeInTurn(cores: readonly Core[], count: number): Core[] {
  const first = cores[0]?.node;
  const nodes = [...new Set(cores.map(({ node }) => node))].sort((a, b) =>
    a === first ? -1 : b === first ? 1 : a - b,
  );
  const queues = nodes.map((node) => cores.filter((core) => core.node === node));
  const taken: Core[] = [];
  for (let i = 0; taken.length < Math.min(count, cores.length); i++) {
    const next = queues[i % queues.length]!.shift();
    if (next !== undefined) taken.push(next);
  }
  return taken;
}
