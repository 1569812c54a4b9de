import {
  CfnElement,
  type IPolicyValidationPlugin,
  type PolicyValidationPluginReport,
  type PolicyViolatingResource,
  type PolicyViolation,
  Stack,
  Validations,
} from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** A finding somebody has given a reason for. */
export interface Acknowledged {
  readonly rule: string;
  readonly constructPath: string;
  /** The construct the acknowledgment is on: the resource or one above it. */
  readonly acknowledgedAt: string;
  readonly reason: string;
}

/** One `Validations.of(construct).acknowledge(...)` of an app. */
export interface Acknowledgment {
  readonly rule: string;
  readonly at: string;
  readonly reason: string;
  /** It is on a stack or on the app itself, so that it would cover resources nobody has thought of yet. */
  readonly wide: boolean;
}

/** A plugin that can say which findings it left out because somebody has given a reason. */
export interface AcknowledgingPlugin extends IPolicyValidationPlugin {
  readonly acknowledged: readonly Acknowledged[];
}

/** The CDK writes the plugin before an id; bare ids become those of annotations. */
const PLUGIN = /^(?:Annotation|CloudFormation-Validate|Tradewind)::/;

/** Everything that is acknowledged in an app, by bare id, e.g. `TW-S3-05` or `AwsSolutions-S1`. */
export function acknowledgments(app: IConstruct): Acknowledgment[] {
  return app.node.findAll().flatMap((node) =>
    node.node.metadata
      .filter((entry) => entry.type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
      .flatMap((entry) => Object.entries(entry.data as Record<string, string>))
      .map(([id, reason]) => ({
        rule: id.replace(PLUGIN, ''),
        at: node.node.path,
        reason,
        wide: node === app || Stack.isStack(node),
      })),
  );
}

/**
 * Splits what a plugin found into what is open and what is acknowledged on the resource or above it. The CDK would do the
 * same for ids that name the plugin; this takes the ids findings are printed with, and can be asked what matched what.
 */
export function splitAcknowledged(
  violations: readonly PolicyViolation[],
  app: IConstruct,
): { readonly open: PolicyViolation[]; readonly acknowledged: Acknowledged[] } {
  const byRule = new Map<string, Map<string, string>>();
  for (const { rule, at, reason } of acknowledgments(app)) {
    byRule.set(rule, (byRule.get(rule) ?? new Map()).set(at, reason));
  }
  const acknowledged: Acknowledged[] = [];
  const pathOf = resourcePaths(app);
  const open = violations.map((violation) => {
    const reasons = byRule.get(violation.ruleName.replaceAll(' ', '-'));
    if (!reasons) return violation;
    const violatingResources = violation.violatingResources.filter((resource) => {
      const constructPath = pathOf(resource);
      const at = ancestry(constructPath).find((path) => reasons.has(path));
      if (at === undefined) return true;
      const reason = reasons.get(at) as string;
      acknowledged.push({ rule: violation.ruleName, constructPath, acknowledgedAt: at, reason });
      return false;
    });
    return { ...violation, violatingResources };
  });
  return { open: open.filter((violation) => violation.violatingResources.length > 0), acknowledged };
}

/** A report of what is open: it fails on errors alone. */
export function report(violations: PolicyViolation[]): PolicyValidationPluginReport {
  return { success: violations.every(({ severity }) => severity !== 'error'), violations };
}

/** Finds the construct behind a violation that names a template and a logical id. */
function resourcePaths(app: IConstruct): (resource: PolicyViolatingResource) => string {
  const elements = new Map<string, string>();
  for (const node of app.node.findAll()) {
    if (!CfnElement.isCfnElement(node)) continue;
    elements.set(`${node.stack.templateFile}#${node.stack.resolve(node.logicalId)}`, node.node.path);
  }
  return ({ constructPath, templatePath = '', resourceLogicalId }) =>
    constructPath ?? elements.get(`${templatePath.split('/').at(-1)}#${resourceLogicalId}`) ?? '';
}

/** A path and those above it, nearest first; the app itself is the empty path. */
function ancestry(path: string): string[] {
  const parts = path.split('/');
  return parts.map((_, index) => parts.slice(0, parts.length - index).join('/')).concat('');
}
