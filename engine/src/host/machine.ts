import { type CpuLayout, computeLayout } from './cpu-layout.js';
import { formatCpuList, formatCpuMask } from './cpu-list.js';
import { type Cpu, readTopology } from './cpu-topology.js';
import { HostError } from './host-error.js';
import type { HostRoot } from './host-root.js';

export const PROFILES = ['audited', 'max-speed'] as const;
export type Profile = (typeof PROFILES)[number];

/** Distributions whose places for files and names of services are known. */
export type Family = 'debian' | 'amazon-linux' | 'other';

/** What a machine is, as far as settings depend on it. */
export interface Machine {
  readonly kernel: string;
  readonly arch: 'x86_64' | 'arm64' | 'other';
  readonly family: Family;
  readonly metal: boolean;
  readonly intel: boolean;
  /** EC2 instance type, or what the firmware calls the machine; empty when it does not say. */
  readonly product: string;
  readonly memoryBytes: number;
  /** Network interfaces driven by the ENA driver. */
  readonly enaInterfaces: readonly string[];
  /** Path of a PTP clock device of the ENA driver, if there is one and `host.env` does not want NTP. */
  readonly ptpDevice: string | undefined;
  readonly cpus: readonly Cpu[];
  /** Whether cores have more than one thread that the kernel may switch off. */
  readonly smtPresent: boolean;
  readonly layout: CpuLayout;
  /** `/etc/tradewind/host.env`. */
  readonly environment: ReadonlyMap<string, string>;
}

export const HOST_ENVIRONMENT = '/etc/tradewind/host.env';

/** Looks at the machine below `root`. Reads only. */
export function discoverMachine(root: HostRoot): Machine {
  const environment = readEnvironment(root);
  const product = root.read('/sys/class/dmi/id/product_name') ?? '';
  const cpuInfo = root.read('/proc/cpuinfo') ?? '';
  const arch = architecture(cpuInfo);
  // Amazon's metal types say so in their name; elsewhere an x86 guest is told by its hypervisor flag.
  const metal =
    /\.metal\b/.test(product) ||
    (arch === 'x86_64' && !/^flags\s*:.*\bhypervisor\b/m.test(cpuInfo) && cpuInfo !== '');
  const cpus = readTopology(root);
  const smt = root.read('/sys/devices/system/cpu/smt/control');
  const smtPresent = smt === 'on' || smt === 'off';
  const enaInterfaces = root
    .list('/sys/class/net')
    .filter((name) => root.linkName(`/sys/class/net/${name}/device/driver`) === 'ena');
  const node = Number(root.read(`/sys/class/net/${enaInterfaces[0]}/device/numa_node`) ?? -1);
  return {
    kernel: root.read('/proc/sys/kernel/osrelease') ?? '',
    arch,
    family: familyOf(root.read('/etc/os-release') ?? ''),
    metal,
    intel: cpuInfo.includes('GenuineIntel'),
    product,
    memoryBytes: memoryBytes(root),
    enaInterfaces,
    ptpDevice: environment.get('TRADEWIND_CLOCK') === 'ntp' ? undefined : ptpDevice(root),
    cpus,
    smtPresent,
    // Computed as if siblings were off where they go off, so that it is the same before and after.
    layout: computeLayout(cpus, {
      smtOff: metal && smtPresent,
      networkNode: node >= 0 ? node : undefined,
    }),
    environment,
  };
}

/** The profile in force: the one named, or else the one of `host.env`, or else `audited`. */
export function chooseProfile(machine: Machine, named?: string): Profile {
  const text = named ?? machine.environment.get('TRADEWIND_PROFILE') ?? 'audited';
  const profile = PROFILES.find((known) => known === text);
  if (profile === undefined) {
    const where = named === undefined ? `${HOST_ENVIRONMENT}: TRADEWIND_PROFILE` : '--profile';
    throw new HostError([{ where, message: `"${text}" is no profile: use ${PROFILES.join(' or ')}` }]);
  }
  return profile;
}

const MIB = 1024 * 1024;
const HUGE_PAGE_BYTES = 2 * MIB;

