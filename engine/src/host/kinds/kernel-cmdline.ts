import { bootArguments } from '../boot-loader.js';
import type { HostRoot } from '../host-root.js';
import { parseArguments } from '../kernel-arguments.js';
import { ABSENT } from '../knob-schema.js';
import type { SettingKind } from '../setting.js';

/** A parameter of the kernel's command line: in force since the last boot, stored for the next in the boot loader. */
export const kernelCmdline: SettingKind = {
  inspect: (knob, wanted, context) => {
    const current = runningArguments(context.root).get(knob.target);
    const stored = bootArguments(context);
    const finding = {
      place: knob.target,
      wanted,
      current: current ?? ABSENT,
      right: (current ?? ABSENT) === wanted,
    };
    if (stored === undefined) {
      return [{ ...finding, beyond: 'no boot loader whose settings can be changed here' }];
    }
    return [{ ...finding, stored: (stored.get(knob.target) ?? ABSENT) === wanted }];
  },
};

function runningArguments(root: HostRoot): ReadonlyMap<string, string> {
  return parseArguments(root.read('/proc/cmdline') ?? '');
}
