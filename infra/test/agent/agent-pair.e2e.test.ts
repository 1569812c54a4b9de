import { afterEach, expect, test } from '@jest/globals';
import { DEFAULT_LEASE_TIMING, takeoverBoundMs, timingProblems } from '../../agent/index.js';
import { AgentPair, type HostName } from './support/pair.js';

/** Where no lease is to run out: a busy machine must not cost the leader its lease. */
const PATIENT = { ...DEFAULT_LEASE_TIMING, selfFenceMs: 6_000, expireAfterMs: 10_000 };
/** Node's own start here, under load. */
const ENGINE_START_MS = 10_000;
const TRIALS = Number(process.env.TRADEWIND_FAILOVER_TRIALS ?? 2);

let pair: AgentPair;
afterEach(() => pair?.close());

const other = (host: HostName): HostName => (host === 'primary' ? 'standby' : 'primary');

test('the times of this test are safe', () => expect(timingProblems(PATIENT)).toEqual([]));

test('kill -9 of the leading agent: its engine dies, the other starts within the bound', async () => {
  pair = await AgentPair.open();
  pair.start('primary');
  await pair.hears('primary', 0);
  pair.start('standby');
  let leader: HostName = 'primary';
  const bound = takeoverBoundMs(DEFAULT_LEASE_TIMING, { engineStartMs: ENGINE_START_MS });
  for (let trial = 0; trial < TRIALS; trial += 1) {
    await expect(pair.command(other(leader), 'status')).resolves.toMatchObject({ phase: 'observing' });
    const killedAt = performance.now();
    pair.signal(leader, 'SIGKILL');
    await pair.exited(leader);
    const first = await pair.hears(other(leader), killedAt);
    const silenceFrom = pair.last(leader).atMs;
    expect(first.atMs - killedAt).toBeLessThan(bound);
    expect(first.atMs).toBeGreaterThan(silenceFrom);
    pair.start(leader);
    leader = other(leader);
    await settled(other(leader));
  }
  expect(pair.interleaved()).toEqual([]);
}, 40_000);

test('SIGSTOP of the leading agent: its guard kills the engine before the other side starts', async () => {
  pair = await AgentPair.open();
  pair.start('primary');
  await pair.hears('primary', 0);
  pair.start('standby');
  await settled('standby');
  const stoppedAt = performance.now();
  pair.signal('primary', 'SIGSTOP');
  const first = await pair.hears('standby', stoppedAt);
  const last = pair.last('primary');
  expect(last.atMs).toBeLessThan(first.atMs);
  // Woken, the old leader sees that it is none any more, and its engine stays dead.
  const wokenAt = performance.now();
  pair.signal('primary', 'SIGCONT');
  await settled('primary');
  expect(pair.heard.filter(({ host, atMs }) => host === 'primary' && atMs > wokenAt)).toEqual([]);
  expect(pair.interleaved()).toEqual([]);
}, 30_000);

test('planned handover: orders are cancelled first, and the other side claims at once', async () => {
  pair = await AgentPair.open({ lease: PATIENT });
  pair.start('primary');
  await pair.hears('primary', 0);
  await expect(pair.command('standby', 'status')).resolves.toMatchObject({
    error: expect.stringContaining('is tradewind-agent running?'),
  });
  pair.start('standby');
  await settled('standby');
  const askedAt = performance.now();
  const report = await pair.command('primary', 'handover');
  expect(report).toMatchObject({ to: 'standby', epoch: 2 });
  await pair.hears('standby', askedAt);
  expect(pair.last('primary').kind).toBe('cancelled');
  expect(pair.interleaved()).toEqual([]);
  // Far less than the lease's length: nobody waited for anything to run out.
  expect(Number(report.takenMs)).toBeLessThan(PATIENT.expireAfterMs / 2);
  await expect(pair.command('primary', 'handover')).resolves.toMatchObject({
    error: expect.stringContaining('does not hold the lease, standby does'),
  });
}, 30_000);

test('a held host neither accepts nor claims; a crashed engine moves the lease', async () => {
  pair = await AgentPair.open({ lease: PATIENT, engine: { coolDownMs: 60_000 } });
  pair.start('primary');
  await pair.hears('primary', 0);
  pair.start('standby');
  await settled('standby');
  await expect(pair.command('standby', 'hold', '--reason', 'kernel')).resolves.toMatchObject({
    unwilling: 'on hold',
  });
  const refused = await pair.command('primary', 'handover');
  expect(refused.error).toContain('nobody accepted');
  await expect(pair.command('standby', 'hold', '--off')).resolves.toMatchObject({ unwilling: null });
  await settled('primary', { engine: 'fine' });
  const crashedAt = performance.now();
  process.kill(pair.enginePid('primary'), 'SIGKILL');
  await pair.hears('standby', crashedAt);
  expect(pair.interleaved()).toEqual([]);
  await expect(pair.command('primary', 'status')).resolves.toMatchObject({
    holder: 'standby',
    unwilling: expect.stringContaining('quiet'),
  });
}, 30_000);

test('SIGTERM of the agent stops the engine with its orders cancelled and lets the lease go', async () => {
  pair = await AgentPair.open({ lease: PATIENT });
  pair.start('primary');
  await pair.hears('primary', 0);
  pair.start('standby');
  await settled('standby');
  pair.signal('primary', 'SIGTERM');
  await expect(pair.exited('primary')).resolves.toBe(0);
  expect(pair.last('primary').kind).toBe('cancelled');
  await pair.hears('standby', pair.last('primary').atMs);
  expect(pair.interleaved()).toEqual([]);
}, 30_000);

/** Waits until a host's agent answers, with what is asked for. */
async function settled(
  host: HostName,
  wanted: Record<string, unknown> = { phase: 'observing' },
): Promise<void> {
  const until = performance.now() + 15_000;
  for (;;) {
    const status = await pair.command(host, 'status');
    if (Object.entries(wanted).every(([name, value]) => status[name] === value)) return;
    if (performance.now() > until) throw new Error(`${host}: ${JSON.stringify(status)}\n${pair.log(host)}`);
  }
}