/** Values that settings may name as `$name`: all that depends on the machine. */
export function machineVariables(machine: Machine): ReadonlyMap<string, string> {
  const { layout, environment, family } = machine;
  const debian = family !== 'amazon-linux';
  return new Map([
    ['isolatedCpus', formatCpuList(layout.isolated)],
    ['isolatedMask', formatCpuMask(layout.isolated)],
    ['housekeepingCpus', formatCpuList(layout.housekeeping)],
    ['housekeepingMask', formatCpuMask(layout.housekeeping)],
    ['interruptCpus', formatCpuList(layout.interrupts)],
    ['interruptCpuCount', String(layout.interrupts.length)],
    ['hugepages', String(hugePages(machine))],
    ['minFreeKib', String(minFreeKib(machine.memoryBytes))],
    ['chronyConf', debian ? '/etc/chrony/chrony.conf' : '/etc/chrony.conf'],
    ['chronyService', debian ? 'chrony.service' : 'chronyd.service'],
    ['nftablesConf', debian ? '/etc/nftables.conf' : '/etc/sysconfig/nftables.conf'],
    ['sshService', debian ? 'ssh.service' : 'sshd.service'],
    ['ptpDevice', machine.ptpDevice ?? ''],
    ['environment', environment.get('TRADEWIND_ENVIRONMENT') ?? 'local'],
    ['host', environment.get('TRADEWIND_HOST') ?? 'primary'],
  ]);
}

/** Pages of 2 MiB that somebody asked for in `host.env`, at most a quarter of the memory. */
function hugePages({ environment, memoryBytes: total }: Machine): number {
  const text = environment.get('TRADEWIND_HUGEPAGES_MB') ?? '0';
  if (!/^\d{1,9}$/.test(text)) {
    const where = `${HOST_ENVIRONMENT}: TRADEWIND_HUGEPAGES_MB`;
    throw new HostError([{ where, message: `"${text}" is no whole number of MiB` }]);
  }
  return Math.floor(Math.min(Number(text) * MIB, total / 4) / HUGE_PAGE_BYTES);
}

/** 1 % of memory between 64 MiB and 1 GiB, but never more than 5 %: small machines need theirs. */
function minFreeKib(total: number): number {
  const wanted = Math.min(Math.max(total / 100, 64 * MIB), 1024 * MIB, total / 20);
  // Whole MiB, so that the kernel's own rounding of MemTotal between boots changes nothing.
  return Math.floor(wanted / MIB) * 1024;
}

/** KEY=value lines, as a shell or systemd reads them; quotes around the whole value are taken off. */
export function readEnvironment(root: HostRoot, path = HOST_ENVIRONMENT): ReadonlyMap<string, string> {
  const variables = new Map<string, string>();
  const problems: { where: string; message: string }[] = [];
  (root.read(path) ?? '').split('\n').forEach((line, i) => {
    if (/^\s*(#|$)/.test(line)) return;
    const match = /^(?:export\s+)?([A-Za-z_]\w*)=(?:"([^"]*)"|'([^']*)'|([^\s"']*))\s*$/.exec(line.trim());
    if (match === null) {
      problems.push({ where: `${path}:${i + 1}`, message: `"${line.trim()}" is no KEY=value line` });
    } else variables.set(match[1]!, match[2] ?? match[3] ?? match[4] ?? '');
  });
  if (problems.length > 0) throw new HostError(problems);
  return variables;
}

function architecture(cpuInfo: string): Machine['arch'] {
  if (/^(?:vendor_id|flags)\s*:/m.test(cpuInfo)) return 'x86_64';
  return /^CPU implementer\s*:/m.test(cpuInfo) ? 'arm64' : 'other';
}

function familyOf(osRelease: string): Family {
  const words = [...osRelease.matchAll(/^(?:ID|ID_LIKE)="?([^"\n]*)"?$/gm)].flatMap((match) =>
    match[1]!.split(' '),
  );
  if (words.includes('amzn')) return 'amazon-linux';
  return words.includes('debian') ? 'debian' : 'other';
}

function memoryBytes(root: HostRoot): number {
  const kib = /^MemTotal:\s+(\d+) kB/m.exec(root.read('/proc/meminfo') ?? '')?.[1];
  return Number(kib ?? 0) * 1024;
}

/** The stable link where a udev rule made one, else the device whose clock the ENA driver names. */
function ptpDevice(root: HostRoot): string | undefined {
  if (root.exists('/dev/ptp_ena')) return '/dev/ptp_ena';
  const name = root
    .list('/sys/class/ptp')
    .find((ptp) => root.read(`/sys/class/ptp/${ptp}/clock_name`)?.startsWith('ena-ptp'));
  return name !== undefined && root.exists(`/dev/${name}`) ? `/dev/${name}` : undefined;
}
