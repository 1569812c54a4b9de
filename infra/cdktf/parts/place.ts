import type { EnvironmentPlan } from '../../model/index.js';

/** Where a plan stands, and the ARNs of what has a name of ours there. */
export interface Place {
  readonly partition: 'aws' | 'aws-cn' | 'aws-us-gov';
  readonly region: string;
  readonly account: string;
  /** An ARN in this account and Region, e.g. `arn('kms', 'key/*')`; `global` leaves the Region out. */
  readonly arn: (service: string, resource: string, global?: 'global') => string;
}

export function placeOf({ config: { region, account } }: Pick<EnvironmentPlan, 'config'>): Place {
  const partition = region.startsWith('cn-') ? 'aws-cn' : region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
  return {
    partition,
    region,
    account,
    arn: (service, resource, global) =>
      `arn:${partition}:${service}:${global ? '' : region}:${account}:${resource}`,
  };
}
