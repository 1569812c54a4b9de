import { awsResource } from './aws-resource.js';

export const Table = awsResource<
  {
    readonly name: string;
    readonly billingMode: 'PAY_PER_REQUEST';
    readonly hashKey: string;
    readonly attribute: readonly { readonly name: string; readonly type: 'S' }[];
    readonly deletionProtectionEnabled: boolean;
    readonly pointInTimeRecovery: readonly { readonly enabled: boolean }[];
    readonly serverSideEncryption: readonly { readonly enabled: boolean; readonly kmsKeyArn: string }[];
  },
  'id' | 'arn' | 'name'
>('aws_dynamodb_table');

export const SsmParameter = awsResource<
  {
    readonly name: string;
    readonly description: string;
    readonly type: 'String';
    readonly tier?: 'Intelligent-Tiering';
    readonly value: string;
  },
  'id' | 'arn' | 'name'
>('aws_ssm_parameter');
