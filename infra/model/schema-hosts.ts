import { z } from 'zod';
import { gibibytes, resourceId, zoneId } from './schema-leaves.js';
import { duration } from './units.js';

const volume = (size: number) =>
  z
    .strictObject({
      type: z
        .enum(['gp3', 'io2'])
        .default('gp3')
        .describe('gp3: cheap and even; io2: sub-millisecond tails and 99.999 % durability.'),
      sizeGiB: gibibytes(8, 16_384).default(size).describe('Size in GiB.'),
      iops: z
        .int()
        .min(100)
        .max(256_000)
        .optional()
        .describe('Provisioned IOPS. gp3: 3,000 to 16,000; io2: required.'),
      throughputMiB: z.int().min(125).max(1_000).optional().describe('Throughput in MiB/s, gp3 only.'),
    })
    .prefault({});

export const hosts = z
  .strictObject({
    instanceType: z
      .string()
      .describe('EC2 instance type of both hosts, checked against `infra/data/instance-capabilities.json`.'),
    image: z
      .union(
        [
          z.strictObject({ id: resourceId('ami').describe('A fixed image.') }),
          z.strictObject({
            parameter: z
              .string()
              .regex(/^\/[\w./-]+$/, 'write the path of an SSM parameter that holds an AMI id')
              .describe(
                'An SSM parameter, read by EC2 when a host is launched: a newer image never replaces a running host.',
              ),
          }),
        ],
        'write { id: ami-... } or { parameter: /path }',
      )
      .optional()
      .describe(
        'Machine image. Default: the public parameter of Amazon Linux 2023 for the architecture of the type.',
      ),
    profile: z
      .enum(['audited', 'max-speed'])
      .default('audited')
      .describe('Tuning profile of `infra/host`: `audited` keeps auditd, the SSM agent and the firewall on.'),
    threadsPerCore: z
      .union([z.literal(1), z.literal(2)], 'write 1 or 2')
      .optional()
      .describe('CPU threads per core. Not settable on metal types, where the guest turns SMT off itself.'),
    clock: z
      .enum(['ptp', 'ntp'])
      .default('ntp')
      .describe(
        '`ptp`: the hardware clock of the network card; `ntp`: the Amazon Time Sync Service at 169.254.169.123.',
      ),
    enaExpress: z
      .strictObject({
        venueFacing: z
          .boolean()
          .default(false)
          .describe(
            'On the interface orders leave by. Adds tens of microseconds when the network is quiet, and a venue without it falls back silently: leave it off.',
          ),
        replication: z
          .boolean()
          .default(false)
          .describe('On a second interface for replication between the two hosts.'),
        udp: z.boolean().default(false).describe('For UDP too, on the interfaces that have it.'),
      })
      .prefault({})
      .describe(
        'ENA Express (SRD), interface by interface: better tails under load, worse median in a quiet network.',
      ),
    enaQueues: z
      .int()
      .min(1)
      .max(32)
      .optional()
      .describe('Transmit and receive queues of the venue-facing interface, where the type lets one choose.'),
    connectionTracking: z
      .strictObject({
        tcpEstablished: duration('60s', '5d')
          .prefault('350s')
          .describe(
            'A tracked idle TCP flow is forgotten after this; the EC2 default of 5 days keeps a fenced flow alive.',
          ),
        udp: duration('30s', '60s').prefault('30s').describe('Idle time of one-way UDP flows.'),
        udpStream: duration('60s', '180s').prefault('180s').describe('Idle time of two-way UDP flows.'),
      })
      .prefault({})
      .describe('Security-group connection tracking of the venue-facing interface.'),
    rootVolume: volume(30).describe('The root volume. Always encrypted.'),
    journalVolume: volume(100).describe(
      'The data volume of /var/lib/tradewind: a resource of its own that outlives the host. Always encrypted.',
    ),
    autoRecovery: z
      .enum(['default', 'disabled'])
      .optional()
      .describe(
        'EC2 simplified auto recovery. Default: `default` with `ha.mode: none`, else `disabled`, so that a recovered primary never returns beside the standby unasked.',
      ),
    retired: z
      .array(z.enum(['primary', 'standby']))
      .max(1)
      .default([])
      .describe(
        'A host the next deployment takes down; its address, volume and reserved capacity stay. Taken from the list again it is launched from the newest template: how a host is replaced.',
      ),
    detailedMonitoring: z
      .boolean()
      .default(true)
      .describe('One-minute EC2 metrics instead of five-minute ones.'),
  })
  .describe('The trading hosts, both alike.');

export const placement = z
  .strictObject({
    strategy: z
      .enum(['cluster', 'shared', 'precision-time', 'none'])
      .default('cluster')
      .describe(
        '`cluster`: our own group; `shared`: a group the venue shares with this account; `precision-time`: a group with PTP hardware, with a cluster group linked to it.',
      ),
    sharedGroupId: resourceId('pg').optional().describe('Id of the group the venue shares, for `shared`.'),
    standby: z
      .enum(['same-group', 'other-group-same-zone', 'other-zone'])
      .default('same-group')
      .describe('Where the standby stands: the same latency and the same rack risk, or less of both.'),
    standbyZone: zoneId
      .optional()
      .describe('Zone of the standby with `other-zone`. Default: the second of `network.zones`.'),
    reserveCapacity: z
      .boolean()
      .default(true)
      .describe(
        'An On-Demand Capacity Reservation inside the group: without one a stopped metal host may not start again. Billed whether used or not.',
      ),
  })
  .prefault({})
  .describe('Where hosts stand in relation to the venue and to one another.');

export const ha = z
  .strictObject({
    mode: z
      .enum(['none', 'warm', 'hot'])
      .default('none')
      .describe(
        '`none`: one host; `warm`: a second host takes over the address; `hot`: a second host with its own whitelisted address.',
      ),
    address: z
      .enum(['own-addresses', 'secondary-ip', 'overlay-route'])
      .optional()
      .describe(
        'How the venue sees the standby. Default: `own-addresses`; `warm` moves a secondary private address with its Elastic IP, or a route to an overlay address.',
      ),
    overlayAddress: z
      .ipv4()
      .optional()
      .describe('The address outside the VPC that `overlay-route` moves between the hosts.'),
    lease: z
      .strictObject({
        renewEvery: duration('100ms', '10s')
          .prefault('500ms')
          .describe('The leader writes the lease this often.'),
        selfFence: duration('200ms', '30s')
          .prefault('1500ms')
          .describe('A leader that could not renew for this long kills its engine.'),
        expire: duration('300ms', '60s')
          .prefault('2500ms')
          .describe('A standby that saw no renewal for this long, on its own clock, takes over.'),
      })
      .prefault({})
      .describe('Timing of the leader lease; see the recovery budget.'),
    stopFencedHost: z
      .boolean()
      .default(true)
      .describe('The fenced host is also stopped by force, after its subnet was cut off.'),
  })
  .prefault({})
  .describe('High availability: who takes over, and how.');
