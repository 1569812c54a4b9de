import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { AssemblyRules } from '../../cdk/policy/assembly-rules.js';
import { templateValidator } from '../../cdk/policy/index.js';
import type { Mutation } from './mutations/index.js';
import type { Resource, Template } from './template.js';

/** A finding of the built-in validator or of a rule of ours on one template. */
export interface TemplateFinding {
  readonly rule: string;
  readonly severity: string;
  readonly message: string;
  readonly fix?: string;
  readonly resource?: string;
}

const folder = mkdtempSync(join(tmpdir(), 'tradewind-policy-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
let count = 0;

/** Writes a template where validators read it from. */
export function writeTemplate(template: Template | string): string {
  const path = join(folder, `${String(count++).padStart(3, '0')}.template.json`);
  writeFileSync(path, typeof template === 'string' ? template : JSON.stringify(template, null, 1));
  return path;
}

/**
 * Compiles the validator once for every type in `templates`. Otherwise it is compiled anew, in half a second and more,
 * whenever a template has a type that the one before had not.
 */
export function compileFor(templates: readonly Template[], region: string): void {
  const Resources = Object.fromEntries(
    templates.flatMap((one) => Object.values(one.Resources)).map((resource) => [idOf(resource), resource]),
  );
  findingsOf({ Description: 'One resource of each type', Resources }, region);
}

const idOf = ({ Type }: Resource) => Type.replaceAll(':', '');

/** Runs everything we run on templates over one of them, as a synthesis would. */
export function findingsOf(template: Template | string, region = 'ap-northeast-1'): TemplateFinding[] {
  const templatePath = writeTemplate(template);
  const context = {
    appConstruct: new App({ builtinCloudFormationValidation: false }),
    templatePaths: [templatePath],
    stackTemplates: [{ stackConstructPath: 'Fixture', templatePath, accountId: '111122223333', region }],
  };
  return [templateValidator(), new AssemblyRules()].flatMap((plugin) =>
    plugin.validate(context).violations.flatMap((violation) =>
      violation.violatingResources.map(({ resourceLogicalId }) => ({
        rule: violation.ruleName,
        severity: violation.severity ?? 'error',
        message: violation.description,
        ...(violation.fix === undefined ? {} : { fix: violation.fix }),
        ...(resourceLogicalId === undefined ? {} : { resource: resourceLogicalId }),
      })),
    ),
  );
}

/** Whether a finding is the one a mistake is to be refused with. */
export function refuses({ rule, says }: Mutation, finding: TemplateFinding): boolean {
  const expected = rule === 'built-in' ? !finding.rule.startsWith('TW-') : finding.rule === rule;
  return expected && says.test(finding.message);
}
