import { type TerraformElement, type TerraformMetaArguments, TerraformResource } from 'cdktf';
import type { Construct } from 'constructs';

/**
 * Arguments whose value is a map: its keys are data (tag keys, dimension names) and stay as they are written. Everything
 * else is an argument or a block and is written in camel case here, in snake case in Terraform.
 */
const MAPS: ReadonlySet<string> = new Set([
  'tags',
  'dimensions',
  'variables',
  'inputPaths',
  'restoreMetadataOverrides',
]);

export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** An argument tree as Terraform writes it; what is undefined is left out. */
export function toTerraformArguments(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toTerraformArguments);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== undefined)
      .map(([name, inner]) => [snakeCase(name), MAPS.has(name) ? inner : toTerraformArguments(inner)]),
  );
}

/** What every resource takes beside its arguments. */
export type ResourceOptions = Pick<TerraformMetaArguments, 'dependsOn' | 'lifecycle'>;

/** Something `terraform destroy`, and any change that would replace it, is refused for. */
export const KEPT: ResourceOptions = { lifecycle: { preventDestroy: true } };

/** A resource with typed arguments, and references to the attributes it is known to have. */
export type AwsResource<Attribute extends string> = TerraformElement &
  TerraformResource & { readonly ref: (attribute: Attribute) => string };

export type AwsResourceClass<Arguments extends object, Attribute extends string> = new (
  scope: Construct,
  id: string,
  args: Arguments,
  options?: ResourceOptions,
) => AwsResource<Attribute>;

/** The class of one resource type: `const Vpc = awsResource<VpcArguments, 'id' | 'arn'>('aws_vpc')`. */
export function awsResource<Arguments extends object, Attribute extends string = 'id'>(
  terraformResourceType: string,
): AwsResourceClass<Arguments, Attribute> {
  return class extends TerraformResource {
    readonly #args: Arguments;

    constructor(scope: Construct, id: string, args: Arguments, options: ResourceOptions = {}) {
      super(scope, id, { terraformResourceType, ...options });
      this.#args = args;
    }

    ref(attribute: Attribute): string {
      return this.getStringAttribute(attribute);
    }

    protected override synthesizeAttributes(): Record<string, unknown> {
      return toTerraformArguments(this.#args) as Record<string, unknown>;
    }
  };
}
