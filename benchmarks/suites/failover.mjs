import { loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { findEtcd, startEtcd } from '../../ci/etcd.mjs';
import { Samples } from '../lib/measure.mjs';
import { RealPair, timeOf, until, wallMs } from '../lib/real-pair.mjs';
import { row } from '../lib/report.mjs';

export const title =
  'failover: kill -9 of the leader of a pair, to the first order of the other one at the venue, and what the time goes to';

/** Of the leader, for each kind of lease; `TRADEWIND_BENCH_KILLS` says otherwise. */
const KILLS = Number(process.env.TRADEWIND_BENCH_KILLS ?? 10);
const STEPS = [
  'the lease is taken',
  'the gate is open',
  'the session has begun',
  'compared with the venue',
  'first order at the venue',
];

export async function run() {
  if (!(Number.isInteger(KILLS) && KILLS > 0)) throw new Error('TRADEWIND_BENCH_KILLS: a positive integer');
  const before = loadavg()[0];
  const rows = await withLease('file', { kind: 'file' });
  if (findEtcd() !== undefined) {
    const etcd = await startEtcd();
    try {
      rows.push(...(await withLease('etcd', { kind: 'etcd', endpoints: [etcd.endpoint], key: 'bench' })));
    } finally {
      await etcd.stop();
    }
  }
  const load = `load average ${before.toFixed(1)} before, ${loadavg()[0].toFixed(1)} after`;
  return { frames: [`default lease times, two market makers on the simulated venue; ${load}`], rows };
}

/** Each step from the kill, and of the whole how much came after the step before. */
async function withLease(name, lease) {
  const since = STEPS.map(() => new Samples(KILLS));
  const own = STEPS.map(() => new Samples(KILLS));
  const pair = await RealPair.start(lease);
  try {
    for (let kill = 0; kill < KILLS; kill++) {
      const { killed, times } = await killLeader(pair);
      for (const [i, at] of times.entries()) {
        since[i].add(at - killed);
        own[i].add(at - (times[i - 1] ?? killed));
      }
    }
  } finally {
    await pair.close();
  }
  return STEPS.flatMap((step, i) => {
    const isLast = i === STEPS.length - 1;
    const held = isLast ? { budget: 'failover' } : {};
    return [
      row(`${name}: kill to ${step}`, 'ms', figures(since[i]), held),
      row(`${name}:   of that, the last step`, 'ms', figures(own[i])),
    ];
  });
}

/** How many of them there are in a second says nothing. */
function figures(samples) {
  return { ...samples.summary(), mean: 0 };
}

/** Kills the leader while it trades and waits for the other's first order; the dead one is the standby in the end. */
async function killLeader(pair) {
  await sleep(300 + Math.random() * 700);
  const { leader: old, epoch } = pair;
  const heir = pair.nodes[old === 'a' ? 'b' : 'a'];
  const from = heir.log.length;
  const killed = wallMs();
  await pair.nodes[old].end('SIGKILL');
  const first = await until('a first order', () => pair.firstOrderAfter(epoch));
  // A machine that stands still for long enough ends a term before its first order: the steps are those of the one that came to it.
  const leading = await until('its log', () => heir.said('leading', from, first.epoch));
  const began = heir.log.indexOf(leading);
  const [started, reconciled] = await until('its log', () => {
    const found = [heir.said('session started', began), heir.said('reconciled', began)];
    return found.includes(undefined) ? undefined : found;
  });
  const gained = heir.said('lease: lease gained', from);
  pair.startNode(old);
  await pair.followed(old);
  return { killed, times: [...[gained, leading, started, reconciled].map(timeOf), first.atMs] };
}
