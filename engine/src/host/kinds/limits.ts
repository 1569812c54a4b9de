import { LIMITS_DROP_IN, readDropIn } from '../drop-ins.js';
import { ABSENT } from '../knob-schema.js';
import type { SettingKind } from '../setting.js';

/** A limit of login sessions (pam_limits); services get theirs from their units. */
export const limits: SettingKind = {
  inspect: (knob, wanted, { root }) => {
    const current = readDropIn(root, LIMITS_DROP_IN).get(knob.target) ?? ABSENT;
    return [{ place: knob.target, wanted, current, right: current === wanted, stored: current === wanted }];
  },
};
