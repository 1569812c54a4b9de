import { bootArguments, storeBootArguments } from './boot-loader.js';
import { dropIns } from './drop-ins.js';
import { KINDS } from './kinds/index.js';
import { type HostPlan, type PlannedSetting, type PlanOptions, planHost } from './plan.js';

/** Where scripts that place threads read the CPU layout of this boot. */
export const CPU_LAYOUT = '/run/tradewind/cpu.env';

export interface TuneResult {
  /** What was changed, one line each. */
  readonly changes: readonly string[];
  /** What the machine refused, with the knob. */
  readonly failures: readonly { readonly knob: string; readonly message: string }[];
  /** The machine as it is now. */
  readonly after: HostPlan;
  /** Settings that are stored and wait for a boot. */
  readonly awaitingReboot: readonly PlannedSetting[];
}

/**
 * Makes the machine what the knob table says, as far as that goes without a boot. Running it again changes nothing. One
 * setting that fails does not keep the others from being set.
 */
export function tuneHost(options: PlanOptions): TuneResult {
  const plan = planHost(options);
  const changes: string[] = [];
  const failures: { knob: string; message: string }[] = [];
  const attempt = (knob: string, work: () => void) => {
    try {
      work();
    } catch (error) {
      failures.push({ knob, message: error instanceof Error ? error.message : String(error) });
    }
  };
  for (const setting of plan.settings) {
    const { knob, state, finding, place, wanted, current } = setting;
    const { apply } = KINDS[knob.kind];
    const runs = state === 'change' || (state === 'store' && knob.kind === 'service');
    if (!runs || apply === undefined || finding === undefined) continue;
    attempt(knob.id, () => {
      if (current === undefined) throw new Error(`${place}: the machine has no such setting`);
      apply(knob, finding, plan.context);
      changes.push(`${place}: ${current} -> ${wanted}`);
    });
  }
  storeFiles(plan, changes, attempt);
  const after = planHost(options);
  reportUnmoved(after, failures);
  const awaitingReboot = after.settings.filter(({ state }) => state === 'reboot');
  return { changes, failures, after, awaitingReboot };
}

function storeFiles(
  plan: HostPlan,
  changes: string[],
  attempt: (knob: string, work: () => void) => void,
): void {
  const { root } = plan.context;
  for (const [path, text] of [...dropIns(plan.active), [CPU_LAYOUT, cpuLayoutText(plan)] as const]) {
    if (root.readWhole(path) === text) continue;
    attempt(path, () => {
      if (text === undefined) root.remove(path);
      else root.write(path, text);
      changes.push(`${path}: ${text === undefined ? 'removed' : 'written'}`);
    });
  }
  if (bootArguments(plan.context) === undefined) return;
  const boots = (kind: string) => kind === 'kernel-cmdline';
  const wanted = plan.active.filter(({ knob }) => boots(knob.kind));
  const managed = plan.knobs.filter(({ kind }) => boots(kind)).map(({ target }) => target);
  attempt('kernel-cmdline', () => {
    const stored = storeBootArguments(
      plan.context,
      new Map(wanted.map(({ knob, wanted: value }) => [knob.target, value])),
      managed,
    );
    changes.push(...stored.map((path) => `${path}: kernel command line written`));
  });
}

/** The kernel may take a write and keep its own mind. */
function reportUnmoved(after: HostPlan, failures: { knob: string; message: string }[]): void {
  for (const { knob, state, place, wanted, current } of after.settings) {
    if (state !== 'change' || failures.some((failure) => failure.knob === knob.id)) continue;
    const now = current ?? 'no such setting';
    failures.push({ knob: knob.id, message: `${place}: is still ${now} after it was set to ${wanted}` });
  }
}

function cpuLayoutText({ context }: HostPlan): string {
  const { layout } = context.machine;
  const value = (name: string) => context.variables.get(name)!;
  return [
    '# Written by `tradewind host tune`: the CPUs of this boot.',
    `TRADEWIND_TRADING_CPU=${layout.trading ?? ''}`,
    `TRADEWIND_ISOLATED_CPUS=${value('isolatedCpus')}`,
    `TRADEWIND_HOUSEKEEPING_CPUS=${value('housekeepingCpus')}`,
    '',
  ].join('\n');
}
