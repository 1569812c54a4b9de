import { z } from 'zod';
import { CONDITIONS, type ConditionName } from './conditions.js';
import { PROFILES } from './machine.js';

export const KNOB_KINDS = [
  'sysctl',
  'sysfs',
  'kernel-cmdline',
  'module-option',
  'service',
  'ethtool',
  'irq-affinity',
  'limits',
  'file',
  'chrony',
] as const;
export type KnobKind = (typeof KNOB_KINDS)[number];

/** Stands for "must not be there": only where a setting lives in a file that is ours as a whole. */
export const ABSENT = 'absent';
const MAY_BE_ABSENT: readonly KnobKind[] = ['kernel-cmdline', 'module-option', 'limits'];

const line = z
  .string()
  .trim()
  .min(1)
  .refine((text) => !text.includes('\n'), 'must be one line');
const value = z.union([z.string().min(1), z.number()]).transform(String);
const perProfile = z.strictObject(
  Object.fromEntries(PROFILES.map((profile) => [profile, value])) as Record<
    (typeof PROFILES)[number],
    typeof value
  >,
);

/** The form of a target, by kind. */
const TARGETS: Record<KnobKind, { readonly form: RegExp; readonly example: string }> = {
  sysctl: { form: /^[a-z][a-z0-9_]*(\.[a-z0-9_-]+)+$/, example: 'net.core.busy_poll' },
  sysfs: { form: /^\/(sys|proc)\/[^\s]+$/, example: '/sys/kernel/mm/ksm/run' },
  'kernel-cmdline': { form: /^[a-zA-Z_][\w.-]*$/, example: 'nohz_full' },
  'module-option': { form: /^\w+\.\w+$/, example: 'ena.phc_enable' },
  service: { form: /^(\$\w+|[\w@.-]+\.(service|timer|socket))$/, example: 'irqbalance.service' },
  ethtool: {
    form: /^(ring|channels|coalesce|feature)\.[a-z-]+$/,
    example: 'ring.rx, channels.combined, coalesce.rx-usecs or feature.generic-receive-offload',
  },
  'irq-affinity': { form: /^\w+$/, example: 'ena (a network driver)' },
  limits: { form: /^[\w*@-]+\.(nofile|memlock|rtprio|nproc)$/, example: 'tradewind.nofile' },
  file: { form: /^(\$\w+|\/[^\s]+)$/, example: '/etc/logrotate.d/tradewind' },
  chrony: { form: /^(\$\w+|\/[^\s]+)$/, example: '$chronyConf' },
};

export const knobSchema = z
  .strictObject({
    id: z.string().regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'must be lower-case words joined by -'),
    title: line,
    group: line,
    kind: z.enum(KNOB_KINDS),
    target: line,
    wanted: z.union([value, perProfile]),
    when: z.array(z.enum(Object.keys(CONDITIONS) as [ConditionName, ...ConditionName[]])).default([]),
    effect: z.enum(['now', 'reboot']),
    /** Permissions of an installed file; 0644 unless said. */
    mode: z
      .string()
      .regex(/^0[0-7]{3}$/, 'must be octal such as 0640')
      .optional(),
    /** Commands that make a change of the file felt, in words separated by spaces. */
    afterwards: z.array(line).default([]),
    does: line,
    cost: line,
    source: line,
    /** What the faster profile gives up in security or audit; needed exactly where the profiles differ. */
    relaxes: line.optional(),
  })
  .transform(({ wanted, ...knob }) => ({
    ...knob,
    wanted: typeof wanted === 'string' ? { audited: wanted, 'max-speed': wanted } : wanted,
  }))
  .superRefine((knob, context) => {
    const refuse = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message });
    const { form, example } = TARGETS[knob.kind];
    if (!form.test(knob.target)) {
      refuse('target', `"${knob.target}" is no target of kind ${knob.kind}; such as ${example}`);
    }
    const values = Object.values(knob.wanted);
    const differs = new Set(values).size > 1;
    if (differs && knob.relaxes === undefined) {
      refuse('relaxes', 'is required where profiles differ: what max-speed costs in security or audit');
    }
    if (!differs && knob.relaxes !== undefined) {
      refuse('relaxes', 'is given though both profiles want the same: remove it');
    }
    if (values.includes(ABSENT) && !MAY_BE_ABSENT.includes(knob.kind)) {
      refuse('wanted', `cannot be "${ABSENT}" for kind ${knob.kind}: name the value to go back to`);
    }
    const isFile = knob.kind === 'file' || knob.kind === 'chrony';
    if (!isFile && knob.mode !== undefined) refuse('mode', 'is for files only');
    if (!isFile && knob.afterwards.length > 0) refuse('afterwards', 'is for files only');
    const boots: readonly KnobKind[] = ['kernel-cmdline', 'module-option'];
    if (boots.includes(knob.kind) !== (knob.effect === 'reboot')) {
      refuse('effect', `of kind ${knob.kind} must be ${boots.includes(knob.kind) ? 'reboot' : 'now'}`);
    }
    if (knob.kind === 'service' && !values.every((state) => /^(enabled|disabled|masked)$/.test(state))) {
      refuse('wanted', 'of a service must be enabled, disabled or masked');
    }
  });

/** One setting of a host: what it should be, where, why, and what that costs. */
export type Knob = z.output<typeof knobSchema>;

export const knobTableSchema = z.strictObject({ version: z.literal(1), knobs: z.array(z.unknown()).min(1) });
