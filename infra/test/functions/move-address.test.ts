import {
  AssignPrivateIpAddressesCommand,
  CreateNetworkInterfaceCommand,
  CreateRouteCommand,
  CreateRouteTableCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  DescribeNetworkInterfacesCommand,
  DescribeRouteTablesCommand,
  EC2Client,
  ModifyNetworkInterfaceAttributeCommand,
} from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { mockClient } from 'aws-sdk-client-mock';
import {
  createMoveAddress,
  type MoveEnvironment,
  moveEnvironment,
} from '../../functions/move-address/handler.js';
import { memoryLog, startLeaseStore } from './support/lease.js';
import { startMoto, testWithMoto } from './support/moto.js';

let moto: Awaited<ReturnType<typeof startMoto>>;
let lease: Awaited<ReturnType<typeof startLeaseStore>>;
let ec2: EC2Client;
const interfaces = { primary: '', standby: '' };
let vpcId = '';

beforeAll(async () => {
  [moto, lease] = await Promise.all([startMoto(), startLeaseStore()]);
  if (!moto) return;
  ec2 = new EC2Client(moto.config);
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }));
  vpcId = Vpc!.VpcId!;
  const { Subnet } = await ec2.send(new CreateSubnetCommand({ VpcId: vpcId, CidrBlock: '10.0.1.0/24' }));
  for (const host of ['primary', 'standby'] as const) {
    const { NetworkInterface } = await ec2.send(
      new CreateNetworkInterfaceCommand({ SubnetId: Subnet!.SubnetId }),
    );
    interfaces[host] = NetworkInterface!.NetworkInterfaceId!;
  }
}, 90_000);
afterAll(async () => {
  ec2?.destroy();
  await moto?.stop();
  await lease.stop();
});
beforeEach(() => lease.put({}));

const mover = (ADDRESS: MoveEnvironment['ADDRESS'], client = ec2) =>
  createMoveAddress({
    environment: { ENVIRONMENT: 'test', LEASE_TABLE: 'lease', ADDRESS },
    ec2: client,
    store: lease.store,
    log: memoryLog().log,
    sleep: async () => {},
  });

const SECONDARY: MoveEnvironment['ADDRESS'] = {
  kind: 'secondary-ip',
  interfaces: { primary: 'eni-1', standby: 'eni-2' },
  addresses: ['10.0.1.50'],
};

function mockedEc2() {
  const client = new EC2Client({ region: 'x' });
  return { client, mock: mockClient(client) };
}

const addressesOf = async (id: string) => {
  const { NetworkInterfaces } = await ec2.send(
    new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: [id] }),
  );
  return NetworkInterfaces![0]!.PrivateIpAddresses!.map(({ PrivateIpAddress }) => PrivateIpAddress);
};

