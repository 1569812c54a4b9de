import type { NetworkAcl, NetworkAclEntry } from '@aws-sdk/client-ec2';

/** One of the entries that cut a subnet off. */
export interface DenyEntry {
  readonly ruleNumber: number;
  readonly egress: boolean;
  readonly cidr: { readonly CidrBlock: string } | { readonly Ipv6CidrBlock: string };
}

/**
 * The first entries of both directions: everything is denied. An entry is named by number and direction, so IPv4 takes
 * number 1 and IPv6 number 2. Network ACLs keep no state: flows that are under way end with them, which a security group
 * would let live.
 */
export const DENY_ENTRIES: readonly DenyEntry[] = [false, true].flatMap((egress) => [
  { ruleNumber: 1, egress, cidr: { CidrBlock: '0.0.0.0/0' } },
  { ruleNumber: 2, egress, cidr: { Ipv6CidrBlock: '::/0' } },
]);

/** How to get from the entries that are there to the ones wanted. */
export interface EntryChanges {
  readonly create: readonly DenyEntry[];
  /** Somebody else's entry stands in the place: fencing wins, and says what was there. */
  readonly replace: readonly { readonly entry: DenyEntry; readonly was: NetworkAclEntry }[];
  readonly remove: readonly DenyEntry[];
}

export function planEntries(acl: NetworkAcl, wanted: 'fenced' | 'open'): EntryChanges {
  const found = DENY_ENTRIES.map((entry) => ({ entry, was: inPlace(acl, entry) }));
  if (wanted === 'open') {
    const remove = found.filter(({ entry, was }) => was && isDeny(was, entry)).map(({ entry }) => entry);
    return { create: [], replace: [], remove };
  }
  return {
    create: found.filter(({ was }) => was === undefined).map(({ entry }) => entry),
    replace: found.flatMap(({ entry, was }) => (was && !isDeny(was, entry) ? [{ entry, was }] : [])),
    remove: [],
  };
}

/** True when every entry denies. */
export function isFenced(acl: NetworkAcl): boolean {
  return DENY_ENTRIES.every((entry) => {
    const was = inPlace(acl, entry);
    return was !== undefined && isDeny(was, entry);
  });
}

function inPlace(acl: NetworkAcl, entry: DenyEntry): NetworkAclEntry | undefined {
  return acl.Entries?.find(
    ({ RuleNumber, Egress }) => RuleNumber === entry.ruleNumber && (Egress ?? false) === entry.egress,
  );
}

function isDeny(was: NetworkAclEntry, { cidr }: DenyEntry): boolean {
  const covers =
    'CidrBlock' in cidr ? was.CidrBlock === cidr.CidrBlock : was.Ipv6CidrBlock === cidr.Ipv6CidrBlock;
  return was.RuleAction === 'deny' && was.Protocol === '-1' && covers;
}
