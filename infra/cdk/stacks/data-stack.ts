import { CfnOutput, Validations } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { KafkaStream } from '../constructs/kafka-stream.js';
import { PostgresDatabase } from '../constructs/postgres-database.js';
import { RedisCache } from '../constructs/redis-cache.js';
import { EnvironmentStack, type EnvironmentStackProps } from '../environment-stack.js';
import type { DataRefs, KeyRefs, NetworkRefs } from '../refs.js';

export interface DataStackProps extends EnvironmentStackProps {
  readonly keys: KeyRefs;
  readonly network: NetworkRefs;
}

/** The data services of an environment that has any. All are readers of the journal; none is on the order path. */
export class DataStack extends EnvironmentStack {
  readonly refs: DataRefs;

  constructor(scope: Construct, props: DataStackProps) {
    super(scope, 'Data', props, { stateful: true, description: 'PostgreSQL, Redis and Kafka' });
    const { postgres, redis, kafka } = this.plan.config.data;
    const shared = { plan: this.plan, keys: props.keys, network: props.network };
    const statements: iam.PolicyStatement[] = [];
    const output = (id: string, value: string, description: string) =>
      new CfnOutput(this, id, { value, description });

    const wildcards: { statement: iam.PolicyStatement; reason: string }[] = [];
    let databaseSubnetGroup: string | undefined;
    if (postgres) {
      const database = new PostgresDatabase(this, 'Postgres', { ...shared, settings: postgres });
      statements.push(database.connect);
      databaseSubnetGroup = database.subnetGroupName;
      output('PostgresEndpoint', database.endpoint, 'PostgreSQL, host and port');
    }
    if (redis) {
      const cache = new RedisCache(this, 'Redis', { ...shared, settings: redis });
      statements.push(cache.connect);
      output('RedisEndpoint', cache.endpoint, 'Redis, host and port');
    }
    if (kafka) {
      const stream = new KafkaStream(this, 'Kafka', { ...shared, settings: kafka });
      statements.push(stream.connect);
      wildcards.push({ statement: stream.connect, reason: stream.wildcardReason });
      output('KafkaCluster', stream.clusterArn, 'Ask MSK for the brokers of this cluster');
    }
    const connectPolicy = new iam.ManagedPolicy(this, 'Connect', {
      description: `Signs hosts of ${this.plan.config.name} in to its data services`,
      statements,
    });
    for (const { statement, reason } of wildcards) {
      for (const resource of statement.resources) {
        Validations.of(connectPolicy).acknowledge({ id: `AwsSolutions-IAM5[Resource::${resource}]`, reason });
      }
    }
    this.refs = { connectPolicy, ...(databaseSubnetGroup ? { databaseSubnetGroup } : {}) };
  }
}
