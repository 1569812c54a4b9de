import { describe, expect, test } from '@jest/globals';
import { Template } from 'aws-cdk-lib/assertions';
import { DATA_TYPES } from '../../cdk/policy/stateful-types.js';
import { foundation, REGIONS, resources } from '../support/foundation.js';
import { comparable } from '../support/stack-snapshot.js';

describe.each(REGIONS)('the foundation of %s', (_, plan) => {
  const templates = Object.entries(foundation(plan)).map(
    ([part, stack]) => [part, stack, Template.fromStack(stack)] as const,
  );

  test('is what it was', () => {
    for (const [part, , template] of templates) {
      expect(comparable(template.toJSON())).toMatchSnapshot(part);
    }
  });

  test('keeps its data whatever happens to a stack', () => {
    const kept = ['AWS::EC2::EIP', ...DATA_TYPES];
    let seen = 0;
    for (const [part, , template] of templates) {
      for (const type of kept) {
        for (const [id, resource] of Object.entries(resources(template, type))) {
          seen += 1;
          expect({
            part,
            id,
            delete: resource.DeletionPolicy,
            replace: resource.UpdateReplacePolicy,
          }).toEqual({
            part,
            id,
            delete: 'Retain',
            replace: 'Retain',
          });
        }
      }
    }
    // Three keys, two buckets and a vault in the smallest.
    expect(seen).toBeGreaterThanOrEqual(6);
  });

  test('asks of no service what it does not say: S3 and AWS Backup name no source when they take on a role', () => {
    for (const [, , template] of templates) {
      for (const { Properties } of Object.values(resources(template, 'AWS::IAM::Role'))) {
        for (const { Principal, Condition } of Properties.AssumeRolePolicyDocument.Statement) {
          if (/^(s3|backup)\./.test(Principal.Service)) expect(Condition).toBeUndefined();
        }
      }
    }
  });

  test('can not be deleted by mistake, but for the network', () => {
    for (const [part, stack] of templates) {
      expect([part, stack.terminationProtection]).toEqual([part, part !== 'Network']);
    }
  });
});
