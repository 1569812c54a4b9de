import type { HostRoot } from './host-root.js';
import type { Machine } from './machine.js';
import { unitExists } from './unit-files.js';

/** Of a knob, what conditions look at. */
interface Subject {
  readonly kind: string;
  /** Without `$names`. */
  readonly target: string;
}

interface Condition {
  /** Why a knob does not apply where this is false. */
  readonly otherwise: string;
  readonly holds: (machine: Machine, root: HostRoot, knob: Subject) => boolean;
}

const condition = (otherwise: string, holds: Condition['holds']): Condition => ({ otherwise, holds });

/** What `when` of a knob may name. */
export const CONDITIONS = {
  metal: condition('not a metal machine', (machine) => machine.metal),
  x86_64: condition('not an x86-64 machine', (machine) => machine.arch === 'x86_64'),
  arm64: condition('not an Arm machine', (machine) => machine.arch === 'arm64'),
  intel: condition('not an Intel processor', (machine) => machine.intel),
  ena: condition('no interface of the ENA driver', (machine) => machine.enaInterfaces.length > 0),
  'smt-present': condition('no threads to switch off', (machine) => machine.smtPresent),
  'ptp-device': condition('no PTP clock of the ENA driver', (machine) => machine.ptpDevice !== undefined),
  'no-ptp-device': condition('there is a PTP clock', (machine) => machine.ptpDevice === undefined),
  'isolated-cpus': condition('too few cores to isolate any', (machine) => machine.layout.isolated.length > 0),
  'no-isolated-cpus': condition('CPUs are isolated', (machine) => machine.layout.isolated.length === 0),
  cpuidle: condition('the kernel does not control idle states', (_, root) => {
    const driver = root.read('/sys/devices/system/cpu/cpuidle/current_driver');
    return driver !== undefined && driver !== 'none';
  }),
  'key-exists': condition('this kernel has no such setting', (_, root, knob) =>
    knob.kind === 'sysctl'
      ? root.exists(`/proc/sys/${knob.target.replaceAll('.', '/')}`)
      : knob.kind === 'module-option'
        ? root.exists(`/sys/module/${knob.target.replace('.', '/parameters/')}`)
        : root.glob(knob.target).length > 0,
  ),
  'unit-exists': condition('no such service is installed', (_, root, knob) => unitExists(root, knob.target)),
  'tsc-available': condition(
    'the kernel does not offer the processor counter as a clock',
    (_, root) =>
      root
        .read('/sys/devices/system/clocksource/clocksource0/available_clocksource')
        ?.split(' ')
        .includes('tsc') === true,
  ),
  'cloudwatch-agent': condition('the CloudWatch agent is not installed', (_, root) =>
    root.exists('/opt/aws/amazon-cloudwatch-agent'),
  ),
  debian: condition('not Debian', (machine) => machine.family === 'debian'),
} satisfies Record<string, Condition>;

export type ConditionName = keyof typeof CONDITIONS;

/** Why the knob does not apply to the machine; undefined when it does. */
export function whyNot(
  knob: Subject & { readonly when: readonly ConditionName[] },
  machine: Machine,
  root: HostRoot,
): string | undefined {
  const failed = knob.when.find((name) => !CONDITIONS[name].holds(machine, root, knob));
  return failed === undefined ? undefined : CONDITIONS[failed].otherwise;
}
