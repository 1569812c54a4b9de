import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from '@jest/globals';
import { DEFAULT_LEASE_TIMING, takeoverBoundMs, timingProblems } from '../../agent/index.js';
import { repositoryPath } from '../../model/index.js';
import { AgentPair, type HostName } from './support/pair.js';

/** Where no lease is to run out: a busy machine must not cost the leader its lease. */
const PATIENT = { ...DEFAULT_LEASE_TIMING, selfFenceMs: 6_000, expireAfterMs: 10_000 };
/** Node's own start here, under load. */
const ENGINE_START_MS = 10_000;
/**
 * Set to measure: so many takeovers with the shipped times, and their distribution on standard error. Needs a quiet
 * machine; without it two takeovers with twice the times, which a busy one keeps too.
 */
const MEASURED = process.env.TRADEWIND_FAILOVER_TRIALS;
const TRIALS = Number(MEASURED ?? 2);
const EXPIRING =
  MEASURED === undefined
    ? { ...DEFAULT_LEASE_TIMING, selfFenceMs: 3_000, expireAfterMs: 5_500 }
    : DEFAULT_LEASE_TIMING;

let pair: AgentPair;
afterEach(() => pair?.close());

const other = (host: HostName): HostName => (host === 'primary' ? 'standby' : 'primary');

test('the times of this test are safe', () =>
  expect([PATIENT, EXPIRING].flatMap(timingProblems)).toEqual([]));

test(
  'kill -9 of the leading agent: its engine dies, the other starts within the bound',
  async () => {
    pair = await AgentPair.open({ lease: EXPIRING });
    pair.start('primary');
    pair.start('standby');
    const bound = takeoverBoundMs(EXPIRING, { engineStartMs: ENGINE_START_MS });
    const took: number[] = [];
    for (let trial = 0; trial < TRIALS; trial += 1) {
      const leader = await leaderOf(pair);
      const killedAt = performance.now();
      pair.signal(leader, 'SIGKILL');
      await pair.exited(leader);
      const first = await pair.hears(other(leader), killedAt);
      took.push(first.atMs - killedAt);
      expect(took.at(-1)).toBeLessThan(bound);
      expect(first.atMs).toBeGreaterThan(pair.last(leader).atMs);
      pair.start(leader);
    }
    expect(pair.interleaved()).toEqual([]);
    if (MEASURED !== undefined) report('kill -9 to the first order', took);
  },
  MEASURED === undefined ? 60_000 : TRIALS * 20_000,
);

test('SIGSTOP of the leading agent: its guard kills the engine before the other side starts', async () => {
  pair = await AgentPair.open({ lease: EXPIRING });
  pair.start('primary');
  pair.start('standby');
  const leader = await leaderOf(pair);
  const stoppedAt = performance.now();
  pair.signal(leader, 'SIGSTOP');
  const first = await pair.hears(other(leader), stoppedAt);
  expect(pair.last(leader).atMs).toBeLessThan(first.atMs);
  // Woken, the old leader sees that it is none any more, and its engine stays dead.
  const wokenAt = performance.now();
  pair.signal(leader, 'SIGCONT');
  await settled(leader);
  expect(pair.heard.filter(({ host, atMs }) => host === leader && atMs > wokenAt)).toEqual([]);
  expect(pair.interleaved()).toEqual([]);
}, 60_000);

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
  const handed = await pair.command('primary', 'handover');
  expect(handed).toMatchObject({ to: 'standby', epoch: 2 });
  const first = await pair.hears('standby', askedAt);
  expect(pair.last('primary').kind).toBe('cancelled');
  if (MEASURED !== undefined)
    report('handover, last message to first order', [first.atMs - pair.last('primary').atMs]);
  expect(pair.interleaved()).toEqual([]);
  // Far less than the lease's length: nobody waited for anything to run out.
  expect(Number(handed.takenMs)).toBeLessThan(PATIENT.expireAfterMs / 2);
  await expect(pair.command('primary', 'handover')).resolves.toMatchObject({
    error: expect.stringContaining('does not hold the lease, standby does'),
  });
}, 60_000);

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
}, 60_000);

