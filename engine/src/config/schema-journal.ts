import { z } from 'zod';
import { address, duration, flag, integer, name, oneOf, path, url } from './leaf-types.js';
import { secretReference } from './schema-venue.js';

const MIB = 1024 * 1024;

export const journal = z.strictObject({
  dir: path()
    .optional()
    .describe(
      'Folder of the journal. Default: `journal` in `session.stateDir`. One of a pair uses `<ha.node>/journal` there instead.',
    ),
  durability: oneOf(['async', 'fsync-before-send', 'replicated-before-send'])
    .default('async')
    .describe(
      'What an order waits for before it is sent: nothing, its event on the disk, or its event on the standby.',
    ),
  maxHoldMs: duration(1, 60_000)
    .default(250)
    .describe(
      'An order that has waited for longer, for its record or for its turn in `risk.orderRate` behind others that did, is given up: it would come too late.',
    ),
  commitIntervalMs: duration(0, 1_000)
    .default(1)
    .describe('Events of this long are made durable together (group commit).'),
  segmentBytes: integer(64 * 1024, 4_096 * MIB)
    .default(16 * MIB)
    .describe('Size of a segment file; preallocated.'),
  ringBytes: integer(MIB, 1_024 * MIB)
    .default(32 * MIB)
    .describe('Memory between the trading thread and the writer.'),
  backlogBytes: integer(64 * 1024, 1_024 * MIB)
    .default(8 * MIB)
    .describe('Unwritten bytes from which new orders are denied with JOURNAL_BACKLOG; cancels pass.'),
  snapshotEvery: integer(1_000, 100_000_000)
    .default(50_000)
    .describe('Events from one snapshot to the next.'),
  retainBytes: integer(MIB, 2 ** 50)
    .default(2_048 * MIB)
    .describe('Closed segments are deleted, oldest first, beyond this; never those recovery needs.'),
  compress: flag().default(true).describe('Closed segments are compressed.'),
});

const lease = z.strictObject({
  kind: oneOf(['file', 'etcd', 'dynamodb'])
    .default('file')
    .describe('Where the lease is kept: a folder (one machine only), etcd, or a DynamoDB table.'),
  path: path().optional().describe('Folder of the file lease. Default: `lease` in `session.stateDir`.'),
  endpoints: z
    .array(url('http:', 'https:'))
    .max(16)
    .default([])
    .describe('URLs of etcd, or one of DynamoDB when not AWS itself.'),
  table: name().optional().describe('DynamoDB table.'),
  region: name().optional().describe('Region of the DynamoDB table. Default: of the environment.'),
  key: name().default('tradewind').describe('Key of the lease: one per pair.'),
  renewEveryMs: duration(10, 60_000).default(100).describe('The leader renews this often.'),
  observeEveryMs: duration(5, 60_000).default(50).describe('The standby looks this often.'),
  selfFenceMs: duration(20, 600_000)
    .default(250)
    .describe('A leader that could not renew for this long stops sending.'),
  expireAfterMs: duration(20, 600_000)
    .default(400)
    .describe('A lease that was not renewed for this long, on the clock of whoever watches, may be taken.'),
  requestTimeoutMs: duration(5, 60_000)
    .default(50)
    .describe('A request to the lease store is given up after this long.'),
});

export const ha = z.strictObject({
  enabled: flag().default(false).describe('Runs as one of a pair: leader or hot standby (`--ha`).'),
  node: name()
    .optional()
    .describe('Name of this one of the pair. Default: `a`, or `b` where `a` is running.'),
  listen: address()
    .default('127.0.0.1:0')
    .describe('Address the journal is streamed from while this one leads; port 0 = any free port.'),
  advertise: address().optional().describe('Address the other one reaches that at. Default: `listen`.'),
  secret: secretReference('the shared secret')
    .optional()
    .describe(
      'Shared by the pair, by reference; without it anyone who reaches `listen` can read the journal.',
    ),
  handOverCutOffAfterMs: duration(0, 600_000)
    .default(3_000)
    .describe(
      'A leader whose order entry or private stream has been down for this long asks the standby to lead, which does where its own sessions are logged on and it has a good book. 0: never.',
    ),
  lease: lease.prefault({}).describe('Who leads.'),
});
