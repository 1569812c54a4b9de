import {
  type IPolicyValidationContext,
  type IPolicyValidationPlugin,
  type PolicyValidationPluginReport,
  type PolicyViolation,
  Validations,
} from 'aws-cdk-lib';
import { AwsSolutionsChecks, type NagPack, NIST80053R5Checks, PCIDSS321Checks } from 'cdk-nag';
import type { IConstruct } from 'constructs';
import type { Acknowledged } from './findings.js';

/**
 * The cdk-nag packs we register. A gate refuses the synthesis; an informational pack warns, and is refused only by
 * `--strict`, which CI uses: none of them has unacknowledged findings there.
 */
export const NAG_PACKS = [
  {
    name: 'AwsSolutions',
    role: 'gate',
    why: 'The general practices of AWS; nothing in it contradicts a trading host.',
    create: () => new AwsSolutionsChecks(),
  },
  {
    name: 'NIST.800.53.R5',
    role: 'gate',
    why: 'The control catalog that operational-resilience auditors of trading firms map theirs to.',
    create: () => new NIST80053R5Checks(),
  },
  {
    name: 'PCI.DSS.321',
    role: 'informational',
    why: 'Version 3.2.1 was retired in March 2024 in favor of 4.0, which cdk-nag does not have, and a trading environment holds no cardholder data; its findings are still hardening hints.',
    create: () => new PCIDSS321Checks(),
  },
] as const;

type PackDefinition = (typeof NAG_PACKS)[number];

/**
 * A pack as a validation plugin. cdk-nag drops acknowledged findings before anyone sees them; this one asks for all of them and
 * takes the acknowledged ones out itself, so that `acknowledged` can tell which acknowledgment was for what.
 */
export class NagPlugin implements IPolicyValidationPlugin {
  readonly name: string;
  readonly acknowledged: Acknowledged[] = [];
  private readonly pack: NagPack;

  constructor(private readonly definition: PackDefinition) {
    this.name = definition.name;
    this.pack = definition.create();
    Object.defineProperty(this.pack, 'isAcknowledged', { value: () => false });
  }

  validate({ appConstruct }: IPolicyValidationContext): PolicyValidationPluginReport {
    this.acknowledged.length = 0;
    const acknowledgments = new Map(
      appConstruct.node.findAll().map((node) => [node.node.path, acknowledgedAt(node)]),
    );
    const severity = this.definition.role === 'gate' ? 'error' : 'warning';
    const violations = this.pack
      .validateScope(appConstruct)
      .violations.map((found) => this.withoutAcknowledged(found, severity, acknowledgments))
      .filter((found) => found.violatingResources.length > 0);
    return { success: severity === 'warning' || violations.length === 0, violations };
  }

  private withoutAcknowledged(
    found: PolicyViolation,
    severity: string,
    acknowledgments: ReadonlyMap<string, ReadonlyMap<string, string>>,
  ): PolicyViolation {
    const open = found.violatingResources.filter(({ constructPath = '' }) => {
      const at = ancestry(constructPath).find((path) => acknowledgments.get(path)?.has(found.ruleName));
      if (at === undefined) return true;
      const reason = acknowledgments.get(at)?.get(found.ruleName) ?? '';
      this.acknowledged.push({ rule: found.ruleName, constructPath, acknowledgedAt: at, reason });
      return false;
    });
    return { ...found, severity, violatingResources: open };
  }
}

/** Rule ids acknowledged on a construct, as cdk-nag names them, with their reasons. */
function acknowledgedAt(construct: IConstruct): Map<string, string> {
  const entries = construct.node.metadata
    .filter((entry) => entry.type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
    .flatMap((entry) => Object.entries(entry.data as Record<string, string>));
  return new Map(entries.map(([id, reason]) => [id.replace(/^Annotation::/, ''), reason]));
}

/** A path and those above it, nearest first; the app itself is the empty path. */
function ancestry(path: string): string[] {
  const parts = path.split('/');
  return parts.map((_, index) => parts.slice(0, parts.length - index).join('/')).concat('');
}
