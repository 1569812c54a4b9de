import {
  type App,
  CloudFormationValidatePlugin,
  type IPolicyValidationContext,
  type PolicyValidationPluginReport,
  type PolicyViolation,
  Validations,
} from 'aws-cdk-lib';
import {
  type Acknowledged,
  type AcknowledgingPlugin,
  acknowledgments,
  report,
  splitAcknowledged,
} from './acknowledgments.js';
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

/** The validator of aws-cdk-lib, with acknowledgments by the ids it prints. */
class TemplateValidator extends CloudFormationValidatePlugin {
  acknowledged: readonly Acknowledged[] = [];

  override validate(context: IPolicyValidationContext): PolicyValidationPluginReport {
    const { open, acknowledged } = splitAcknowledged(this.violations(context), context.appConstruct);
    this.acknowledged = acknowledged;
    return report(open);
  }

  /** The engine throws plain strings, which the CDK would report as `undefined`. */
  private violations(context: IPolicyValidationContext): PolicyViolation[] {
    try {
      return super.validate(context).violations;
    } catch (error) {
      throw error instanceof Error ? error : new Error(String(error));
    }
  }
}

let validator: AcknowledgingPlugin | undefined;

/**
 * The built-in validator with our rules. Compiling its schemas and rules takes seconds, so that all apps of a process share
 * one; it is compiled again only when an app brings resource types it has not seen.
 */
export function templateValidator(): AcknowledgingPlugin {
  validator ??= new TemplateValidator({
    regoRules: [{ name: 'tradewind.rego', content: regoSource() }],
  }) as TemplateValidator & AcknowledgingPlugin;
  return validator;
}

/** Puts the policy on an app: cdk-nag packs, the built-in validator with our rules, and the rules on the assembly. */
export function applyPolicy(app: App, { strict }: PolicyOptions): AppliedPolicy {
  const plugins: readonly AcknowledgingPlugin[] = [
    templateValidator(),
    new AssemblyRules(),
    ...NAG_PACKS.map((definition) => new NagPlugin(definition)),
  ];
  Validations.of(app).addPlugins(...plugins);
  return {
    result: (assembly) => ({
      findings: reportedFindings(assembly),
      acknowledged: plugins.flatMap((plugin) => plugin.acknowledged),
      acknowledgments: acknowledgments(app),
    }),
    refuses: ({ findings }) => findings.some(({ severity }) => strict || severity === 'error'),
  };
}
