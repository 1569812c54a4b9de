import type { Construct } from 'constructs';
import { AuditTrail } from '../constructs/audit-trail.js';
import { EnvironmentStack, type EnvironmentStackProps } from '../environment-stack.js';
import type { KeyRefs, LogRefs } from '../refs.js';

export interface TrailStackProps extends EnvironmentStackProps {
  readonly keys: KeyRefs;
  readonly logs: LogRefs;
}

/** Who did what in the account of a production environment, kept as long as records. */
export class TrailStack extends EnvironmentStack {
  constructor(scope: Construct, props: TrailStackProps) {
    super(scope, 'Trail', props, { stateful: true, description: 'The audit trail and its files' });
    const { audit } = props.logs;
    if (!audit) throw new Error('the log group audit is planned but no stack made it');
    new AuditTrail(this, 'Trail', { plan: this.plan, key: props.keys.audit, logGroup: audit });
  }
}
