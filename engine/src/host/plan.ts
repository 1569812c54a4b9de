import { whyNot } from './conditions.js';
import type { ActiveKnob } from './drop-ins.js';
import { commandsOf } from './host-commands.js';
import { HostError } from './host-error.js';
import { HostRoot } from './host-root.js';
import { KINDS } from './kinds/index.js';
import { ABSENT, type Knob } from './knob-schema.js';
import { loadKnobs } from './knob-table.js';
import { chooseProfile, discoverMachine, machineVariables, type Profile } from './machine.js';
import { type Finding, type HostContext, withVariables } from './setting.js';

/**
 * - `right`: in force, and stored where it has to be.
 * - `change`: `tune` can set it on the running machine.
 * - `store`: in force, but the next boot would not have it: `tune` stores it.
 * - `reboot`: stored; only a boot brings it into force.
 * - `skipped`: does not concern this machine.
 */
export type SettingState = 'right' | 'change' | 'store' | 'reboot' | 'skipped';

/** One line of a plan. */
export interface PlannedSetting {
  readonly knob: Knob;
  readonly state: SettingState;
  readonly place: string;
  readonly wanted: string;
  /** In force now; undefined when the machine has no such place. */
  readonly current: string | undefined;
  /** Why it is as `state` says; empty for what is right. */
  readonly why: string;
  readonly finding?: Finding;
}

export interface HostPlan {
  readonly profile: Profile;
  readonly context: HostContext;
  readonly settings: readonly PlannedSetting[];
  /** The knobs that concern this machine. */
  readonly active: readonly ActiveKnob[];
  /** All knobs of the table. */
  readonly knobs: readonly Knob[];
}

export interface PlanOptions {
  /** Prefix of the machine's files; `/` is this machine. */
  readonly root?: string | undefined;
  /** Folder of the host files. */
  readonly files: string;
  /** Instead of the one `host.env` names. */
  readonly profile?: string | undefined;
}

/** Compares a machine with the knob table. Reads only. */
export function planHost(options: PlanOptions): HostPlan {
  const root = new HostRoot(options.root);
  const knobs = loadKnobs(options.files);
  const machine = discoverMachine(root);
  const profile = chooseProfile(machine, options.profile);
  const variables = machineVariables(machine);
  const context: HostContext = { root, run: commandsOf(root), machine, variables, files: options.files };

  const active: ActiveKnob[] = [];
  const settings = knobs.flatMap((knob): PlannedSetting[] => {
    const target = withVariables(knob.target, variables, `${knob.id}: target`);
    const excluded = whyNot({ ...knob, target }, machine, root);
    const wanted =
      excluded === undefined
        ? withVariables(knob.wanted[profile], variables, `${knob.id}: wanted`)
        : knob.wanted[profile];
    if (excluded === undefined && wanted !== ABSENT) {
      active.push({ knob, wanted });
      const findings = KINDS[knob.kind].inspect(knob, wanted, context);
      return findings.map((finding) => planned(knob, finding));
    }
    return leftovers(knob, excluded ?? `not in profile ${profile}`, context);
  });
  refuseRivals(active);
  return { profile, context, settings, active, knobs };
}

/** What a knob that does not apply may have left behind, by another profile or on another machine of the same image. */
function leftovers(knob: Knob, why: string, context: HostContext): PlannedSetting[] {
  const skipped = {
    knob,
    state: 'skipped',
    place: knob.target,
    wanted: '',
    current: undefined,
    why,
  } as const;
  if (!Object.values(knob.wanted).includes(ABSENT) && knob.kind !== 'kernel-cmdline') return [skipped];
  const findings = KINDS[knob.kind].inspect(knob, ABSENT, context);
  const wrong = findings.filter(({ right, stored, beyond }) => !beyond && !(right && stored !== false));
  return wrong.length === 0 ? [skipped] : wrong.map((finding) => planned(knob, finding, why));
}

function planned(knob: Knob, finding: Finding, because?: string): PlannedSetting {
  const { place, wanted, current, right, stored, beyond, waits } = finding;
  const row = (state: SettingState, why: string): PlannedSetting => ({
    knob,
    state,
    place,
    wanted,
    current,
    why: because === undefined ? why : `${why} (${because})`,
    finding,
  });
  if (beyond !== undefined && !right) return row('skipped', beyond);
  if (waits !== undefined && !right) return row('reboot', waits);
  if (right && stored !== false) return row('right', '');
  if (knob.effect === 'reboot') {
    if (right) return row('store', 'in force, but not stored for the next boot');
    return stored === true
      ? row('reboot', 'stored; takes effect at the next boot')
      : row('store', 'not stored; needs a reboot after that');
  }
  if (right) return row('store', 'in force, but not stored for the next boot');
  return row(
    'change',
    current === undefined ? 'the machine has no such setting' : 'another value is in force',
  );
}

/** Two knobs with different conditions may both hold on an odd machine: then neither value is the right one. */
function refuseRivals(active: readonly ActiveKnob[]): void {
  const seen = new Map<string, string>();
  for (const { knob } of active) {
    const place = `${knob.kind} ${knob.target}`;
    const rival = seen.get(place);
    if (rival !== undefined) {
      throw new HostError([
        { where: knob.id, message: `and ${rival} both apply here and set ${knob.target}` },
      ]);
    }
    seen.set(place, knob.id);
  }
}
