import { describe, expect, test } from '@jest/globals';
import { type Consequence, consequences, formatConsequence } from '../../model/index.js';
import { ENVIRONMENTS, type EnvironmentName } from '../support/test-app.js';
import { configOf, fileOf } from './patch.js';

const of = (base: EnvironmentName, patch: Readonly<Record<string, unknown>> = {}): readonly Consequence[] =>
  consequences(configOf(base, patch), fileOf(base));

const about = (list: readonly Consequence[], choice: string) =>
  list.filter((one) => one.choice.startsWith(choice));

describe('consequences', () => {
  test.each(ENVIRONMENTS)('%s: each choice of placement and availability has one', (name) => {
    const list = of(name);
    const { placement, ha, hosts, dr } = configOf(name);
    expect(about(list, `placement.strategy ${placement.strategy}`)).toHaveLength(1);
    expect(about(list, `ha.mode ${ha.mode}`)).toHaveLength(1);
    expect(about(list, `placement.standby ${placement.standby}`)).toHaveLength(ha.mode === 'none' ? 0 : 1);
    expect(about(list, 'placement.reserveCapacity')).toHaveLength(1);
    expect(about(list, `hosts.profile ${hosts.profile}`)).toHaveLength(1);
    expect(about(list, 'dr.mode')).toHaveLength(dr ? 1 : 0);
    expect(about(list, 'loss of the')).toHaveLength(2);
  });

  test('are said once, in full, without a period at the end', () => {
    for (const name of ENVIRONMENTS) {
      const lines = of(name).map(formatConsequence);
      expect(new Set(lines).size).toBe(lines.length);
      for (const line of lines) expect(line).toMatch(/^[\w .,]+.*: .{15,}[^.]$/);
    }
  });

  test('mark what can not be taken back', () => {
    const irreversible = of('prod-tokyo').filter(({ severity }) => severity === 'irreversible');
    expect(irreversible.map(({ choice }) => choice)).toEqual([
      'archive.mode compliance',
      'backup.lock compliance',
    ]);
    expect(irreversible[0]?.consequence).toContain('2557 days');
    expect(of('dev-single').filter(({ severity }) => severity === 'irreversible')).toEqual([]);
  });

  test.each<[string, EnvironmentName, Record<string, unknown>, string, string]>([
    [
      'venues without addresses',
      'prod-virginia',
      {},
      'venues coinbase, kraken, gemini, binance without cidrs',
      'open to any address',
    ],
    [
      'ENA Express towards the venue',
      'prod-tokyo',
      { 'hosts.enaExpress': { venueFacing: true } },
      'hosts.enaExpress.venueFacing',
      'tens of microseconds',
    ],
    ['a fast profile', 'prod-tokyo', { 'hosts.profile': 'max-speed' }, 'hosts.profile max-speed', 'auditd'],
    [
      'a standby in another zone',
      'prod-tokyo',
      { 'placement.standby': 'other-zone' },
      'placement.standby other-zone',
      'outlives zone apne1-az4',
    ],
    [
      'a standby on another rack',
      'prod-virginia',
      {},
      'placement.standby other-group-same-zone',
      'different racks',
    ],
    [
      'reserved capacity',
      'prod-tokyo',
      {},
      'placement.reserveCapacity true',
      'two m8azn.metal-12xl are billed',
    ],
    [
      'a shared group',
      'prod-tokyo',
      {
        'placement.strategy': 'shared',
        'placement.sharedGroupId': 'pg-0123456789abcdef0',
        'placement.reserveCapacity': false,
      },
      'placement.strategy shared',
      'the venue owns the group',
    ],
    ['an idle clock', 'paper-tokyo', { 'hosts.clock': 'ntp' }, 'hosts.clock ntp', 'nothing reads it'],
    [
      'an address in route tables',
      'paper-tokyo',
      { 'ha.address': 'overlay-route', 'ha.overlayAddress': '172.31.255.1' },
      'ha.address overlay-route',
      'own Elastic IP',
    ],
    ['one subnet for two hosts', 'paper-tokyo', {}, 'ha.address secondary-ip', 'stopped by force'],
    ['no interface endpoints', 'dev-single', {}, 'network.endpoints false', 'port 443 is open'],
    ['nobody to tell', 'dev-single', {}, 'observability without', 'nobody is told'],
    [
      'a type EC2 can not recover',
      'dev-single',
      { 'hosts.instanceType': 'z1d.metal', 'hosts.threadsPerCore': undefined, 'recovery.rto': '2h' },
      'hosts.instanceType z1d.metal',
      'a person starts the host anew',
    ],
    ['no second Region', 'paper-tokyo', {}, 'loss of the region', 'no way back'],
    [
      'a pipeline without approval',
      'paper-tokyo',
      {
        pipeline: {
          connectionArn: 'arn:aws:codeconnections:us-east-1:111122223333:connection/1234abcd',
          repository: 'org/repo',
          approval: false,
        },
      },
      'pipeline.approval false',
      'without a person',
    ],
  ])('%s', (_, base, patch, choice, phrase) => {
    const list = about(of(base, patch), choice);
    expect(list.map(({ consequence }) => consequence).join()).toContain(phrase);
  });
});
