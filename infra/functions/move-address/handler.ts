import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  AssignPrivateIpAddressesCommand,
  DescribeNetworkInterfacesCommand,
  DescribeRouteTablesCommand,
  EC2Client,
  type NetworkInterface,
  ReplaceRouteCommand,
  type Route,
} from '@aws-sdk/client-ec2';
import { holds, type LeaseRow, type LeaseStore } from '@tradewind/engine/ha/lease';
import { DynamoLeaseStore } from '@tradewind/engine/ha/lease/dynamo';
import { z } from 'zod';
import {
  createLog,
  flag,
  type HostName,
  hostName,
  jsonVariable,
  type Log,
  parseInput,
  resourceId,
} from '../../shared/index.js';

/** Of the hosts that stand: one, while the other is replaced. */
const interfaces = z.strictObject({
  primary: resourceId.networkInterface.optional(),
  standby: resourceId.networkInterface.optional(),
});

const addressSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('secondary-ip'),
    interfaces,
    /** Private addresses that move; an Elastic IP associated with one moves with it. */
    addresses: z.array(z.ipv4('write an IPv4 address')).min(1, 'name at least one address'),
  }),
  z.strictObject({
    kind: z.literal('overlay-route'),
    interfaces,
    /** The overlay address as a block, e.g. `10.99.0.1/32`. */
    destination: z.cidrv4('write an IPv4 block such as 10.99.0.1/32'),
    routeTables: z.array(resourceId.routeTable).min(1, 'name at least one route table'),
  }),
]);

const environmentSchema = z.object({
  ENVIRONMENT: z.string({ error: 'set it to the name of the environment' }).min(1),
  LEASE_TABLE: z.string({ error: 'set it to the name of the lease table' }).min(1),
  /** JSON: what moves, between which interfaces. */
  ADDRESS: jsonVariable(addressSchema),
});

export type MoveEnvironment = z.infer<typeof environmentSchema>;

const eventSchema = z.strictObject({
  /** The promoted host. */
  host: hostName,
  /** Its claim: checked against the lease before and after. */
  epoch: z.coerce
    .number({ error: 'give the epoch of the lease' })
    .int()
    .positive('give the epoch of the lease'),
  dryRun: flag.default(false),
});

/** Why the address was not moved, or is not known to be where it should. */
export class MoveError extends Error {
  override readonly name = 'MoveError';
  readonly code = 'TW_MOVE';
}

export interface MoveEvidence {
  readonly host: HostName;
  readonly epoch: number;
  readonly kind: 'secondary-ip' | 'overlay-route';
  readonly networkInterfaceId: string;
  /** Addresses or route tables that were changed; empty when all was in place. */
  readonly moved: readonly string[];
  /** Elastic IPs that answer for the moved addresses. */
  readonly publicAddresses: readonly string[];
  readonly dryRun: boolean;
}

export interface MoveDependencies {
  readonly environment: MoveEnvironment;
  readonly ec2: EC2Client;
  readonly store: LeaseStore;
  readonly log: Log;
  readonly sleep: (ms: number) => Promise<void>;
}

const VERIFY_TRIES = 10;
const VERIFY_PAUSE_MS = 500;

/**
 * Moves the address to the promoted host. The caller's claim is compared with the lease before anything moves, so that a
 * host that was leader once can not take the address back, and again afterwards. The function runs one at a time
 * (reserved concurrency 1), so that of two leaders in a row the later one also moves later.
 */
export function createMoveAddress(dependencies: MoveDependencies): (event: unknown) => Promise<MoveEvidence> {
  const { environment, store, log } = dependencies;
  return async (raw) => {
    const { host, epoch, dryRun } = parseInput('event of move-address', eventSchema, raw);
    const { ADDRESS: address } = environment;
    checkClaim(await store.read(), host, epoch);
    const target = address.interfaces[host];
    if (target === undefined) {
      throw new MoveError(`host ${host}: has no interface here; deploy the environment with it standing`);
    }
    const step = address.kind === 'secondary-ip' ? secondaryIp : overlayRoute;
    const missing = await step.missing(dependencies, target);
    if (!dryRun && missing.length > 0) {
      await step.move(dependencies, target, missing);
      await settled(dependencies, () => step.missing(dependencies, target));
    }
    checkClaim(await store.read(), host, epoch);
    const evidence: MoveEvidence = {
      host,
      epoch,
      kind: address.kind,
      networkInterfaceId: target,
      moved: missing,
      publicAddresses: await publicAddresses(dependencies, target),
      dryRun,
    };
    log.info('address moved', { evidence });
    return evidence;
  };
}

function checkClaim(row: LeaseRow | undefined, host: HostName, epoch: number): void {
  if (holds(row, host) && row?.epoch === epoch && row.fenced !== host) return;
  const found = row === undefined ? 'nobody holds the lease' : `${row.holder} holds epoch ${row.epoch}`;
  const fenced = row?.fenced === host ? `, and ${host} is fenced` : '';
  throw new MoveError(
    `host ${host}, epoch ${epoch}: ${found}${fenced}; only the present holder may move the address, with its own epoch`,
  );
}

