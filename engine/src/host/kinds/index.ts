/** Handlers of settings, one per kind of knob: each reads what is in force and, where that works, changes it. */
import type { KnobKind } from '../knob-schema.js';
import type { SettingKind } from '../setting.js';
import { chrony } from './chrony.js';
import { ethtool } from './ethtool.js';
import { file } from './file.js';
import { irqAffinity } from './irq-affinity.js';
import { kernelCmdline } from './kernel-cmdline.js';
import { limits } from './limits.js';
import { moduleOption } from './module-option.js';
import { service } from './service.js';
import { sysctl } from './sysctl.js';
import { sysfs } from './sysfs.js';

export const KINDS: Readonly<Record<KnobKind, SettingKind>> = {
  sysctl,
  sysfs,
  'kernel-cmdline': kernelCmdline,
  'module-option': moduleOption,
  service,
  ethtool,
  'irq-affinity': irqAffinity,
  limits,
  file,
  chrony,
};
