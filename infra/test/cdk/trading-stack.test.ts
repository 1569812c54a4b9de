import { describe, expect, test } from '@jest/globals';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { TradingStack } from '../../cdk/stacks/trading-stack.js';
import { type EnvironmentPlan, planEnvironment } from '../../model/index.js';
import { comparable } from '../support/stack-snapshot.js';
import { ENVIRONMENTS, type EnvironmentName, shippedPlan, testApp } from '../support/test-app.js';
import { release, tradingRefs } from '../support/trading-refs.js';

function stackOf(plan: EnvironmentPlan): { readonly stack: TradingStack; readonly template: Template } {
  const app = testApp();
  const stack = new TradingStack(app, { ...tradingRefs(app, plan), release: release() });
  return { stack, template: Template.fromStack(stack) };
}

const templateOf = (name: EnvironmentName) => stackOf(shippedPlan(name)).template;

/** The plan of a shipped environment with some of its settings changed. */
function changed(
  name: EnvironmentName,
  change: (config: EnvironmentPlan['config']) => Partial<EnvironmentPlan['config']>,
): EnvironmentPlan {
  const { config } = shippedPlan(name);
  return planEnvironment({ ...config, ...change(config) });
}

function launchData(template: Template, host: 'Primary' | 'Standby'): Record<string, unknown> {
  const found = Object.entries(template.findResources('AWS::EC2::LaunchTemplate')).find(([id]) =>
    id.startsWith(host),
  );
  return found?.[1].Properties.LaunchTemplateData;
}

describe('placement', () => {
  test('a cluster group is linked to the group with hardware clocks', () => {
    const template = templateOf('paper-tokyo');
    template.hasResourceProperties('AWS::EC2::PlacementGroup', { Strategy: 'precision-time' });
    template.hasResourceProperties('AWS::EC2::PlacementGroup', {
      Strategy: 'cluster',
      ParentGroupId: { 'Fn::GetAtt': [Match.stringLikeRegexp('PrecisionTime'), 'GroupId'] },
    });
  });

  test('groups carry no tags, for a changed tag would replace them', () => {
    for (const name of ENVIRONMENTS) {
      for (const group of Object.values(templateOf(name).findResources('AWS::EC2::PlacementGroup'))) {
        expect(group.Properties.Tags).toBeUndefined();
      }
    }
  });

  test('each host stands in its own group and its reserved capacity too', () => {
    const template = templateOf('prod-virginia');
    for (const [host, group] of [
      ['Primary', 'PlacementCluster8FC52D75'],
      ['Standby', 'PlacementClusterStandbyF1C9DFC0'],
    ] as const) {
      expect(launchData(template, host)).toMatchObject({ Placement: { GroupName: { Ref: group } } });
      template.hasResourceProperties('AWS::EC2::CapacityReservation', {
        InstanceType: 'c7i.metal-24xl',
        InstanceCount: 1,
        InstanceMatchCriteria: 'targeted',
        AvailabilityZoneId: 'use1-az4',
        PlacementGroupArn: {
          'Fn::Join': ['', [Match.stringLikeRegexp('placement-group/$'), { Ref: group }]],
        },
      });
    }
  });

  test('a host is launched into its own reservation', () => {
    const template = templateOf('prod-tokyo');
    for (const host of ['Primary', 'Standby'] as const) {
      expect(launchData(template, host)).toMatchObject({
        CapacityReservationSpecification: {
          CapacityReservationTarget: {
            CapacityReservationId: { Ref: expect.stringMatching(`^${host}Capacity`) },
          },
        },
      });
    }
  });

  test('the group of a venue is joined by its id; nothing is reserved or made in it', () => {
    const { template } = stackOf(
      changed('prod-tokyo', ({ placement }) => ({
        placement: { ...placement, strategy: 'shared', sharedGroupId: 'pg-0123456789abcdef0' },
      })),
    );
    template.resourceCountIs('AWS::EC2::PlacementGroup', 0);
    template.resourceCountIs('AWS::EC2::CapacityReservation', 0);
    expect(launchData(template, 'Primary')).toMatchObject({ Placement: { GroupId: 'pg-0123456789abcdef0' } });
  });
});

