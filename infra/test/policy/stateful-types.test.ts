import { loadAwsServiceSpec } from '@aws-cdk/aws-service-spec';
import { expect, test } from '@jest/globals';
import { readGolden } from '../../cdk/policy/replacement/index.js';
import { DATA_TYPES, GUARDED_TYPES } from '../../cdk/policy/stateful-types.js';
import { infraPath } from '../../model/index.js';
import { ENVIRONMENTS } from '../support/test-app.js';

const spec = await loadAwsServiceSpec();

/** Hold data though the service specification does not say so. */
const OURS = ['AWS::APS::Workspace', 'AWS::Backup::LogicallyAirGappedBackupVault', 'AWS::MSK::Cluster'];

test('every data type exists, and is stateful for the service specification or for a reason of ours', () => {
  for (const type of DATA_TYPES) {
    const [resource] = spec.lookup('resource', 'cloudFormationType', 'equals', type);
    expect({ type, known: resource !== undefined }).toEqual({ type, known: true });
    expect({ type, stateful: resource?.isStateful === true || OURS.includes(type) }).toEqual({
      type,
      stateful: true,
    });
  }
});

test.each(ENVIRONMENTS)('no type of %s is stateful and unguarded', (name) => {
  const stacks = Object.values(readGolden(infraPath('golden', name)));
  const types = new Set(stacks.flatMap((stack) => Object.values(stack.Resources).map(({ Type }) => Type)));
  const unguarded = [...types].filter((type) => {
    const [resource] = spec.lookup('resource', 'cloudFormationType', 'equals', type);
    return resource?.isStateful === true && !GUARDED_TYPES.has(type);
  });
  expect(types.size).toBeGreaterThan(20);
  expect(unguarded).toEqual([]);
});