interface MoveStep {
  /** What is not yet at the target. */
  missing(dependencies: MoveDependencies, target: string): Promise<string[]>;
  move(dependencies: MoveDependencies, target: string, missing: readonly string[]): Promise<void>;
}

const secondaryIp: MoveStep = {
  async missing(dependencies, target) {
    const { addresses } = addressOf(dependencies, 'secondary-ip');
    const { PrivateIpAddresses = [] } = await describeInterface(dependencies, target);
    const present = new Set(PrivateIpAddresses.map(({ PrivateIpAddress }) => PrivateIpAddress));
    return addresses.filter((address) => !present.has(address));
  },
  async move({ ec2 }, target, missing) {
    await ec2.send(
      new AssignPrivateIpAddressesCommand({
        NetworkInterfaceId: target,
        PrivateIpAddresses: [...missing],
        AllowReassignment: true,
      }),
    );
  },
};

const overlayRoute: MoveStep = {
  async missing(dependencies, target) {
    const { destination, routeTables } = addressOf(dependencies, 'overlay-route');
    const { SourceDestCheck } = await describeInterface(dependencies, target);
    if (SourceDestCheck !== false) {
      throw new MoveError(
        `${target}: drops packets for ${destination}; turn its source/destination check off`,
      );
    }
    const { RouteTables = [] } = await dependencies.ec2.send(
      new DescribeRouteTablesCommand({ RouteTableIds: routeTables }),
    );
    return routeTables.filter((id) => {
      const table = RouteTables.find(({ RouteTableId }) => RouteTableId === id);
      const route = table?.Routes?.find(({ DestinationCidrBlock }) => DestinationCidrBlock === destination);
      if (route === undefined) {
        throw new MoveError(
          `${id}: has no route to ${destination}; deploy the environment again, it creates one`,
        );
      }
      return !leadsTo(route, target);
    });
  },
  async move(dependencies, target, missing) {
    const { destination } = addressOf(dependencies, 'overlay-route');
    for (const id of missing) {
      await dependencies.ec2.send(
        new ReplaceRouteCommand({
          RouteTableId: id,
          DestinationCidrBlock: destination,
          NetworkInterfaceId: target,
        }),
      );
    }
  },
};

/** A blackhole leads nowhere, whatever interface it names. */
function leadsTo(route: Route, target: string): boolean {
  return route.NetworkInterfaceId === target && route.State !== 'blackhole';
}

type Address = MoveEnvironment['ADDRESS'];

function addressOf<K extends Address['kind']>(
  { environment }: MoveDependencies,
  kind: K,
): Extract<Address, { kind: K }> {
  if (environment.ADDRESS.kind !== kind) throw new MoveError(`ADDRESS is no ${kind}`);
  return environment.ADDRESS as Extract<Address, { kind: K }>;
}

async function describeInterface({ ec2 }: MoveDependencies, id: string): Promise<NetworkInterface> {
  const { NetworkInterfaces } = await ec2.send(
    new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: [id] }),
  );
  const found = NetworkInterfaces?.[0];
  if (found === undefined) throw new MoveError(`${id}: no such network interface; correct ADDRESS`);
  return found;
}

async function publicAddresses(dependencies: MoveDependencies, target: string): Promise<string[]> {
  const { environment } = dependencies;
  if (environment.ADDRESS.kind !== 'secondary-ip') return [];
  const { addresses } = environment.ADDRESS;
  const { PrivateIpAddresses = [] } = await describeInterface(dependencies, target);
  return PrivateIpAddresses.filter(({ PrivateIpAddress }) =>
    addresses.includes(PrivateIpAddress ?? ''),
  ).flatMap(({ Association }) => (Association?.PublicIp === undefined ? [] : [Association.PublicIp]));
}

async function settled({ sleep }: MoveDependencies, missing: () => Promise<string[]>): Promise<void> {
  let left: string[] = [];
  for (let attempt = 0; attempt < VERIFY_TRIES; attempt += 1) {
    if (attempt > 0) await sleep(VERIFY_PAUSE_MS);
    left = await missing();
    if (left.length === 0) return;
  }
  throw new MoveError(
    `${left.join(', ')}: still not at the promoted host after ${VERIFY_TRIES} looks; ask again`,
  );
}

/** Checks the environment of the function. */
export function moveEnvironment(variables: NodeJS.ProcessEnv): MoveEnvironment {
  return parseInput('environment of move-address', environmentSchema, variables);
}

let move: ReturnType<typeof createMoveAddress> | undefined;

/** What Lambda calls. */
export async function handler(event: unknown): Promise<MoveEvidence> {
  if (move === undefined) {
    const environment = moveEnvironment(process.env);
    move = createMoveAddress({
      environment,
      ec2: new EC2Client({}),
      store: new DynamoLeaseStore({
        client: new DynamoDBClient({}),
        table: environment.LEASE_TABLE,
        timeoutMs: 2_000,
      }),
      log: createLog({ function: 'move-address', environment: environment.ENVIRONMENT }),
      sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    });
  }
  return move(event);
}
