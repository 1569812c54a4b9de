import type { IPolicyValidationContext, PolicyValidationPluginReport } from 'aws-cdk-lib';
import { AwsSolutionsChecks, type NagPack, NIST80053R5Checks, PCIDSS321Checks } from 'cdk-nag';
import { type Acknowledged, type AcknowledgingPlugin, report, splitAcknowledged } from './acknowledgments.js';

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

/**
 * A pack as a validation plugin. cdk-nag drops acknowledged findings before anyone sees them; this one asks for all of
 * them and takes the acknowledged ones out itself, so that it can tell which acknowledgment was for what.
 */
export class NagPlugin implements AcknowledgingPlugin {
  readonly name: string;
  acknowledged: readonly Acknowledged[] = [];
  private readonly pack: NagPack;
  private readonly severity: 'error' | 'warning';

  constructor({ name, role, create }: (typeof NAG_PACKS)[number]) {
    this.name = name;
    this.severity = role === 'gate' ? 'error' : 'warning';
    this.pack = create();
    Object.defineProperty(this.pack, 'isAcknowledged', { value: () => false });
  }

  validate({ appConstruct }: IPolicyValidationContext): PolicyValidationPluginReport {
    const { violations } = this.pack.validateScope(appConstruct);
    const { open, acknowledged } = splitAcknowledged(violations, appConstruct);
    this.acknowledged = acknowledged;
    return report(open.map((violation) => ({ ...violation, severity: this.severity })));
  }
}
