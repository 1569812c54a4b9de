import { describe, expect, test } from '@jest/globals';
import { planOf, REGIONS, resources, templateOf, theOnly } from '../support/foundation.js';

const FULL = REGIONS.filter(([, plan]) => plan.scope === 'full');

describe.each(FULL)('the state of %s', (_, plan) => {
  const template = templateOf(plan, 'State');

  test('has one lease table that recovers to a point in time', () => {
    const { Properties } = theOnly(template, 'AWS::DynamoDB::Table');
    expect(Properties).toMatchObject({
      TableName: plan.names.leaseTable,
      KeySchema: [{ AttributeName: 'leaseKey', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
      DeletionProtectionEnabled: true,
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      SSESpecification: { SSEEnabled: true, SSEType: 'KMS' },
    });
  });

  test('has a journal volume for each host, in its zone, encrypted, and known to backups', () => {
    const volumes = Object.values(resources(template, 'AWS::EC2::Volume')).map(
      ({ Properties }) => Properties,
    );
    const { type, sizeGiB, iops } = plan.config.hosts.journalVolume;
    expect(volumes).toHaveLength(plan.hosts.hosts.length);
    for (const { role, zoneId } of plan.hosts.hosts) {
      const volume = volumes.find(({ Tags }) =>
        Tags.some(
          (tag: { Key: string; Value: string }) => tag.Key === 'tradewind:host' && tag.Value === role,
        ),
      );
      expect(volume).toMatchObject({
        AvailabilityZoneId: zoneId,
        VolumeType: type,
        Size: sizeGiB,
        Encrypted: true,
      });
      expect(volume.Iops).toBe(iops);
      expect(volume.KmsKeyId).toBeDefined();
      expect(volume.Tags).toContainEqual({ Key: 'tradewind:backup', Value: 'journal' });
    }
  });

  test('has the addresses the venue lets in, and says them', () => {
    const wanted =
      plan.hosts.hosts.filter(({ elasticIp }) => elasticIp).length + (plan.hosts.floatingIp ? 1 : 0);
    template.resourceCountIs('AWS::EC2::EIP', wanted);
    const outputs = Object.keys(template.findOutputs('*')).filter((id) => id.startsWith('VenueAddress'));
    expect(outputs).toHaveLength(wanted);
  });
});

test('hot hosts have an address each, warm ones share the one that moves', () => {
  const names = (name: 'prod-tokyo' | 'paper-tokyo') =>
    Object.keys(templateOf(planOf(name), 'State').findOutputs('*'))
      .filter((id) => id.startsWith('VenueAddress'))
      .sort();
  expect(names('prod-tokyo')).toEqual(['VenueAddressPrimary', 'VenueAddressStandby']);
  expect(names('paper-tokyo')).toEqual(['VenueAddressFloating']);
});
