import type { Resource, Template } from '../template.js';

/** One mistake somebody could make, and what has to refuse it. */
export interface Mutation {
  /** What was done wrong, as a reviewer would say it. */
  readonly mistake: string;
  /** The type of resource it is made on; the first one of a template is taken. */
  readonly type: string;
  /** Makes the mistake. The resource is one of the template's. */
  readonly make: (resource: Resource, template: Template, logicalId: string) => void;
  /** Id of our rule, or `built-in` for one of the validator's own. */
  readonly rule: string;
  /** What the message has to say, with the value found. */
  readonly says: RegExp;
  /** In the 35 faults that built-in validation and cfn-lint were measured with. */
  readonly measured?: true;
}

// biome-ignore lint/suspicious/noExplicitAny: a template is untyped JSON, and mistakes are made anywhere in it.
export type Json = any;

/** Changes the properties of a resource as untyped JSON. */
export function on(change: (properties: Json) => void): Mutation['make'] {
  return (resource) => change(resource.Properties);
}

/** Changes the data of a launch template. */
export function inTemplate(change: (data: Json) => void): Mutation['make'] {
  return (resource) => change(resource.Properties.LaunchTemplateData);
}
