import { describe, expect, it } from '@jest/globals';
import { ConfigError, parseConfig } from '../../src/config/index.js';

const problems = (yaml: object): string[] => {
  try {
    parseConfig(Buffer.from(JSON.stringify(yaml)));
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.issues.map(({ path, message }) => `${path}: ${message}`);
    throw error;
  }
};

describe('settings of journal and pair', () => {
  it('are good by default, and on for a pair', () => {
    expect(problems({})).toEqual([]);
    expect(problems({ ha: { enabled: true } })).toEqual([]);
  });

  it.each<[string, object, string]>([
    [
      'a backlog the ring can not hold',
      { journal: { backlogBytes: 64 << 20 } },
      'journal.backlogBytes: is more',
    ],
    [
      'waiting for a standby there is not',
      { journal: { durability: 'replicated-before-send' } },
      'journal.durability: waits for a standby, and there is none',
    ],
    [
      'an etcd without a URL',
      { ha: { lease: { kind: 'etcd' } } },
      'ha.lease.endpoints: is empty: name the client URLs of etcd',
    ],
    [
      'a DynamoDB without a table',
      { ha: { lease: { kind: 'dynamodb' } } },
      'ha.lease.table: is missing: name the DynamoDB table',
    ],
    ['a secret that is nowhere', { ha: { secret: {} } }, 'ha.secret: refers to nothing'],
    [
      'a stream anybody could read',
      { ha: { enabled: true, listen: '0.0.0.0:7400' } },
      'ha.secret: is missing, and anyone who reaches ha.listen 0.0.0.0:7400',
    ],
    [
      'a pair whose orders end with one process',
      {
        ha: { enabled: true },
        venue: { environment: 'testnet' },
      },
      'ha.enabled: makes no sense with execution simulated in this process',
    ],
    [
      'times under which two could lead',
      { ha: { lease: { expireAfterMs: 300 } } },
      'ha.lease.expireAfterMs: is 300: two engines could run at once',
    ],
    [
      'times under which a lost request costs the lease',
      { ha: { lease: { selfFenceMs: 150 } } },
      'ha.lease.selfFenceMs: is 150: one lost renewal would',
    ],
  ])('refuse %s', (_, yaml, problem) => {
    const found = problems(yaml);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(problem);
  });
});
