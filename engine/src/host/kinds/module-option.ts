import { MODULE_DROP_IN, readDropIn } from '../drop-ins.js';
import { ABSENT } from '../knob-schema.js';
import type { SettingKind } from '../setting.js';

/** An option of a kernel module, taken when it is loaded: at the next boot. */
export const moduleOption: SettingKind = {
  inspect: (knob, wanted, { root }) => {
    const running = root.read(`/sys/module/${knob.target.replace('.', '/parameters/')}`);
    const stored = readDropIn(root, MODULE_DROP_IN).get(knob.target) ?? ABSENT;
    return [
      {
        place: knob.target,
        wanted,
        current: running,
        right:
          wanted === ABSENT ? stored === ABSENT : running !== undefined && truth(running) === truth(wanted),
        stored: stored === wanted,
      },
    ];
  },
};

/** Boolean parameters read back as Y and N. */
function truth(text: string): string {
  return text === 'Y' ? '1' : text === 'N' ? '0' : text;
}
