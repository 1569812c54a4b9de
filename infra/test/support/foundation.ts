import { type App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { ArchiveStack } from '../../cdk/stacks/archive-stack.js';
import { BackupStack } from '../../cdk/stacks/backup-stack.js';
import { DataStack } from '../../cdk/stacks/data-stack.js';
import { KeysStack } from '../../cdk/stacks/keys-stack.js';
import { NetworkStack } from '../../cdk/stacks/network-stack.js';
import { SecretsStack } from '../../cdk/stacks/secrets-stack.js';
import { StateStack } from '../../cdk/stacks/state-stack.js';
import type { EnvironmentPlan } from '../../model/index.js';
import { ENVIRONMENTS, type EnvironmentName, shippedPlan, testApp } from './test-app.js';

/** The stacks under everything that trades, in the order they are deployed. */
export const FOUNDATION = ['Keys', 'Network', 'Archive', 'State', 'Secrets', 'Data', 'Backup'] as const;

export type Part = (typeof FOUNDATION)[number];

/** Each environment that ships and each second Region of one, with a title for a test. */
export const REGIONS: ReadonlyArray<readonly [title: string, plan: EnvironmentPlan]> = ENVIRONMENTS.flatMap(
  (name) => {
    const plan = shippedPlan(name);
    const home = [name, plan] as const;
    return plan.dr ? [home, [`${name} second Region`, plan.dr] as const] : [home];
  },
);

/** The foundation of one Region as an app of its own: the stacks it has, by part. */
export function foundation(plan: EnvironmentPlan, app: App = testApp()): Partial<Record<Part, Stack>> {
  const keys = new KeysStack(app, { plan });
  if (plan.scope === 'copies') {
    const shared = { plan, keys: keys.refs };
    return { Keys: keys, Archive: new ArchiveStack(app, shared), Backup: new BackupStack(app, shared) };
  }
  const shared = { plan, keys: keys.refs };
  const network = new NetworkStack(app, shared);
  const state = new StateStack(app, shared);
  const data =
    Object.keys(plan.config.data).length > 0
      ? new DataStack(app, { ...shared, network: network.refs })
      : undefined;
  return {
    Keys: keys,
    Network: network,
    Archive: new ArchiveStack(app, { ...shared, logs: network.logs }),
    State: state,
    ...(plan.config.venues.some(({ secret }) => secret) ? { Secrets: new SecretsStack(app, shared) } : {}),
    ...(data ? { Data: data } : {}),
    Backup: new BackupStack(app, { ...shared, state: state.refs, ...(data ? { data: data.refs } : {}) }),
  };
}

const built = new WeakMap<EnvironmentPlan, Partial<Record<Part, Stack>>>();

/** A shipped environment, the same object each time. */
export function planOf(name: EnvironmentName): EnvironmentPlan {
  const found = REGIONS.find(([title]) => title === name);
  if (!found) throw new Error(`no environment ${name}`);
  return found[1];
}

/** The template of one part, which must be there; the stacks of a plan are built once. */
export function templateOf(plan: EnvironmentPlan, part: Part): Template {
  const stacks = built.get(plan) ?? foundation(plan);
  built.set(plan, stacks);
  const stack = stacks[part];
  if (!Stack.isStack(stack)) throw new Error(`${plan.config.name} has no stack ${part}`);
  return Template.fromStack(stack);
}

/** Resources of a type, by logical id. */
export function resources(template: Template, type: string): Record<string, Resource> {
  return template.findResources(type) as Record<string, Resource>;
}

/** The only resource of a type. */
export function theOnly(template: Template, type: string): Resource {
  const found = Object.values(resources(template, type));
  if (found.length !== 1 || !found[0]) throw new Error(`${found.length} resources of type ${type}, not one`);
  return found[0];
}

export interface Resource {
  // biome-ignore lint/suspicious/noExplicitAny: the properties of a template are what a test asserts
  readonly Properties: any;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

/** Statements of a policy document by their Sid. */
// biome-ignore lint/suspicious/noExplicitAny: as above
export function bySid(document: any): Record<string, any> {
  return Object.fromEntries(
    // biome-ignore lint/suspicious/noExplicitAny: as above
    document.Statement.flatMap((statement: any) => (statement.Sid ? [[statement.Sid, statement]] : [])),
  );
}
