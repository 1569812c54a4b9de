import { fullDiff, type ResourceDifference, ResourceImpact } from '@aws-cdk/cloudformation-diff';
import { GUARDED_TYPES } from '../stateful-types.js';
import type { GoldenResource, GoldenStack, GoldenStacks } from './golden.js';

/** One resource that a deployment would change. */
export interface Change {
  readonly stack: string;
  readonly logicalId: string;
  readonly type: string;
  readonly kind: 'added' | 'changed' | 'removed' | 'replaced' | 'perhaps replaced';
  /** Properties and attributes that differ. */
  readonly properties: readonly string[];
  /** Why the gate does not let it pass, a sentence without its period. */
  readonly refused?: string;
}

/** Properties that keep a resource from being deleted; none of them may go from true to anything else. */
const PROTECTIONS = ['DeletionProtection', 'DeletionProtectionEnabled', 'DisableApiTermination'] as const;

/** Compares the committed stacks of an environment with what would be deployed now. */
export function compare(golden: GoldenStacks, current: GoldenStacks): Change[] {
  const names = [...new Set([...Object.keys(golden), ...Object.keys(current)])].sort();
  return names.flatMap((name) => compareStack(name, golden[name], current[name]));
}

function compareStack(name: string, golden?: GoldenStack, current?: GoldenStack): Change[] {
  const before = golden?.Resources ?? {};
  const after = current?.Resources ?? {};
  // A golden file is all there is of a stack: outputs, parameters and conditions replace nothing by themselves.
  const changes = Object.entries(fullDiff({ Resources: before }, { Resources: after }).resources.changes).map(
    ([logicalId, difference]) => change(name, logicalId, difference, before[logicalId], after[logicalId]),
  );
  const unprotected =
    golden?.terminationProtection && current && !current.terminationProtection
      ? [
          {
            stack: name,
            logicalId: name,
            type: 'AWS::CloudFormation::Stack',
            kind: 'changed' as const,
            properties: ['TerminationProtection'],
            refused: 'the stack would lose its termination protection',
          },
        ]
      : [];
  return [...unprotected, ...withRenames(changes)];
}

function change(
  stack: string,
  logicalId: string,
  difference: ResourceDifference,
  before?: GoldenResource,
  after?: GoldenResource,
): Change {
  const type = (before ?? after)?.Type ?? '';
  const kind = kindOf(difference);
  const properties = [
    ...Object.keys(difference.propertyUpdates),
    ...Object.keys(difference.otherChanges).filter((key) => key !== 'Type'),
  ].sort();
  const refused = GUARDED_TYPES.has(type) ? refusal(kind, difference, before, after) : undefined;
  return { stack, logicalId, type, kind, properties, ...(refused ? { refused } : {}) };
}

function kindOf(difference: ResourceDifference): Change['kind'] {
  if (difference.isAddition) return 'added';
  if (difference.isRemoval) return 'removed';
  if (difference.resourceTypeChanged) return 'replaced';
  switch (difference.changeImpact) {
    case ResourceImpact.WILL_REPLACE:
      return 'replaced';
    case ResourceImpact.MAY_REPLACE:
      return 'perhaps replaced';
    default:
      return 'changed';
  }
}

function refusal(
  kind: Change['kind'],
  difference: ResourceDifference,
  before?: GoldenResource,
  after?: GoldenResource,
): string | undefined {
  if (kind === 'removed') return 'it would be deleted, or left behind where it is retained';
  if (kind === 'replaced' || kind === 'perhaps replaced') {
    const causes = Object.entries(difference.propertyUpdates)
      .filter(([, { changeImpact }]) => /REPLACE/.test(changeImpact ?? ''))
      .map(([property]) => property);
    const because = causes.length > 0 ? ` because of ${causes.join(', ')}` : '';
    return `it ${kind === 'replaced' ? 'would' : 'might'} be replaced${because}`;
  }
  for (const policy of ['DeletionPolicy', 'UpdateReplacePolicy'] as const) {
    if (before?.[policy] === 'Retain' && after?.[policy] !== 'Retain') {
      return `it would lose ${policy} Retain`;
    }
  }
  const lost = PROTECTIONS.find(
    (key) => before?.Properties?.[key] === true && after?.Properties?.[key] !== true,
  );
  return lost ? `it would lose ${lost}` : undefined;
}

/** A resource that goes while one of the same type comes is most often one that was renamed: say so. */
function withRenames(changes: readonly Change[]): Change[] {
  return changes.map((one) => {
    if (one.kind !== 'removed' || !one.refused) return one;
    const successor = changes.find(({ kind, type }) => kind === 'added' && type === one.type);
    return successor
      ? { ...one, refused: `its logical id would change to ${successor.logicalId}, which makes a new one` }
      : one;
  });
}
