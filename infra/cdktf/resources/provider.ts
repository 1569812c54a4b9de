import { TerraformProvider } from 'cdktf';
import type { Construct } from 'constructs';
import { toTerraformArguments } from './aws-resource.js';

/**
 * The provider releases the output is for. 5.100.0 is the last of line 5 and the one every environment is validated and
 * planned with; 6.0 changed defaults and schemas, so a new line comes in by a run of `infra/test/cdktf`, not by itself.
 */
export const AWS_PROVIDER_VERSION = '>= 5.100.0, < 6.0.0';

/** From 1.10 on Terraform, and OpenTofu likewise, locks its state in S3 without a DynamoDB table. */
export const TERRAFORM_VERSION = '>=1.10.0';

export interface AwsProviderArguments {
  readonly region: string;
  /** The one account it may touch: credentials of another are refused before anything is read. */
  readonly allowedAccountIds: readonly string[];
  readonly defaultTags: readonly { readonly tags: Readonly<Record<string, string>> }[];
}

export class AwsProvider extends TerraformProvider {
  readonly #args: AwsProviderArguments;

  constructor(scope: Construct, id: string, args: AwsProviderArguments) {
    super(scope, id, {
      terraformResourceType: 'aws',
      terraformProviderSource: 'hashicorp/aws',
      terraformGeneratorMetadata: {
        providerName: 'aws',
        providerVersionConstraint: AWS_PROVIDER_VERSION,
      },
    });
    this.#args = args;
  }

  protected override synthesizeAttributes(): Record<string, unknown> {
    return toTerraformArguments(this.#args) as Record<string, unknown>;
  }
}
