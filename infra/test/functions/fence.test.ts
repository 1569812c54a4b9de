import {
  CreateNetworkAclCommand,
  CreateNetworkAclEntryCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  DescribeInstancesCommand,
  DescribeNetworkAclsCommand,
  EC2Client,
  ReplaceNetworkAclAssociationCommand,
  RunInstancesCommand,
  StartInstancesCommand,
  StopInstancesCommand,
} from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createFence, type FenceEnvironment, fenceEnvironment } from '../../functions/fence/handler.js';
import { memoryLog, startLeaseStore } from './support/lease.js';
import { startMoto, testWithMoto } from './support/moto.js';

const EVENT = { host: 'primary', reason: 'its lease ran out', requestedBy: 'agent on standby' } as const;

let moto: Awaited<ReturnType<typeof startMoto>>;
let lease: Awaited<ReturnType<typeof startLeaseStore>>;
let ec2: EC2Client;
let shared: FenceEnvironment['HOSTS'];

beforeAll(async () => {
  [moto, lease] = await Promise.all([startMoto(), startLeaseStore()]);
  if (!moto) return;
  ec2 = new EC2Client(moto.config);
  shared = await makeHosts();
}, 90_000);
afterAll(async () => {
  ec2?.destroy();
  await moto?.stop();
  await lease.stop();
});

/** A VPC with a subnet, network ACL and instance per host. */
async function makeHosts(): Promise<FenceEnvironment['HOSTS']> {
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }));
  const VpcId = Vpc!.VpcId!;
  const make = async (CidrBlock: string) => {
    const { Subnet } = await ec2.send(new CreateSubnetCommand({ VpcId, CidrBlock }));
    const { NetworkAcl } = await ec2.send(new CreateNetworkAclCommand({ VpcId }));
    const subnetId = Subnet!.SubnetId!;
    const networkAclId = NetworkAcl!.NetworkAclId!;
    const { NetworkAcls } = await ec2.send(
      new DescribeNetworkAclsCommand({ Filters: [{ Name: 'association.subnet-id', Values: [subnetId] }] }),
    );
    const association = NetworkAcls![0]!.Associations!.find(({ SubnetId }) => SubnetId === subnetId)!;
    await ec2.send(
      new ReplaceNetworkAclAssociationCommand({
        AssociationId: association.NetworkAclAssociationId,
        NetworkAclId: networkAclId,
      }),
    );
    const { Instances } = await ec2.send(
      new RunInstancesCommand({ ImageId: 'ami-12c6146b', MinCount: 1, MaxCount: 1, SubnetId: subnetId }),
    );
    return { instanceId: Instances![0]!.InstanceId!, subnetId, networkAclId };
  };
  return { primary: await make('10.0.1.0/24'), standby: await make('10.0.2.0/24') };
}

const entriesOf = async (networkAclId: string) => {
  const { NetworkAcls } = await ec2.send(new DescribeNetworkAclsCommand({ NetworkAclIds: [networkAclId] }));
  return (NetworkAcls![0]!.Entries ?? []).filter(({ RuleNumber }) => RuleNumber! < 100);
};

const stateOf = async (instanceId: string) => {
  const { Reservations } = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [instanceId] }));
  return Reservations![0]!.Instances![0]!.State!.Name;
};

