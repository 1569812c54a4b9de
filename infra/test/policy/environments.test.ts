import { beforeAll, describe, expect, test } from '@jest/globals';
import { buildEnvironment } from '../../cdk/build-environment.js';
import { applyPolicy, formatFinding, type PolicyResult } from '../../cdk/policy/index.js';
import { ENVIRONMENTS, shippedPlan, testApp } from '../support/test-app.js';
import { release } from '../support/trading-refs.js';

/** Report what is found instead of throwing it. */
const REPORT_ONLY = { '@aws-cdk/core:failSynthOnValidationErrors': false };

describe.each(ENVIRONMENTS)('the policy over %s', (name) => {
  let result: PolicyResult;

  beforeAll(() => {
    const app = testApp(REPORT_ONLY);
    buildEnvironment(app, shippedPlan(name), release());
    const policy = applyPolicy(app, { strict: true });
    result = policy.result(app.synth().directory);
  }, 180_000);

  test('finds nothing that has no reason, warnings included', () => {
    expect(result.findings.map(formatFinding)).toEqual([]);
  });

  test('found something before reasons were given', () => {
    expect(result.acknowledged.length).toBeGreaterThan(20);
    expect(new Set(result.acknowledged.map(({ rule }) => rule)).size).toBeGreaterThan(10);
  });

  test('every reason still matches a finding', () => {
    const used = new Set(result.acknowledged.map(({ rule, acknowledgedAt }) => key(rule, acknowledgedAt)));
    const stale = result.acknowledgments.filter(({ rule, at }) => !used.has(key(rule, at)));
    expect(
      stale.map(({ rule, at }) => `${at} acknowledges ${rule}, which is not found there any more`),
    ).toEqual([]);
  });

  test('every reason is a full sentence', () => {
    const poor = result.acknowledgments.filter(({ reason }) => reason.length < 40 || !reason.endsWith('.'));
    expect(poor.map(({ at, rule, reason }) => `${at} ${rule}: "${reason}"`)).toEqual([]);
  });

  test('no reason covers a whole stack or app', () => {
    const wide = result.acknowledgments.filter((acknowledgment) => acknowledgment.wide);
    expect(wide.map(({ at, rule }) => `${at} ${rule}`)).toEqual([]);
  });
});

function key(rule: string, at: string): string {
  return `${rule.replaceAll(' ', '-')} at ${at}`;
}
