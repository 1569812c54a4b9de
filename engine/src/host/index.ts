/**
 * host: the machine under the engine. The knob table and a machine's own files enter; a plan, changes to the machine, a
 * verdict about it or a reading of its clock leave. It computes from the machine it runs on and never from a build, tells
 * what it did not do, and touches nothing outside the root it was given.
 */
export { type ClockReading, clockMetrics, readClock } from './clock.js';
export { CONDITIONS, type ConditionName } from './conditions.js';
export { type CpuLayout, computeLayout, FEWEST_CORES_TO_ISOLATE, housekeepingCores } from './cpu-layout.js';
export { formatCpuList, formatCpuMask, parseCpuList, parseCpuMask } from './cpu-list.js';
export type { Cpu } from './cpu-topology.js';
export { HostError, type HostProblem } from './host-error.js';
export { HostRoot, writeAtomically } from './host-root.js';
export { knobPage } from './knob-page.js';
export { ABSENT, KNOB_KINDS, type Knob, type KnobKind } from './knob-schema.js';
export { hostFilesFolder, loadKnobs, parseKnobs } from './knob-table.js';
export { discoverMachine, type Machine, machineVariables, PROFILES, type Profile } from './machine.js';
export { createMetricsServer, hostMetricsText } from './metrics-server.js';
export { type HostPlan, type PlannedSetting, type PlanOptions, planHost, type SettingState } from './plan.js';
export { type ProfileDifference, profileDifferences } from './profile-diff.js';
export { rebootOnce } from './reboot.js';
export { type TuneResult, tuneHost } from './tune.js';
export { driftMetrics, type HostVerdict, verifyHost } from './verify.js';
