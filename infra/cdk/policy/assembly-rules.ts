import { readFileSync } from 'node:fs';
import {
  CfnResource,
  type IPolicyValidationContext,
  type PolicyValidationPluginReport,
  type PolicyViolation,
  Stack,
} from 'aws-cdk-lib';
import { CfnBackupVault } from 'aws-cdk-lib/aws-backup';
import { CfnBucket } from 'aws-cdk-lib/aws-s3';
import type { IConstruct } from 'constructs';
import { EnvironmentStack } from '../environment-stack.js';
import { type Acknowledged, type AcknowledgingPlugin, report, splitAcknowledged } from './acknowledgments.js';
import type { PolicyRule } from './rules.js';
import { DATA_TYPES, STATE_STACK_TYPES } from './stateful-types.js';

const PROTECTION: PolicyRule = {
  id: 'TW-STACK-01',
  title: 'A stack that holds data can not be deleted by mistake',
  why: 'Termination protection is not in the template, so no rule on templates sees that it is gone.',
  fix: 'Make the stack stateful: EnvironmentStack switches its termination protection on',
};

const STATE_STACK: PolicyRule = {
  id: 'TW-STACK-02',
  title: 'Addresses, the lease and journal volumes stand in the State stack',
  why: 'The Trading stack is replaced freely; what must survive it has to be in a stack of its own.',
  fix: 'Move the resource into StateStack and hand it over through StateRefs',
};

const PLANNED_LOCKS: PolicyRule = {
  id: 'TW-STACK-03',
  title: 'Records and backups are locked exactly as the plan says',
  why: 'A compliance lock can not be taken back by anyone for years, and a missing one loses the regulator.',
  fix: 'Take mode and days from plan.archive and plan.backup, and change the environment file instead',
};

const CLEAR_TEXT: PolicyRule = {
  id: 'TW-SEC-02',
  title: 'No key, token or password stands anywhere in a template',
  why: 'User data, parameters and documents are shown to whoever may describe them.',
  fix: 'Keep it in Secrets Manager, give the host or function the ARN, and change the exposed secret now',
};

/** Rules on what a template does not show by itself: the stack around it, the plan behind it, its plain text. */
export const ASSEMBLY_RULES: readonly PolicyRule[] = [PROTECTION, STATE_STACK, PLANNED_LOCKS, CLEAR_TEXT];

/** Patterns of credentials, as their issuers publish them. */
const SECRETS: ReadonlyArray<readonly [what: string, pattern: RegExp]> = [
  ['an AWS access key id', /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/],
  ['a private key', /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----/],
  ['a GitHub token', /\bgh[pousr]_[A-Za-z0-9]{36}\b/],
  ['a Slack token', /\bxox[abprs]-[A-Za-z0-9-]{10,}/],
  [
    'a password',
    /\b(?:PASSWORD|PASSWD|API_?SECRET|API_?KEY|SECRET_?KEY)\s*[=:]\s*\\?["']?(?![${<*\\\s"'])[^\s"'\\]{8,}/i,
  ],
];

/** Evaluates `ASSEMBLY_RULES` over the construct tree and the template texts. */
export class AssemblyRules implements AcknowledgingPlugin {
  readonly name = 'Tradewind';
  acknowledged: readonly Acknowledged[] = [];
  readonly ruleIds = ASSEMBLY_RULES.map((rule) => rule.id);

  validate({ appConstruct, stackTemplates }: IPolicyValidationContext): PolicyValidationPluginReport {
    const violations: PolicyViolation[] = [];
    for (const node of appConstruct.node.findAll()) {
      if (Stack.isStack(node)) violations.push(...stackFindings(node));
      else if (CfnResource.isCfnResource(node)) violations.push(...lockFindings(node));
    }
    for (const { templatePath, stackConstructPath } of stackTemplates) {
      violations.push(...textFindings(readFileSync(templatePath, 'utf8'), templatePath, stackConstructPath));
    }
    const { open, acknowledged } = splitAcknowledged(violations, appConstruct);
    this.acknowledged = acknowledged;
    return report(open);
  }
}

function stackFindings(stack: Stack): PolicyViolation[] {
  const resources = stack.node
    .findAll()
    .filter((node): node is CfnResource => CfnResource.isCfnResource(node) && Stack.of(node) === stack);
  const found: PolicyViolation[] = [];
  if (!stack.terminationProtection) {
    for (const resource of resources.filter(holdsData)) {
      const what = `${resource.cfnResourceType} stands in stack ${stack.stackName}, whose termination protection is off`;
      found.push(violation(PROTECTION, what, resource));
    }
  }
  if (!stack.stackName.endsWith('-State')) {
    for (const resource of resources.filter(({ cfnResourceType }) =>
      STATE_STACK_TYPES.has(cfnResourceType),
    )) {
      found.push(
        violation(STATE_STACK, `${resource.cfnResourceType} stands in stack ${stack.stackName}`, resource),
      );
    }
  }
  return found;
}

/** Log groups and metrics are retained one by one; a stack that has nothing else may come and go. */
function holdsData({ cfnResourceType }: CfnResource): boolean {
  const retainedAlone = ['AWS::Logs::LogGroup', 'AWS::APS::Workspace'];
  return DATA_TYPES.some((type) => type === cfnResourceType) && !retainedAlone.includes(cfnResourceType);
}

function lockFindings(resource: CfnResource): PolicyViolation[] {
  const stack = Stack.of(resource);
  if (!(stack instanceof EnvironmentStack)) return [];
  const { archive, backup } = stack.plan;
  if (resource instanceof CfnBucket) {
    const rule = stack.resolve(resource.objectLockConfiguration)?.rule?.defaultRetention;
    if (!rule) return [];
    const planned = `${archive.mode} for ${archive.lockDays} days`;
    const written = `${rule.mode} for ${rule.days} days`;
    return written === planned
      ? []
      : [violation(PLANNED_LOCKS, `Object Lock is ${written}, the plan says ${planned}`, resource)];
  }
  if (resource instanceof CfnBackupVault) {
    const lock = stack.resolve(resource.lockConfiguration);
    const planned = backup.lock?.changeableForDays;
    const written = lock?.changeableForDays;
    return written === planned
      ? []
      : [
          violation(
            PLANNED_LOCKS,
            `the vault lock is ${mode(written)}, the plan says ${mode(planned)}`,
            resource,
          ),
        ];
  }
  return [];
}

function mode(changeableForDays: number | undefined): string {
  return changeableForDays === undefined
    ? 'no compliance lock'
    : `a compliance lock after ${changeableForDays} days`;
}

function textFindings(text: string, templatePath: string, constructPath: string): PolicyViolation[] {
  return SECRETS.flatMap(([what, pattern]) => {
    const found = pattern.exec(text);
    if (!found) return [];
    const line = text.slice(0, found.index).split('\n').length;
    return [
      {
        ruleName: CLEAR_TEXT.id,
        description: `what looks like ${what} stands in line ${line} of the template, beginning "${found[0].slice(0, 8)}"`,
        fix: CLEAR_TEXT.fix,
        severity: 'error',
        violatingResources: [{ constructPath, templatePath, locations: [] }],
      },
    ];
  });
}

function violation(rule: PolicyRule, description: string, construct: IConstruct): PolicyViolation {
  return {
    ruleName: rule.id,
    description,
    fix: rule.fix,
    severity: 'error',
    violatingResources: [{ constructPath: construct.node.path, locations: [] }],
  };
}
