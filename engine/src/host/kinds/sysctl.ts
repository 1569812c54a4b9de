import { readDropIn, SYSCTL_DROP_IN } from '../drop-ins.js';
import type { SettingKind } from '../setting.js';

/** A kernel parameter below `/proc/sys`, kept over boots in one sysctl.d file. */
export const sysctl: SettingKind = {
  inspect: (knob, wanted, { root }) => {
    const current = root.read(path(knob.target));
    return [
      {
        place: knob.target,
        wanted,
        current: current === undefined ? undefined : words(current),
        right: current !== undefined && words(current) === words(wanted),
        stored: readDropIn(root, SYSCTL_DROP_IN).get(knob.target) === wanted,
      },
    ];
  },
  apply: (knob, { wanted }, { root }) => root.write(path(knob.target), `${wanted}\n`),
};

function path(key: string): string {
  return `/proc/sys/${key.replaceAll('.', '/')}`;
}

/** The kernel separates numbers by tabs. */
function words(text: string): string {
  return text.trim().replace(/\s+/g, ' ');
}
