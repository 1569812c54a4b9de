import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  CreateNetworkAclEntryCommand,
  DeleteNetworkAclEntryCommand,
  DescribeInstancesCommand,
  DescribeNetworkAclsCommand,
  EC2Client,
  type NetworkAcl,
  type NetworkAclEntry,
  ReplaceNetworkAclEntryCommand,
  StopInstancesCommand,
} from '@aws-sdk/client-ec2';
import { changeLease, holds, type LeaseRow, type LeaseStore, revoke } from '@tradewind/engine/ha/lease';
import { DynamoLeaseStore } from '@tradewind/engine/ha/lease/dynamo';
import { z } from 'zod';
import {
  createLog,
  flag,
  type HostName,
  hostName,
  jsonVariable,
  type Log,
  otherHost,
  parseInput,
  resourceId,
} from '../../shared/index.js';
import { type DenyEntry, type EntryChanges, isFenced, planEntries } from './deny-entries.js';

const hostRecord = z.strictObject({
  instanceId: resourceId.instance,
  subnetId: resourceId.subnet,
  networkAclId: resourceId.networkAcl,
});

const environmentSchema = z.object({
  ENVIRONMENT: z.string({ error: 'set it to the name of the environment' }).min(1),
  LEASE_TABLE: z.string({ error: 'set it to the name of the lease table' }).min(1),
  /** JSON: instance, subnet and network ACL per host. */
  HOSTS: jsonVariable(z.strictObject({ primary: hostRecord, standby: hostRecord })),
  /** How a host is cut off: at its own subnet, by force-stopping its instance, or both. */
  FENCING: z.enum(['acl', 'acl-and-stop', 'stop'], { error: 'set it to acl, acl-and-stop or stop' }),
});

export type FenceEnvironment = z.infer<typeof environmentSchema>;

const eventSchema = z.strictObject({
  host: hostName,
  reason: z.string({ error: 'say why, for the record' }).min(3, 'say why, for the record'),
  requestedBy: z.string({ error: 'say who asks' }).min(1, 'say who asks'),
  dryRun: flag.default(false),
  /** Takes the fence away again. */
  unfence: flag.default(false),
  /** Fence the host although it holds the lease; its right is withdrawn. */
  takeover: flag.default(false),
});

export type FenceEvent = z.infer<typeof eventSchema>;

/** Why a fence was refused or is not known to hold. */
export class FenceError extends Error {
  override readonly name = 'FenceError';
  readonly code = 'TW_FENCE';
}

/** What was found, done and verified; for the audit archive. */
export interface FenceEvidence {
  readonly action: 'fence' | 'unfence';
  readonly host: HostName;
  readonly reason: string;
  readonly requestedBy: string;
  readonly dryRun: boolean;
  /** Null where the network is left alone. */
  readonly networkAclId: string | null;
  /** Entries as `in 1 0.0.0.0/0`. */
  readonly created: readonly string[];
  readonly replaced: readonly { readonly entry: string; readonly was: NetworkAclEntry }[];
  readonly removed: readonly string[];
  readonly leaseBefore: LeaseRow | null;
  readonly leaseAfter: LeaseRow | null;
  /** State of the instance when it was asked to stop. */
  readonly instance: string | null;
  /** True when a second look found everything as wanted; a dry run verifies nothing. */
  readonly verified: boolean;
}

export interface FenceDependencies {
  readonly environment: FenceEnvironment;
  readonly ec2: EC2Client;
  readonly store: LeaseStore;
  readonly log: Log;
  readonly sleep: (ms: number) => Promise<void>;
}

/** Describing what was just changed may lag. */
const VERIFY_TRIES = 5;
const VERIFY_PAUSE_MS = 400;

const NO_CHANGES: EntryChanges = { create: [], replace: [], remove: [] };

/**
 * Cuts a host off and withdraws its right to trade, then looks whether that is so. The network first, where the host has a
 * subnet of its own: from then on it can harm nobody, whatever it believes. Hosts that share a subnet can only be stopped:
 * a deny would cut off the other one too. Doing it twice changes nothing more.
 */
