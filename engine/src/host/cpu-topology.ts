import { parseCpuList } from './cpu-list.js';
import { HostError } from './host-error.js';
import type { HostRoot } from './host-root.js';

const CPU_FOLDER = '/sys/devices/system/cpu';

/** One hardware thread. */
export interface Cpu {
  /** The kernel's number. */
  readonly id: number;
  /** Of the socket and the core within it. */
  readonly package: number;
  readonly core: number;
  /** NUMA node; 0 where the machine has none. */
  readonly node: number;
}

/**
 * The online CPUs as sysfs tells them (Documentation/ABI/stable/sysfs-devices-system-cpu). Missing topology files, as in
 * some containers, make each CPU a core of its own.
 */
export function readTopology(root: HostRoot): Cpu[] {
  const text = root.read(`${CPU_FOLDER}/online`);
  if (text === undefined || text === '') {
    throw new HostError([
      { where: root.real(`${CPU_FOLDER}/online`), message: 'cannot be read: is /sys mounted?' },
    ]);
  }
  const nodes = new Map<number, number>();
  for (const path of root.glob('/sys/devices/system/node/node*/cpulist')) {
    const node = Number(/node(\d+)\/cpulist$/.exec(path)?.[1]);
    for (const cpu of parseCpuList(root.read(path) ?? '', path)) nodes.set(cpu, node);
  }
  return parseCpuList(text, `${CPU_FOLDER}/online`).map((id) => {
    const topology = `${CPU_FOLDER}/cpu${id}/topology`;
    // ARM guests without a described socket answer -1.
    const socket = numberAt(root, `${topology}/physical_package_id`) ?? 0;
    const core = numberAt(root, `${topology}/core_id`) ?? id;
    return { id, package: Math.max(0, socket), core, node: nodes.get(id) ?? 0 };
  });
}

function numberAt(root: HostRoot, path: string): number | undefined {
  const text = root.read(path);
  return text !== undefined && /^-?\d+$/.test(text) ? Number(text) : undefined;
}