describe('fence', () => {
  let hosts: FenceEnvironment['HOSTS'];
  let lines: string[];
  const fenceWith = (FENCING: FenceEnvironment['FENCING'] = 'acl') => {
    const { log, lines: written } = memoryLog();
    lines = written;
    const environment = { ENVIRONMENT: 'test', LEASE_TABLE: 'lease', HOSTS: hosts, FENCING };
    return createFence({ environment, ec2, store: lease.store, log, sleep: async () => {} });
  };

  beforeEach(async () => {
    if (!moto) return;
    hosts = shared;
    for (const host of ['primary', 'standby']) await fenceWith()({ ...EVENT, host, unfence: true });
    await lease.put({});
  });

  testWithMoto(
    '(moto_server) denies all in both directions, marks the lease, stops and verifies; twice is once',
    async () => {
      const evidence = await fenceWith('acl-and-stop')(EVENT);
      expect(evidence).toMatchObject({
        action: 'fence',
        verified: true,
        instance: expect.stringMatching(/stop/),
      });
      expect(evidence.created).toEqual(['in 1 0.0.0.0/0', 'in 2 ::/0', 'out 1 0.0.0.0/0', 'out 2 ::/0']);
      const entries = await entriesOf(hosts.primary.networkAclId);
      expect(entries).toHaveLength(4);
      expect(entries.every(({ RuleAction, Protocol }) => RuleAction === 'deny' && Protocol === '-1')).toBe(
        true,
      );
      await expect(stateOf(hosts.primary.instanceId)).resolves.toMatch(/^stopp/);
      await expect(stateOf(hosts.standby.instanceId)).resolves.toBe('running');
      await expect(lease.store.read()).resolves.toMatchObject({
        fenced: 'primary',
        holder: 'standby',
        epoch: 5,
      });
      expect(JSON.parse(lines.at(-1)!)).toMatchObject({ message: 'fence', evidence: { host: 'primary' } });

      const again = await fenceWith('acl-and-stop')(EVENT);
      expect(again).toMatchObject({ created: [], replaced: [], verified: true });
      expect(again.leaseAfter?.version).toBe(evidence.leaseAfter?.version);
    },
    60_000,
  );

  testWithMoto(
    '(moto_server) unfence takes all of it back',
    async () => {
      const fence = fenceWith();
      await fence(EVENT);
      const evidence = await fence({ ...EVENT, unfence: 'true' });
      expect(evidence.removed).toHaveLength(4);
      await expect(entriesOf(hosts.primary.networkAclId)).resolves.toEqual([]);
      expect((await lease.store.read())?.fenced).toBeUndefined();
    },
    60_000,
  );

  testWithMoto(
    '(moto_server) a dry run changes nothing and says what it would do',
    async () => {
      const before = await lease.store.read();
      const state = await stateOf(hosts.primary.instanceId);
      const evidence = await fenceWith('acl-and-stop')({ ...EVENT, dryRun: true });
      expect(evidence).toMatchObject({ dryRun: true, verified: false, created: { length: 4 } });
      await expect(entriesOf(hosts.primary.networkAclId)).resolves.toEqual([]);
      await expect(stateOf(hosts.primary.instanceId)).resolves.toBe(state);
      await expect(lease.store.read()).resolves.toEqual(before);
    },
    60_000,
  );

  testWithMoto(
    '(moto_server) never fences both hosts, nor the holder unless its right is withdrawn',
    async () => {
      const fence = fenceWith();
      await expect(fence({ ...EVENT, host: 'standby' })).rejects.toThrow(
        'host standby: it holds the lease with epoch 5; hand over first, or set takeover: true',
      );
      await fence(EVENT);
      await expect(fence({ ...EVENT, host: 'standby', takeover: true })).rejects.toThrow(
        'unfence primary first',
      );
      await fence({ ...EVENT, unfence: true });

      const evidence = await fence({ ...EVENT, host: 'standby', takeover: true });
      // A higher epoch and an instance that is nobody: the old holder's next renewal fails, and it steps down.
      expect(evidence.leaseAfter).toMatchObject({
        holder: 'standby',
        instanceId: 'revoked',
        epoch: 6,
        fenced: 'standby',
      });
      const again = await fence({ ...EVENT, host: 'standby', takeover: true });
      expect(again.leaseAfter).toMatchObject({ epoch: 6 });
    },
    60_000,
  );

  testWithMoto(
    '(moto_server) an entry that stands in the place is replaced, and told of',
    async () => {
      await ec2.send(
        new CreateNetworkAclEntryCommand({
          NetworkAclId: hosts.primary.networkAclId,
          RuleNumber: 1,
          Egress: false,
          Protocol: '-1',
          RuleAction: 'allow',
          CidrBlock: '10.9.0.0/16',
        }),
      );
      const evidence = await fenceWith()(EVENT);
      expect(evidence.replaced).toMatchObject([
        { entry: 'in 1 0.0.0.0/0', was: { RuleAction: 'allow', CidrBlock: '10.9.0.0/16' } },
      ]);
      const entries = await entriesOf(hosts.primary.networkAclId);
      expect(entries.filter(({ RuleAction }) => RuleAction === 'deny')).toHaveLength(4);
    },
    60_000,
  );

  describe('hosts that share a subnet', () => {
    beforeEach(async () => {
      if (!moto) return;
      const { subnetId, networkAclId } = shared.primary;
      hosts = { ...shared, standby: { ...shared.standby, subnetId, networkAclId } };
      const InstanceIds = [shared.primary.instanceId, shared.standby.instanceId];
      await ec2.send(new StartInstancesCommand({ InstanceIds }));
    });

    testWithMoto(
      '(moto_server) are stopped and never denied; unfence leaves the network alone too',
      async () => {
        const evidence = await fenceWith('stop')(EVENT);
        expect(evidence).toMatchObject({
          networkAclId: null,
          created: [],
          replaced: [],
          instance: expect.stringMatching(/stop/),
          verified: true,
        });
        await expect(entriesOf(hosts.primary.networkAclId)).resolves.toEqual([]);
        await expect(stateOf(hosts.primary.instanceId)).resolves.toMatch(/^stopp/);
        await expect(stateOf(hosts.standby.instanceId)).resolves.toBe('running');
        expect((await lease.store.read())?.fenced).toBe('primary');

        const back = await fenceWith('stop')({ ...EVENT, unfence: true });
        expect(back).toMatchObject({ networkAclId: null, removed: [], instance: null, verified: true });
        expect((await lease.store.read())?.fenced).toBeUndefined();
      },
      60_000,
    );

    testWithMoto(
      '(moto_server) are not both stopped, though the lease calls neither fenced',
      async () => {
        await ec2.send(new StopInstancesCommand({ InstanceIds: [hosts.standby.instanceId] }));
        await expect(fenceWith('stop')({ ...EVENT, takeover: true })).rejects.toThrow(
          /host primary: standby \(i-.*\) is stopp.*start standby first/,
        );
        await expect(stateOf(hosts.primary.instanceId)).resolves.toBe('running');
      },
      60_000,
    );

    testWithMoto(
      '(moto_server) are refused a deny, whatever the configuration says',
      async () => {
        for (const fencing of ['acl', 'acl-and-stop'] as const) {
          for (const unfence of [false, true]) {
            await expect(fenceWith(fencing)({ ...EVENT, unfence })).rejects.toThrow(
              'both hosts are behind it, so a deny would cut off both; set FENCING to stop',
            );
          }
        }
        await expect(entriesOf(hosts.primary.networkAclId)).resolves.toEqual([]);
        await expect(stateOf(hosts.primary.instanceId)).resolves.toBe('running');
      },
      60_000,
    );
  });

  testWithMoto(
    '(moto_server) refuses an ACL that does not cover the subnet, or covers others too',
    async () => {
      hosts = { ...hosts, primary: { ...hosts.primary, subnetId: 'subnet-0badc0de' } };
      await expect(fenceWith()(EVENT)).rejects.toThrow('does not cover subnet-0badc0de');
    },
    60_000,
  );
});

describe('bad input', () => {
  test('names every field that is wrong, its value and the fix', async () => {
    const { log } = memoryLog();
    const fence = createFence({
      environment: {} as FenceEnvironment,
      ec2: new EC2Client({ region: 'eu-west-1' }),
      store: lease.store,
      log,
      sleep: async () => {},
    });
    await expect(fence({ host: 'third', reason: '', requestedBy: 'x', dryRun: 'perhaps' })).rejects.toThrow(
      'event of fence: host "third": write primary or standby; reason "": say why, for the record; dryRun "perhaps": write true or false',
    );
    expect(() => fenceEnvironment({ ENVIRONMENT: 'x', HOSTS: '{"primary":{}}' })).toThrow(
      /LEASE_TABLE missing: set it to the name of the lease table.*primary\.instanceId: write an id like i-0123.*FENCING missing: set it to acl, acl-and-stop or stop/,
    );
  });
});