export function createFence(dependencies: FenceDependencies): (event: unknown) => Promise<FenceEvidence> {
  const { environment, store, log } = dependencies;
  return async (raw) => {
    const event = parseInput('event of fence', eventSchema, raw);
    const host = environment.HOSTS[event.host];
    const before = await store.read();
    const acl = await describeAcl(dependencies, event.host);
    if (!event.unfence) await refuse(dependencies, event, before);
    const changes = acl ? planEntries(acl, event.unfence ? 'open' : 'fenced') : NO_CHANGES;
    if (!event.dryRun) await applyChanges(dependencies, host.networkAclId, changes);
    const after = event.dryRun ? before : await mark(store, event);
    const stop = environment.FENCING !== 'acl' && !event.unfence && !event.dryRun;
    const instance = stop ? await stopInstance(dependencies, host.instanceId) : null;
    if (!event.dryRun) await verify(dependencies, event, after);
    const evidence: FenceEvidence = {
      action: event.unfence ? 'unfence' : 'fence',
      host: event.host,
      reason: event.reason,
      requestedBy: event.requestedBy,
      dryRun: event.dryRun,
      networkAclId: acl ? host.networkAclId : null,
      created: changes.create.map(entryText),
      replaced: changes.replace.map(({ entry, was }) => ({ entry: entryText(entry), was })),
      removed: changes.remove.map(entryText),
      leaseBefore: before ?? null,
      leaseAfter: after ?? null,
      instance,
      verified: !event.dryRun,
    };
    log.info(evidence.action, { evidence });
    return evidence;
  };
}

async function refuse(
  dependencies: FenceDependencies,
  event: FenceEvent,
  row: LeaseRow | undefined,
): Promise<void> {
  const other = otherHost(event.host);
  const otherAcl = await describeAcl(dependencies, other);
  if (row?.fenced === other || (otherAcl && isFenced(otherAcl))) {
    throw new FenceError(
      `host ${event.host}: ${other} is fenced already, and with both nobody could trade or cancel; unfence ${other} first`,
    );
  }
  if (holds(row, event.host) && !event.takeover) {
    throw new FenceError(
      `host ${event.host}: it holds the lease with epoch ${row!.epoch}; hand over first, or set takeover: true to withdraw its right`,
    );
  }
  // Stopping leaves no other mark on a host than that it does not run.
  if (dependencies.environment.FENCING !== 'stop') return;
  const { instanceId } = dependencies.environment.HOSTS[other];
  const state = await instanceState(dependencies, instanceId);
  if (!['pending', 'running'].includes(state)) {
    throw new FenceError(
      `host ${event.host}: ${other} (${instanceId}) is ${state}, and with both stopped nobody could trade or cancel; start ${other} first`,
    );
  }
}

/** The ACL of the host's own subnet; undefined where hosts are stopped and the network is left alone. */
async function describeAcl(
  { ec2, environment }: FenceDependencies,
  name: HostName,
): Promise<NetworkAcl | undefined> {
  if (environment.FENCING === 'stop') return undefined;
  const host = environment.HOSTS[name];
  const other = environment.HOSTS[otherHost(name)];
  if (host.subnetId === other.subnetId || host.networkAclId === other.networkAclId) {
    throw new FenceError(
      `${host.networkAclId} of ${host.subnetId}: both hosts are behind it, so a deny would cut off both; set FENCING to stop`,
    );
  }
  const { NetworkAcls } = await ec2.send(
    new DescribeNetworkAclsCommand({ NetworkAclIds: [host.networkAclId] }),
  );
  const acl = NetworkAcls?.[0];
  if (acl === undefined) throw new FenceError(`${host.networkAclId}: no such network ACL; correct HOSTS`);
  const subnets = acl.Associations?.map(({ SubnetId }) => SubnetId) ?? [];
  if (!subnets.includes(host.subnetId)) {
    throw new FenceError(
      `${host.networkAclId}: does not cover ${host.subnetId}, so it could not fence it; correct HOSTS`,
    );
  }
  if (subnets.length > 1) {
    throw new FenceError(
      `${host.networkAclId}: covers ${subnets.join(', ')}, so others would be cut off too; give each host's subnet its own`,
    );
  }
  return acl;
}