describe('move-address, a secondary private address', () => {
  testWithMoto(
    '(moto_server) assigns it to the promoted host; asked again it finds it there',
    async () => {
      await ec2.send(
        new AssignPrivateIpAddressesCommand({
          NetworkInterfaceId: interfaces.primary,
          PrivateIpAddresses: ['10.0.1.50'],
        }),
      );
      const move = mover({ kind: 'secondary-ip', interfaces, addresses: ['10.0.1.50'] });
      await expect(move({ host: 'standby', epoch: '5', dryRun: true })).resolves.toMatchObject({
        moved: ['10.0.1.50'],
      });
      await expect(addressesOf(interfaces.standby)).resolves.not.toContain('10.0.1.50');
      const evidence = await move({ host: 'standby', epoch: '5' });
      expect(evidence).toMatchObject({ moved: ['10.0.1.50'], networkInterfaceId: interfaces.standby });
      await expect(addressesOf(interfaces.standby)).resolves.toContain('10.0.1.50');
      await expect(move({ host: 'standby', epoch: 5 })).resolves.toMatchObject({ moved: [] });
    },
    30_000,
  );

  test('names the Elastic IP that answers for it', async () => {
    const { client, mock } = mockedEc2();
    const Association = { PublicIp: '203.0.113.10' };
    const PrivateIpAddresses = [
      { PrivateIpAddress: '10.0.1.50', Association },
      { PrivateIpAddress: '10.0.1.9' },
    ];
    mock.on(DescribeNetworkInterfacesCommand).resolves({ NetworkInterfaces: [{ PrivateIpAddresses }] });
    const evidence = await mover(SECONDARY, client)({ host: 'standby', epoch: 5 });
    expect(evidence.publicAddresses).toEqual(['203.0.113.10']);
  });

  test('moves nothing for a host that is not the holder, with an old epoch, fenced, or whose right was withdrawn', async () => {
    const { client, mock } = mockedEc2();
    const move = mover(SECONDARY, client);
    await expect(move({ host: 'primary', epoch: 5 })).rejects.toThrow(
      'host primary, epoch 5: standby holds epoch 5',
    );
    await expect(move({ host: 'standby', epoch: 4 })).rejects.toThrow(
      'only the present holder may move the address',
    );
    await lease.put({ fenced: 'standby' });
    await expect(move({ host: 'standby', epoch: 5 })).rejects.toThrow('and standby is fenced');
    await lease.put({ instanceId: 'revoked' });
    await expect(move({ host: 'standby', epoch: 5 })).rejects.toThrow('standby holds epoch 5');
    expect(mock.calls()).toHaveLength(0);
  });

  test('a leader that was replaced while its address moved is told so, and one that never arrives fails', async () => {
    const { client, mock } = mockedEc2();
    const at = (...addresses: string[]) => ({
      NetworkInterfaces: [
        { PrivateIpAddresses: addresses.map((PrivateIpAddress) => ({ PrivateIpAddress })) },
      ],
    });
    mock.on(DescribeNetworkInterfacesCommand).resolves(at());
    const move = mover(SECONDARY, client);
    await expect(move({ host: 'standby', epoch: 5 })).rejects.toThrow(
      '10.0.1.50: still not at the promoted host',
    );
    mock.reset();
    mock.on(DescribeNetworkInterfacesCommand).resolvesOnce(at()).resolves(at('10.0.1.50'));
    mock.on(AssignPrivateIpAddressesCommand).callsFake(async () => {
      await lease.put({ holder: 'primary', instanceId: 'i-primary', epoch: 6 });
      return {};
    });
    await expect(move({ host: 'standby', epoch: 5 })).rejects.toThrow('primary holds epoch 6');
  });
});

describe('move-address, a route to an overlay address', () => {
  const destination = '10.99.0.1/32';
  const makeTable = async () => {
    const { RouteTable } = await ec2.send(new CreateRouteTableCommand({ VpcId: vpcId }));
    return RouteTable!.RouteTableId!;
  };
  const targetOf = async (table: string) => {
    const { RouteTables } = await ec2.send(new DescribeRouteTablesCommand({ RouteTableIds: [table] }));
    return RouteTables![0]!.Routes!.find(({ DestinationCidrBlock }) => DestinationCidrBlock === destination)
      ?.NetworkInterfaceId;
  };

  testWithMoto(
    '(moto_server) replaces the route in every table, and says what must be there first',
    async () => {
      const routeTables = [await makeTable(), await makeTable()];
      const move = mover({ kind: 'overlay-route', interfaces, destination, routeTables });
      await expect(move({ host: 'standby', epoch: 5 })).rejects.toThrow(
        'turn its source/destination check off',
      );
      for (const NetworkInterfaceId of Object.values(interfaces)) {
        await ec2.send(
          new ModifyNetworkInterfaceAttributeCommand({
            NetworkInterfaceId,
            SourceDestCheck: { Value: false },
          }),
        );
      }
      await expect(move({ host: 'standby', epoch: 5 })).rejects.toThrow(`has no route to ${destination}`);
      for (const RouteTableId of routeTables) {
        await ec2.send(
          new CreateRouteCommand({
            RouteTableId,
            DestinationCidrBlock: destination,
            NetworkInterfaceId: interfaces.primary,
          }),
        );
      }
      await expect(move({ host: 'standby', epoch: 5 })).resolves.toMatchObject({ moved: routeTables });
      for (const table of routeTables) await expect(targetOf(table)).resolves.toBe(interfaces.standby);
    },
    30_000,
  );
});

test('a wrong environment names the variable and what to set', () => {
  expect(() => moveEnvironment({ ADDRESS: '{"kind":"teleport"}' })).toThrow(
    /environment of move-address: ENVIRONMENT missing.*ADDRESS/,
  );
  expect(() => moveEnvironment({ ADDRESS: 'nonsense' })).toThrow('ADDRESS "nonsense": write JSON');
});
