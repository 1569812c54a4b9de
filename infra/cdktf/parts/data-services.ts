import { Construct } from 'constructs';
import type { PolicyStatement } from '../../model/index.js';
import { IamPolicy, IamRolePolicyAttachment } from '../resources/identity.js';
import { EventStream } from './event-stream.js';
import { policyDocument } from './policy.js';
import { Postgres } from './postgres.js';
import type { ServiceSurroundings } from './service.js';
import { StateCache } from './state-cache.js';

/** The data services an environment asks for, all readers of the journal, and the policy that signs hosts in to them. */
export class DataServices extends Construct {
  /** Where a database is restored into for a test; absent without one. */
  readonly databaseSubnetGroup: string | undefined;

  constructor(scope: Construct, around: ServiceSurroundings, hostRoleName: string) {
    super(scope, 'data');
    const { config, names } = around.plan;
    const { postgres, redis, kafka } = config.data;
    const statements: PolicyStatement[] = [];
    if (postgres) {
      const database = new Postgres(this, around, postgres);
      this.databaseSubnetGroup = database.subnetGroup;
      statements.push(database.connect);
    }
    if (redis) statements.push(new StateCache(this, around, redis).connect);
    if (kafka) statements.push(new EventStream(this, around, kafka).connect);
    if (statements.length === 0) return;
    const policy = new IamPolicy(this, 'connect', {
      name: names.role(`host-data-${config.region}`),
      description: `Signs hosts of ${config.name} in to its data services`,
      policy: policyDocument(...statements),
    });
    new IamRolePolicyAttachment(this, 'connect-in-use', {
      role: hostRoleName,
      policyArn: policy.ref('arn'),
    });
  }
}
