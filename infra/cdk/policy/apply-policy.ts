import {
  type App,
  CloudFormationValidatePlugin,
  type IPolicyValidationPlugin,
  Validations,
} from 'aws-cdk-lib';
import { AssemblyRules } from './assembly-rules.js';
import { type PolicyResult, reportedFindings } from './findings.js';
import { NAG_PACKS, NagPlugin } from './nag-packs.js';
import { regoSource } from './rules.js';

export interface PolicyOptions {
  /** Warnings are refused like errors. */
  readonly strict: boolean;
}

/** A policy that has been put on an app. */
export interface AppliedPolicy {
  /** What the run found; call it after `app.synth()` with the folder the assembly was written to. */
  result(assembly: string): PolicyResult;
  /** Whether findings refuse the deployment: errors always, warnings when strict. */
  refuses(result: PolicyResult): boolean;
}

let validator: IPolicyValidationPlugin | undefined;

/**
 * The built-in validator with our rules. Compiling its schemas and rules takes seconds, so that all apps of a process share
 * one; it is compiled again only when an app brings resource types it has not seen.
 */
export function templateValidator(): IPolicyValidationPlugin {
  validator ??= new CloudFormationValidatePlugin({
    regoRules: [{ name: 'tradewind.rego', content: regoSource() }],
  }) as IPolicyValidationPlugin;
  return validator;
}

/** Puts the policy on an app: cdk-nag packs, the built-in validator with our rules, and the rules on the assembly. */
export function applyPolicy(app: App, { strict }: PolicyOptions): AppliedPolicy {
  const packs = NAG_PACKS.map((definition) => new NagPlugin(definition));
  Validations.of(app).addPlugins(templateValidator(), new AssemblyRules(), ...packs);
  return {
    result(assembly) {
      const reported = reportedFindings(assembly);
      const acknowledged = [...reported.acknowledged, ...packs.flatMap((pack) => pack.acknowledged)];
      return { findings: reported.findings, acknowledged };
    },
    refuses: ({ findings }) => findings.some(({ severity }) => strict || severity === 'error'),
  };
}
