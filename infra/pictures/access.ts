import { readable, resources, type SynthesizedStack } from './stacks.js';

/** One thing a role may do. */
export interface AccessRow {
  readonly region: string;
  readonly stack: string;
  readonly role: string;
  /** Who may take the role. */
  readonly principals: string;
  readonly effect: 'Allow' | 'Deny';
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly condition: string;
}

interface Statement {
  readonly Effect?: string;
  readonly Action?: unknown;
  readonly NotAction?: unknown;
  readonly Resource?: unknown;
  readonly Condition?: unknown;
  readonly Principal?: unknown;
}

interface Role {
  readonly id: string;
  readonly region: string;
  readonly stack: string;
  readonly principals: string;
}

/** Who can do what: the statements of every role the stacks make, with those of policies attached to it. */
export function accessSummary(stacks: readonly SynthesizedStack[]): AccessRow[] {
  const rows: AccessRow[] = [];
  const roles = new Map<string, Role>();
  for (const { stack, id, resource } of resources(stacks)) {
    if (resource.Type !== 'AWS::IAM::Role') continue;
    const properties = resource.Properties ?? {};
    const trust = statements(properties.AssumeRolePolicyDocument);
    const role = {
      id,
      region: stack.region,
      stack: stack.name,
      principals: [...new Set(trust.map((one) => principal(one.Principal)))].join(', '),
    };
    roles.set(`${stack.name} ${id}`, role);
    for (const policy of list(properties.Policies)) {
      rows.push(...rowsOf(role, (policy as { PolicyDocument?: unknown }).PolicyDocument));
    }
    for (const managed of list(properties.ManagedPolicyArns)) {
      rows.push(row(role, { Effect: 'Allow', Action: `everything in ${readable(managed)}`, Resource: '*' }));
    }
  }
  for (const { stack, resource } of resources(stacks)) {
    if (resource.Type !== 'AWS::IAM::Policy' && resource.Type !== 'AWS::IAM::ManagedPolicy') continue;
    for (const reference of list(resource.Properties?.Roles)) {
      const role = roles.get(`${stack.name} ${readable(reference)}`);
      if (role) rows.push(...rowsOf(role, resource.Properties?.PolicyDocument));
    }
  }
  return rows.sort((a, b) =>
    `${a.region}${a.stack}${a.role}`.localeCompare(`${b.region}${b.stack}${b.role}`),
  );
}

function rowsOf(role: Role, document: unknown): AccessRow[] {
  return statements(document).map((statement) => row(role, statement));
}

function row(role: Role, statement: Statement): AccessRow {
  const { Action, NotAction } = statement;
  return {
    region: role.region,
    stack: role.stack,
    role: role.id,
    principals: role.principals,
    effect: statement.Effect === 'Deny' ? 'Deny' : 'Allow',
    actions: Action === undefined ? [`all but ${readable(NotAction)}`] : list(Action).map(readable),
    resources: list(statement.Resource).map(readable),
    condition: statement.Condition === undefined ? '' : condition(statement.Condition),
  };
}

function statements(document: unknown): Statement[] {
  return list((document as { Statement?: unknown } | undefined)?.Statement) as Statement[];
}

function principal(value: unknown): string {
  if (typeof value === 'string') return value;
  return Object.values((value ?? {}) as Record<string, unknown>)
    .flatMap(list)
    .map(readable)
    .join(', ');
}

/** `StringEquals aws:SourceAccount = 1` of the nested form. */
function condition(value: unknown): string {
  return Object.entries(value as Record<string, Record<string, unknown>>)
    .flatMap(([operator, tests]) =>
      Object.entries(tests).map(([key, wanted]) => `${operator} ${key} = ${readable(wanted)}`),
    )
    .join('; ');
}

function list(value: unknown): unknown[] {
  return value === undefined ? [] : Array.isArray(value) ? value : [value];
}
