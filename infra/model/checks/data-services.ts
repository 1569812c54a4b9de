import type { EnvironmentProblem } from '../problems.js';
import { check, oneOf } from './check.js';

/** RDS, ElastiCache and MSK: zones enough, and what production asks of them. */
export const dataChecks = [
  check(['stage', 'network', 'data'], ({ stage, network, data }) => {
    const zones = network.zones.length;
    const { postgres, redis, kafka } = data;
    const problems: EnvironmentProblem[] = [];
    const used = Object.entries({ postgres, redis, kafka }).filter(([, service]) => service !== undefined);
    if (zones < 2 && used.length > 0) {
      problems.push({
        path: 'network.zones',
        value: network.zones.join(', '),
        message: `is one zone, and data.${used.map(([name]) => name).join(', data.')} must have subnets in two`,
        fix: 'add a second zone, or remove the service',
      });
    }
    if (stage === 'prod' && postgres && !postgres.multiAz) {
      problems.push({
        path: 'data.postgres.multiAz',
        value: 'false',
        message: 'leaves a production database without a second copy',
        fix: 'set it to true',
      });
    }
    if (stage === 'prod' && redis && redis.nodes < 2) {
      problems.push({
        path: 'data.redis.nodes',
        value: String(redis.nodes),
        message: 'leaves nothing to fail over to, in production',
        fix: 'give at least 2',
      });
    }
    if (kafka && zones >= 2) {
      // Amazon MSK Developer Guide: brokers are spread evenly, Express brokers over three zones.
      if (kafka.instanceType.startsWith('express.') && zones !== 3) {
        problems.push({
          path: 'data.kafka.instanceType',
          value: kafka.instanceType,
          message: `is an Express broker, which stands in three zones, and there are ${zones}`,
          fix: 'name three network.zones, or use a type such as kafka.m7g.large',
        });
      } else if (kafka.brokers % zones !== 0) {
        const below = kafka.brokers - (kafka.brokers % zones);
        const near = [below, below + zones].filter((brokers) => brokers >= zones).map(String);
        problems.push({
          path: 'data.kafka.brokers',
          value: String(kafka.brokers),
          message: `can not be spread evenly over ${zones} zones`,
          fix: `give ${oneOf(near)}`,
        });
      }
    }
    return problems;
  }),
];
