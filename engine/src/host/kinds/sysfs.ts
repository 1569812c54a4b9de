import { formatCpuList, parseCpuList, parseCpuMask } from '../cpu-list.js';
import type { SettingKind } from '../setting.js';

/** Files of `/sys` and `/proc` that the kernel forgets at each boot: set anew by every `tune`. */
export const sysfs: SettingKind = {
  inspect: (knob, wanted, { root }) => {
    const paths = root.glob(knob.target);
    if (paths.length === 0) return [{ place: knob.target, wanted, current: undefined, right: false }];
    return paths.map((place) => {
      const text = root.read(place);
      const current = text === undefined ? undefined : chosen(text);
      return { place, wanted, current, right: current !== undefined && same(place, current, wanted) };
    });
  },
  apply: (_, { place, wanted }, { root }) => root.write(place, `${wanted}\n`),
};

/** Of `always [madvise] never` the bracketed word is in force. */
function chosen(text: string): string {
  return /\[([^\]]+)\]/.exec(text)?.[1] ?? text.trim();
}

function same(place: string, current: string, wanted: string): boolean {
  if (current === wanted) return true;
  // A machine without SMT, or whose firmware has it off, has nothing to switch off.
  if (place.endsWith('/smt/control')) return wanted === 'off' && /^(forceoff|notsupported)$/.test(current);
  if (/cpumask$|smp_affinity$/.test(place)) {
    return formatCpuList(parseCpuMask(current, place)) === formatCpuList(parseCpuMask(wanted, place));
  }
  if (/_affinity_list$/.test(place)) {
    return formatCpuList(parseCpuList(current, place)) === formatCpuList(parseCpuList(wanted, place));
  }
  return false;
}
