import { awsResource } from './aws-resource.js';

export const LogGroup = awsResource<
  {
    readonly name: string;
    readonly retentionInDays: number;
    readonly kmsKeyId: string;
    /** True: `terraform destroy` forgets the group and leaves it where it is. */
    readonly skipDestroy: boolean;
  },
  'id' | 'arn' | 'name'
>('aws_cloudwatch_log_group');

/** What an AWS service that writes in its own name may do to log groups. */
export const LogResourcePolicy = awsResource<{
  readonly policyName: string;
  readonly policyDocument: string;
}>('aws_cloudwatch_log_resource_policy');
