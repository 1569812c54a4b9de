/**
 * checks: what only shows across fields of an environment file. Sections of the right shape enter, problems leave. It never
 * throws for what a file says, and never talks to AWS: what EC2 offers where is read from `infra/data`.
 */
import type { EnvironmentProblem } from '../problems.js';
import type { EnvironmentConfig } from '../schema.js';
import { availabilityChecks } from './availability.js';
import { capabilityChecks } from './capability.js';
import type { Check, CheckContext, Section } from './check.js';
import { dataChecks } from './data-services.js';
import { engineChecks } from './engine.js';
import { networkChecks } from './network.js';
import { operationsChecks } from './operations.js';
import { placementChecks } from './placement.js';
import { placeChecks } from './places.js';
import { retentionChecks } from './retention.js';
import { volumeChecks } from './volumes.js';

export { type CheckContext, isWritten, type Section } from './check.js';
export { secretProblems } from './secrets.js';

const CHECKS: readonly Check[] = [
  ...placeChecks,
  ...networkChecks,
  ...dataChecks,
  ...engineChecks,
  ...capabilityChecks,
  ...volumeChecks,
  ...placementChecks,
  ...availabilityChecks,
  ...retentionChecks,
  ...operationsChecks,
];

/**
 * Every problem of every check whose sections have the right shape: what is wrong in one section does not hide what is
 * wrong in the others.
 */
export function crossChecks(
  sound: Partial<EnvironmentConfig>,
  sections: ReadonlySet<Section>,
  context: CheckContext,
): readonly EnvironmentProblem[] {
  return CHECKS.filter(({ reads }) => reads.every((section) => sections.has(section))).flatMap(({ run }) =>
    // Complete for what this check reads.
    run(sound as EnvironmentConfig, context),
  );
}
