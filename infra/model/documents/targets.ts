import type { DocumentAction } from '../names.js';
import type { EnvironmentPlan } from '../plan/environment-plan.js';
import type { HostRole } from '../plan/hosts.js';
import type { AutomationDocument, DocumentParameter } from './automation.js';
import type { Property } from './steps.js';

/** What runs under one role: only as much together as may do the same things. */
export const DOCUMENT_GROUPS = {
  takeover: ['fence', 'unfence', 'move-address'],
  switching: ['failover', 'handover'],
  trading: ['kill-switch', 'resume'],
  delivery: ['rolling-upgrade', 'rollback', 'canary', 'paper-shadow'],
  custody: ['rotate-key', 'snapshot'],
} as const satisfies Record<string, readonly DocumentAction[]>;

export type DocumentGroup = keyof typeof DOCUMENT_GROUPS;

/** Ids and ARNs as the back end knows them; references are accepted. */
export interface DocumentTargets {
  readonly instances: Readonly<Partial<Record<HostRole, string>>>;
  readonly journalVolumes: Readonly<Partial<Record<HostRole, string>>>;
  /** The role documents of a group run under. */
  readonly roleArn: (group: DocumentGroup) => string;
  readonly topics: Readonly<Record<'critical' | 'warning', string>>;
}

/** What a document is written from. */
export interface DocumentContext {
  readonly plan: EnvironmentPlan;
  readonly targets: DocumentTargets;
}

/** Two hosts by what they are to each other while a document runs. */
export interface Direction {
  readonly leader: HostRole;
  readonly follower: HostRole;
}

export const DIRECTIONS: readonly [Direction, Direction] = [
  { leader: 'primary', follower: 'standby' },
  { leader: 'standby', follower: 'primary' },
];

/** `Primary`, for step names. */
export function title(role: HostRole): string {
  return role === 'primary' ? 'Primary' : 'Standby';
}

/** The role's name. Hosts start the documents of `takeover` themselves, so its role has the plain name. */
export function automationRoleName({ names }: EnvironmentPlan, group: DocumentGroup): string {
  return names.role(group === 'takeover' ? 'automation' : `automation-${group}`);
}

/** The one host that stands; undefined where two do. */
export function loneHost({ plan }: DocumentContext): HostRole | undefined {
  const [first, second] = plan.hosts.standing;
  return second === undefined ? first : undefined;
}

export function instanceOf({ targets }: DocumentContext, role: HostRole): string {
  const id = targets.instances[role];
  if (id === undefined) throw new Error(`a document acts on the ${role} host, which no stack made`);
  return id;
}

export function document(
  { targets, plan }: DocumentContext,
  group: DocumentGroup,
  page: string,
  body: Pick<AutomationDocument, 'description' | 'mainSteps'> & {
    readonly parameters?: Readonly<Record<string, DocumentParameter>>;
  },
): AutomationDocument {
  return {
    schemaVersion: '0.3',
    description: `${body.description}\n\nRunbook: ${plan.config.observability.runbooks}/${page}.md`,
    assumeRole: targets.roleArn(group),
    parameters: body.parameters ?? {},
    mainSteps: body.mainSteps,
  };
}

/** A field of the lease row. */
export function lease({ plan }: DocumentContext, selector: string, values: readonly string[]): Property {
  return {
    service: 'dynamodb',
    api: 'GetItem',
    inputs: leaseKey(plan),
    selector,
    values,
  };
}

export function leaseKey({ names }: EnvironmentPlan): Record<string, unknown> {
  return { TableName: names.leaseTable, Key: { leaseKey: { S: 'engine' } }, ConsistentRead: true };
}

/** The alarm that ends upgrades. */
export function quiet({ plan }: DocumentContext): Property {
  return {
    service: 'cloudwatch',
    api: 'DescribeAlarms',
    inputs: { AlarmNames: [plan.names.alarm('upgrade-rollback')], AlarmTypes: ['CompositeAlarm'] },
    selector: '$.CompositeAlarms[0].StateValue',
    values: ['OK'],
  };
}

/** From `systemctl start` to a ready engine, as long as it may take, seconds. */
export const ENGINE_START_SECONDS = 120;

/** Until the other agent holds the lease, seconds; generous, for the agents do it in a few. */
export const CLAIM_SECONDS = 90;