test('a host that starts held leaves a free lease alone until it is released, and so across restarts', async () => {
  pair = await AgentPair.open({ lease: PATIENT, startHeld: true });
  const staysOff = async () => {
    pair.start('primary');
    await settled('primary', { unwilling: 'on hold', phase: 'observing' });
    await sleep(2_000);
    await expect(pair.command('primary', 'status')).resolves.toMatchObject({ holder: null, epoch: null });
    expect(pair.heard).toEqual([]);
  };
  await staysOff();
  pair.signal('primary', 'SIGKILL');
  await pair.exited('primary');
  await staysOff();
  await expect(pair.command('primary', 'hold', '--off')).resolves.toMatchObject({ unwilling: null });
  await pair.hears('primary', 0);
  // Released once, it leads again after a restart; held again, it does not.
  pair.signal('primary', 'SIGTERM');
  await pair.exited('primary');
  const releasedAt = performance.now();
  pair.start('primary');
  await pair.hears('primary', releasedAt);
  await pair.command('primary', 'hold', '--reason', 'the other Region trades');
  pair.signal('primary', 'SIGTERM');
  await pair.exited('primary');
  const heldAt = performance.now();
  pair.start('primary');
  await settled('primary', { unwilling: 'on hold', phase: 'observing' });
  await sleep(2_000);
  expect(pair.heard.filter(({ atMs }) => atMs > heldAt)).toEqual([]);
}, 60_000);

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
}, 60_000);

const engineBin = repositoryPath('engine', 'bin', 'tradewind.mjs');
const withEngine = existsSync(repositoryPath('engine', 'dist', 'cli', 'main.js')) ? test : test.skip;

withEngine(
  '(built engine) the trading engine itself on the simulator is handed over with no order left',
  async () => {
    pair = await AgentPair.open({
      lease: PATIENT,
      engine: {
        probeTimeoutMs: 2_000,
        unhealthyAfterMs: 20_000,
        startGraceMs: 60_000,
        gracefulStopMs: 20_000,
      },
      command: (_, port) =>
        `cd "$UNIT_DIR" && exec ${process.execPath} ${engineBin} paper --metrics-port ${port}`,
    });
    pair.start('primary');
    await settled('primary', { engine: 'fine', engineReady: true });
    pair.start('standby');
    await settled('standby');
    await expect(pair.command('primary', 'handover')).resolves.toMatchObject({ to: 'standby', epoch: 2 });
    expect(pair.engineLog('primary')).toContain('none of our orders is open');
    await settled('standby', { engine: 'fine', engineReady: true });
  },
  120_000,
);

/** Waits until a host's agent answers, with what is asked for. */
async function settled(
  host: HostName,
  wanted: Record<string, unknown> = { phase: 'observing' },
): Promise<void> {
  const until = performance.now() + 40_000;
  for (;;) {
    const status = await pair.status(host);
    if (Object.entries(wanted).every(([name, value]) => status[name] === value)) return;
    await sleep(20);
    if (performance.now() > until) throw new Error(`${host}: ${JSON.stringify(status)}\n${pair.log(host)}`);
  }
}

/** Waits until one host leads with a healthy engine and the other one watches. */
async function leaderOf(of: AgentPair): Promise<HostName> {
  const until = performance.now() + 40_000;
  for (;;) {
    await sleep(20);
    for (const host of ['primary', 'standby'] as const) {
      const [status, watching] = await Promise.all([of.status(host), of.status(other(host))]);
      if (status.phase === 'leading' && status.engine === 'fine' && watching.phase === 'observing')
        return host;
      if (performance.now() > until) throw new Error(`no leader: ${JSON.stringify([status, watching])}`);
    }
  }
}

function report(what: string, values: readonly number[]): void {
  const sorted = [...values].sort((a, b) => a - b).map(Math.round);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  const line = `${what}: n ${sorted.length}, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, max ${sorted.at(-1)} ms, min ${sorted[0]} ms`;
  process.stderr.write(`${line}\n`);
}