async function applyChanges(
  { ec2 }: FenceDependencies,
  NetworkAclId: string,
  { create, replace, remove }: EntryChanges,
): Promise<void> {
  const entryOf = ({ ruleNumber, egress, cidr }: DenyEntry) => ({
    NetworkAclId,
    RuleNumber: ruleNumber,
    Egress: egress,
    Protocol: '-1',
    RuleAction: 'deny' as const,
    ...cidr,
  });
  for (const entry of create) await ec2.send(new CreateNetworkAclEntryCommand(entryOf(entry)));
  for (const { entry } of replace) await ec2.send(new ReplaceNetworkAclEntryCommand(entryOf(entry)));
  for (const { ruleNumber, egress } of remove) {
    await ec2.send(
      new DeleteNetworkAclEntryCommand({ NetworkAclId, RuleNumber: ruleNumber, Egress: egress }),
    );
  }
}

function mark(store: LeaseStore, { host, unfence }: FenceEvent): Promise<LeaseRow | undefined> {
  return changeLease(store, (row) => {
    if (unfence) {
      const { fenced, ...rest } = row;
      return fenced === host ? rest : undefined;
    }
    if (row.fenced === host && !holds(row, host)) return undefined;
    const { handover: _, ...rest } = row;
    const marked = { ...rest, fenced: host };
    return holds(row, host) ? revoke(marked) : marked;
  });
}

async function stopInstance({ ec2 }: FenceDependencies, instanceId: string): Promise<string> {
  const { StoppingInstances } = await ec2.send(
    new StopInstancesCommand({ InstanceIds: [instanceId], Force: true }),
  );
  return StoppingInstances?.[0]?.CurrentState?.Name ?? 'unknown';
}

async function verify(
  dependencies: FenceDependencies,
  event: FenceEvent,
  row: LeaseRow | undefined,
): Promise<void> {
  const { environment, sleep } = dependencies;
  const host = environment.HOSTS[event.host];
  const stop = environment.FENCING !== 'acl' && !event.unfence;
  let problems: string[] = [];
  for (let attempt = 0; attempt < VERIFY_TRIES; attempt += 1) {
    if (attempt > 0) await sleep(VERIFY_PAUSE_MS);
    problems = [];
    const acl = await describeAcl(dependencies, event.host);
    const left = acl ? planEntries(acl, event.unfence ? 'open' : 'fenced') : NO_CHANGES;
    const wrong = [...left.create, ...left.remove, ...left.replace.map(({ entry }) => entry)];
    if (wrong.length > 0)
      problems.push(`${host.networkAclId} is not as wanted: ${wrong.map(entryText).join(', ')}`);
    if (row !== undefined && (row.fenced === event.host) === event.unfence)
      problems.push('the lease row does not say so');
    if (stop) {
      const state = await instanceState(dependencies, host.instanceId);
      if (!['stopping', 'stopped', 'shutting-down', 'terminated'].includes(state)) {
        problems.push(`${host.instanceId} is ${state}`);
      }
    }
    if (problems.length === 0) return;
  }
  throw new FenceError(`host ${event.host}: ${problems.join('; ')}; look at it by hand, then ask again`);
}

async function instanceState({ ec2 }: FenceDependencies, instanceId: string): Promise<string> {
  const { Reservations } = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [instanceId] }));
  return Reservations?.[0]?.Instances?.[0]?.State?.Name ?? 'unknown';
}

function entryText({ ruleNumber, egress, cidr }: DenyEntry): string {
  const block = 'CidrBlock' in cidr ? cidr.CidrBlock : cidr.Ipv6CidrBlock;
  return `${egress ? 'out' : 'in'} ${ruleNumber} ${block}`;
}

/** Checks the environment of the function. */
export function fenceEnvironment(variables: NodeJS.ProcessEnv): FenceEnvironment {
  return parseInput('environment of fence', environmentSchema, variables);
}

let fence: ReturnType<typeof createFence> | undefined;

/** What Lambda calls. */
export async function handler(event: unknown): Promise<FenceEvidence> {
  if (fence === undefined) {
    const environment = fenceEnvironment(process.env);
    fence = createFence({
      environment,
      ec2: new EC2Client({}),
      store: new DynamoLeaseStore({
        client: new DynamoDBClient({}),
        table: environment.LEASE_TABLE,
        timeoutMs: 2_000,
      }),
      log: createLog({ function: 'fence', environment: environment.ENVIRONMENT }),
      sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    });
  }
  return fence(event);
}