describe('launch template', () => {
  test.each(ENVIRONMENTS)(
    '%s: no session tokens beyond the host, no hibernation, encrypted, stoppable',
    (name) => {
      const plan = shippedPlan(name);
      const data = launchData(stackOf(plan).template, 'Primary');
      expect(data).toMatchObject({
        InstanceType: plan.hosts.instanceType,
        MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 1, HttpEndpoint: 'enabled' },
        HibernationOptions: { Configured: false },
        DisableApiStop: false,
        DisableApiTermination: plan.config.stage === 'prod',
        MaintenanceOptions: { AutoRecovery: plan.config.ha.mode === 'none' ? 'default' : 'disabled' },
        BlockDeviceMappings: [
          { DeviceName: '/dev/xvda', Ebs: { Encrypted: true, KmsKeyId: expect.anything() } },
        ],
      });
    },
  );

  test('the image is a parameter EC2 reads at launch, never an id of today', () => {
    for (const name of ENVIRONMENTS) {
      expect(launchData(templateOf(name), 'Primary').ImageId).toMatch(/^resolve:ssm:\/aws\/service\//);
    }
  });

  test('CPU options are given with both figures, and never on metal', () => {
    expect(launchData(templateOf('paper-tokyo'), 'Primary')).toMatchObject({
      CpuOptions: { CoreCount: 8, ThreadsPerCore: 1 },
    });
    expect(launchData(templateOf('prod-tokyo'), 'Primary').CpuOptions).toBeUndefined();
  });

  test('ENA Express is on the replication interface alone, TCP alone', () => {
    const template = templateOf('prod-virginia');
    expect(launchData(template, 'Standby').NetworkInterfaces).toMatchObject([
      { DeviceIndex: 0, EnaSrdSpecification: { EnaSrdEnabled: false } },
      {
        DeviceIndex: 1,
        EnaSrdSpecification: { EnaSrdEnabled: true, EnaSrdUdpSpecification: { EnaSrdUdpEnabled: false } },
      },
    ]);
    template.resourceCountIs('AWS::EC2::NetworkInterface', 4);
  });

  test.each(['dev-single', 'paper-tokyo'] as const)(
    '%s: its type has no ENA Express and is told nothing of it',
    (name) => {
      for (const one of launchData(templateOf(name), 'Primary').NetworkInterfaces as object[]) {
        expect(one).not.toHaveProperty('EnaSrdSpecification');
      }
    },
  );

  test.each(ENVIRONMENTS)(
    '%s: nothing is asked that EC2 takes only with an interface it makes itself',
    (name) => {
      const data = launchData(templateOf(name), 'Primary');
      for (const key of ['PrivateDnsNameOptions', 'SecurityGroupIds', 'SecurityGroups']) {
        expect(data).not.toHaveProperty(key);
      }
      for (const one of data.NetworkInterfaces as object[]) {
        expect(Object.keys(one).sort()).toEqual(
          expect.arrayContaining(['DeviceIndex', 'NetworkInterfaceId']),
        );
        for (const key of ['SubnetId', 'Groups', 'PrivateIpAddress', 'Description', 'DeleteOnTermination']) {
          expect(one).not.toHaveProperty(key);
        }
      }
    },
  );

  test('ENA Express for UDP and the queue count are where they were asked for', () => {
    const { template } = stackOf(
      changed('prod-virginia', ({ hosts }) => ({
        hosts: {
          ...hosts,
          enaQueues: 4,
          enaExpress: { venueFacing: true, replication: false, udp: true },
        },
      })),
    );
    expect(launchData(template, 'Primary').NetworkInterfaces).toMatchObject([
      {
        DeviceIndex: 0,
        EnaQueueCount: 4,
        EnaSrdSpecification: { EnaSrdEnabled: true, EnaSrdUdpSpecification: { EnaSrdUdpEnabled: true } },
      },
    ]);
  });
});

describe('addresses', () => {
  test('tracked flows are forgotten after minutes, not five days', () => {
    templateOf('prod-tokyo').allResourcesProperties('AWS::EC2::NetworkInterface', {
      ConnectionTrackingSpecification: { TcpEstablishedTimeout: 350, UdpTimeout: 30, UdpStreamTimeout: 180 },
    });
  });

  test('hot: each host keeps its own whitelisted address, on its interface', () => {
    const template = templateOf('prod-tokyo');
    template.resourceCountIs('AWS::EC2::EIPAssociation', 2);
    for (const [host, digit] of [
      ['Primary', '7'],
      ['Standby', '8'],
    ] as const) {
      template.hasResourceProperties('AWS::EC2::EIPAssociation', {
        AllocationId: `eipalloc-${digit.repeat(17)}`,
        NetworkInterfaceId: { 'Fn::GetAtt': [Match.stringLikeRegexp(`^${host}InterfacesVenue`), 'Id'] },
      });
    }
  });

  test('warm: one address begins as a secondary one of the primary, with its Elastic IP', () => {
    const plan = shippedPlan('paper-tokyo');
    const { template } = stackOf(plan);
    const [primary, standby] = plan.hosts.hosts.map(({ privateIp }) => privateIp);
    const { floatingIp } = plan.hosts;
    expect(new Set([primary, standby, floatingIp]).size).toBe(3);
    template.resourceCountIs('AWS::EC2::EIPAssociation', 1);
    template.hasResourceProperties('AWS::EC2::EIPAssociation', {
      AllocationId: `eipalloc-${'9'.repeat(17)}`,
      PrivateIpAddress: floatingIp,
    });
    template.hasResourceProperties('AWS::EC2::NetworkInterface', {
      PrivateIpAddresses: [
        { PrivateIpAddress: primary, Primary: true },
        { PrivateIpAddress: floatingIp, Primary: false },
      ],
    });
    template.hasResourceProperties('AWS::EC2::NetworkInterface', { PrivateIpAddress: standby });
  });

  test('an overlay address passes only without the check of source and destination', () => {
    const { template } = stackOf(
      changed('paper-tokyo', ({ ha }) => ({
        ha: { ...ha, address: 'overlay-route', overlayAddress: '100.64.0.10' },
      })),
    );
    template.allResourcesProperties('AWS::EC2::NetworkInterface', { SourceDestCheck: false });
  });
});

