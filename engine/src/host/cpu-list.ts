import { HostError } from './host-error.js';

/** The kernel's own bound on CPU numbers; more is a damaged text, not a machine. */
const HIGHEST_CPU = 8_191;

/** The CPUs of a kernel list such as `0-3,8`, in ascending order. */
export function parseCpuList(text: string, where = 'CPU list'): number[] {
  const cpus = new Set<number>();
  for (const part of text
    .trim()
    .split(',')
    .filter((piece) => piece !== '')) {
    const match = /^(\d{1,4})(?:-(\d{1,4}))?$/.exec(part);
    const first = Number(match?.[1]);
    const last = Number(match?.[2] ?? match?.[1]);
    if (match === null || last < first || last > HIGHEST_CPU) {
      throw new HostError([{ where, message: `"${part}" is no CPU or range of CPUs such as 3 or 0-3` }]);
    }
    for (let cpu = first; cpu <= last; cpu++) cpus.add(cpu);
  }
  return ascending(cpus);
}

/** As the kernel writes it: `0-3,8`. */
export function formatCpuList(cpus: Iterable<number>): string {
  const parts: string[] = [];
  let first = -1;
  let last = -1;
  const close = () => {
    if (first >= 0) parts.push(first === last ? `${first}` : `${first}-${last}`);
  };
  for (const cpu of ascending(cpus)) {
    if (cpu !== last + 1 || first < 0) {
      close();
      first = cpu;
    }
    last = cpu;
  }
  close();
  return parts.join(',');
}

/** As the kernel's masks are written: hexadecimal words of 32 CPUs, the highest first, `ff,ffffffff`. */
export function formatCpuMask(cpus: Iterable<number>): string {
  let mask = 0n;
  for (const cpu of cpus) mask |= 1n << BigInt(cpu);
  const hex = mask.toString(16);
  const words: string[] = [];
  for (let end = hex.length; end > 0; end -= 8) words.unshift(hex.slice(Math.max(0, end - 8), end));
  return words.join(',');
}

/** The CPUs of a mask as {@link formatCpuMask} writes it; leading zeros are the kernel's habit. */
export function parseCpuMask(text: string, where = 'CPU mask'): number[] {
  const hex = text.trim().replaceAll(',', '');
  if (!/^[0-9a-f]+$/i.test(hex)) {
    throw new HostError([{ where, message: `"${text.trim()}" is no hexadecimal CPU mask such as ff` }]);
  }
  const cpus: number[] = [];
  let mask = BigInt(`0x${hex}`);
  for (let cpu = 0; mask > 0n; cpu++, mask >>= 1n) if (mask & 1n) cpus.push(cpu);
  return cpus;
}

export function ascending(cpus: Iterable<number>): number[] {
  return [...new Set(cpus)].sort((a, b) => a - b);
}
