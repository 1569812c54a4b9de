/**
 * model: what an environment is. An environment file enters; a checked `EnvironmentConfig` and the `EnvironmentPlan`
 * derived from it leave, or one `EnvironmentError` with everything that is wrong. It never talks to AWS and knows no
 * resource class: the CDK and the Terraform back end read the same plan.
 */

export { nearestTypes, zonesOffering } from './advise.js';
export { type Capabilities, capabilities, type InstanceCapability, offeredIn } from './capabilities.js';
export type { Consequence, Topic } from './consequence.js';
export { consequences, formatConsequence } from './consequences.js';
export { type EndpointStatement, endpointAccess } from './endpoint-access.js';
export { environmentFile, shippedEnvironments } from './environment-files.js';
export {
  HOST_ARCHIVE_PREFIX,
  type HostAccessArns,
  hostAccess,
  type PolicyStatement,
} from './host-access.js';
export { type LoadedEnvironment, loadEnvironment, parseEnvironment } from './load.js';
export { DOCUMENT_ACTIONS, type DocumentAction, type Names, names } from './names.js';
export { INFRA_ROOT, infraPath, repositoryPath } from './paths.js';
export {
  type AlarmInstancePlan,
  type CompositeAlarmPlan,
  type DimensionValue,
  type MetricPlan,
  ROLLBACK_ALARMS,
} from './plan/alarm-instances.js';
export { type AlarmPlan, type AlarmSource, METRIC_NAMESPACE } from './plan/alarms.js';
export { addressIn } from './plan/blocks.js';
export { type EnvironmentPlan, functionsOf, planEnvironment } from './plan/environment-plan.js';
export {
  type AddressMode,
  type HostPlan,
  type HostRole,
  type HostsPlan,
  type InterfacePlan,
  JOURNAL_DEVICE,
  type PlacementGroupPlan,
  ROOT_DEVICE,
} from './plan/hosts.js';
export { type LeasePlan, movesAddress, planLease } from './plan/lease.js';
export type { EgressRule, NetworkPlan, SubnetPlan } from './plan/network.js';
export type { RetentionPlan } from './plan/retention.js';
export type { ArchivePlan, BackupPlanModel, BackupRulePlan, LogGroupPlan } from './plan/storage.js';
export { EnvironmentError, type EnvironmentProblem, formatProblem } from './problems.js';
export {
  arithmetic,
  engineStart,
  type RecoveryScenario,
  type RecoveryStage,
  recoveryScenarios,
  shortDuration,
} from './recovery.js';
export { type EnvironmentConfig, type EnvironmentInput, environmentSchema } from './schema.js';
export { duration, formatDuration, parseDuration, wholeDays, wholeSeconds } from './units.js';
export { type VenueEndpoint, venueEndpoints } from './venue-endpoints.js';