describe('instances', () => {
  test('each comes from the first version of its template, with its journal volume attached', () => {
    const template = templateOf('prod-tokyo');
    template.resourceCountIs('AWS::EC2::Instance', 2);
    template.allResourcesProperties('AWS::EC2::Instance', { LaunchTemplate: { Version: '1' } });
    for (const [host, volume] of [
      ['Primary', 'vol-0aaaaaaaaaaaaaaaa'],
      ['Standby', 'vol-0bbbbbbbbbbbbbbbb'],
    ] as const) {
      template.hasResourceProperties('AWS::EC2::VolumeAttachment', {
        VolumeId: volume,
        InstanceId: { Ref: Match.stringLikeRegexp(`^${host}Instance`) },
      });
    }
  });

  test('what other stacks get: both hosts and the role', () => {
    const { stack } = stackOf(shippedPlan('prod-tokyo'));
    expect(Object.keys(stack.refs.hosts)).toEqual(['primary', 'standby']);
    expect(stack.resolve(stack.refs.hosts.standby?.networkInterfaceId)).toEqual({
      'Fn::GetAtt': [expect.stringMatching('^StandbyInterfacesVenue'), 'Id'],
    });
    expect(stack.resolve(stack.refs.hostRoleArn)).toEqual({
      'Fn::GetAtt': [expect.stringMatching('^HostRole'), 'Arn'],
    });
  });

  test('a pilot light has everything but instances', () => {
    const plan = shippedPlan('prod-virginia').dr as EnvironmentPlan;
    const { stack, template } = stackOf(plan);
    expect(plan.hosts.running).toBe(false);
    expect(stack.refs.hosts).toEqual({});
    template.resourceCountIs('AWS::EC2::Instance', 0);
    template.resourceCountIs('AWS::EC2::VolumeAttachment', 0);
    template.resourceCountIs('AWS::EC2::LaunchTemplate', 1);
    template.resourceCountIs('AWS::EC2::EIPAssociation', 1);
    // What is reserved is billed like a host that runs.
    template.resourceCountIs('AWS::EC2::CapacityReservation', 0);
    expect(launchData(template, 'Primary').CapacityReservationSpecification).toBeUndefined();
  });

  test('a retired host leaves its address and reservation, and comes back from a template made anew', () => {
    const before = templateOf('prod-tokyo');
    const { stack, template } = stackOf(
      changed('prod-tokyo', ({ hosts }) => ({ hosts: { ...hosts, retired: ['standby'] } })),
    );
    expect(Object.keys(stack.refs.hosts)).toEqual(['primary']);
    template.resourceCountIs('AWS::EC2::Instance', 1);
    template.resourceCountIs('AWS::EC2::EIPAssociation', 2);
    template.resourceCountIs('AWS::EC2::CapacityReservation', 2);
    const templates = (one: Template) => Object.keys(one.findResources('AWS::EC2::LaunchTemplate'));
    const [primary] = templates(before);
    expect(templates(template)).toContain(primary);
    expect(templates(template).filter((id) => templates(before).includes(id))).toHaveLength(1);
  });
});

test('the offered release is a parameter of its own path', () => {
  templateOf('paper-tokyo').hasResourceProperties('AWS::SSM::Parameter', {
    Name: '/tradewind/paper-tokyo/release/available',
    Value: Match.serializedJson({
      version: release().version,
      bucket: 'cdk-hnb659fds-assets-111122223333-ap-northeast-1',
      key: Match.stringLikeRegexp('^[0-9a-f]{64}\\.gz$'),
      sha256: release().sha256,
    }),
  });
});

test.each(ENVIRONMENTS)('%s: the template is as recorded', (name) => {
  const template = templateOf(name).toJSON();
  // Cloud-init has tests of its own and changes with every line of its scripts.
  for (const one of Object.values<{ Type: string; Properties: Record<string, object> }>(template.Resources)) {
    if (one.Type === 'AWS::EC2::LaunchTemplate') {
      one.Properties.LaunchTemplateData = { ...one.Properties.LaunchTemplateData, UserData: 'cloud-init' };
    }
  }
  expect(comparable(template)).toMatchSnapshot();
});
