import { awsResource } from './aws-resource.js';

export const KmsKey = awsResource<
  {
    readonly description: string;
    readonly policy: string;
    readonly deletionWindowInDays: number;
    readonly enableKeyRotation?: boolean;
    readonly keyUsage?: 'SIGN_VERIFY';
    readonly customerMasterKeySpec?: 'ECC_NIST_P256';
  },
  'id' | 'arn'
>('aws_kms_key');

export const KmsAlias = awsResource<{ readonly name: string; readonly targetKeyId: string }>('aws_kms_alias');

export const IamRole = awsResource<
  { readonly name?: string; readonly description: string; readonly assumeRolePolicy: string },
  'id' | 'arn' | 'name'
>('aws_iam_role');

export const IamRolePolicy = awsResource<{
  readonly name: string;
  readonly role: string;
  readonly policy: string;
}>('aws_iam_role_policy');

export const IamRolePolicyAttachment = awsResource<{ readonly role: string; readonly policyArn: string }>(
  'aws_iam_role_policy_attachment',
);

export const InstanceProfile = awsResource<
  { readonly name?: string; readonly role: string },
  'id' | 'arn' | 'name'
>('aws_iam_instance_profile');

export const IamPolicy = awsResource<
  { readonly name: string; readonly description: string; readonly policy: string },
  'id' | 'arn'
>('aws_iam_policy');

export const Secret = awsResource<
  {
    readonly name: string;
    readonly description: string;
    readonly kmsKeyId: string;
    readonly policy: string;
  },
  'id' | 'arn'
>('aws_secretsmanager_secret');
