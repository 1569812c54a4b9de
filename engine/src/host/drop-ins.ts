import type { HostRoot } from './host-root.js';
import { ABSENT, type Knob } from './knob-schema.js';

export const SYSCTL_DROP_IN = '/etc/sysctl.d/60-tradewind.conf';
export const MODULE_DROP_IN = '/etc/modprobe.d/60-tradewind.conf';
export const LIMITS_DROP_IN = '/etc/security/limits.d/60-tradewind.conf';

const HEADER = '# Written by `tradewind host tune` from the knob table: changes here are overwritten.\n';

/** A knob that applies to this machine, with its value. */
export interface ActiveKnob {
  readonly knob: Knob;
  readonly wanted: string;
}

/** The files that hold several settings at once, with their whole text. One that would be empty is to be removed. */
export function dropIns(active: readonly ActiveKnob[]): ReadonlyMap<string, string | undefined> {
  const file = (kind: Knob['kind'], line: (target: string, wanted: string) => string) => {
    const lines = active
      .filter(({ knob, wanted }) => knob.kind === kind && wanted !== ABSENT)
      .map(({ knob, wanted }) => line(knob.target, wanted));
    return lines.length === 0 ? undefined : `${HEADER}${lines.join('\n')}\n`;
  };
  return new Map([
    [SYSCTL_DROP_IN, file('sysctl', (key, value) => `${key} = ${value}`)],
    [MODULE_DROP_IN, file('module-option', (option, value) => `options ${spaced(option)}=${value}`)],
    [
      LIMITS_DROP_IN,
      file('limits', (limit, value) => {
        const [who, what] = spaced(limit).split(' ');
        return `${who} - ${what} ${value}`;
      }),
    ],
  ]);
}

/** The settings such a file holds, by target. */
export function readDropIn(root: HostRoot, path: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const line of (root.read(path) ?? '').split('\n')) {
    const match =
      path === SYSCTL_DROP_IN
        ? /^([\w.-]+) = (.*)$/.exec(line)
        : path === MODULE_DROP_IN
          ? /^options (\w+ \w+)=(.*)$/.exec(line)
          : /^(\S+) - (\S+) (\S+)$/.exec(line);
    if (match === null) continue;
    if (path === LIMITS_DROP_IN) found.set(`${match[1]}.${match[2]}`, match[3]!);
    else found.set(match[1]!.replace(' ', '.'), match[2]!);
  }
  return found;
}

function spaced(target: string): string {
  return target.replace('.', ' ');
}
