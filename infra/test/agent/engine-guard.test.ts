import { PassThrough } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from '@jest/globals';
import {
  EngineGuard,
  EngineUnit,
  type GuardOrder,
  type GuardReport,
  type Runner,
  runGuard,
} from '../../agent/index.js';

/** A unit whose program is a flag; remembers what systemctl was asked. */
function fakeUnit(
  options: {
    readonly startTakesMs?: number;
    readonly stopTakesMs?: number;
    readonly killFails?: number;
  } = {},
) {
  const state = { running: false, killsLeft: options.killFails ?? 0, calls: [] as string[] };
  const run: Runner = async (_, args) => {
    state.calls.push(args[0]!);
    if (args[0] === 'start') {
      await sleep(options.startTakesMs ?? 0);
      state.running = true;
    }
    if (args[0] === 'stop') {
      if (state.running) await sleep(options.stopTakesMs ?? 0);
      if (state.killsLeft === 0) state.running = false;
    }
    if (args[0] === 'kill') {
      if (state.killsLeft > 0) state.killsLeft -= 1;
      else state.running = false;
    }
    return { code: 0, stderr: '', stdout: state.running ? 'active\n' : 'inactive\n' };
  };
  return { state, unit: new EngineUnit('/usr/bin/systemctl', 'engine.service', run) };
}

const guards: EngineGuard[] = [];
afterEach(async () => {
  for (const guard of guards.splice(0)) await guard.abandon();
});

function guardOver(unit: EngineUnit, clock: () => number) {
  const reports: GuardReport[] = [];
  const guard = new EngineGuard({ unit, clock, tickMs: 5, report: (report) => reports.push(report) });
  guards.push(guard);
  const told = async (kind: GuardReport['kind']) => {
    const until = performance.now() + 10_000;
    while (!reports.some((report) => report.kind === kind)) {
      if (performance.now() > until) throw new Error(`no ${kind} within 10 s: ${JSON.stringify(reports)}`);
      await sleep(2);
    }
    return reports.find((report) => report.kind === kind)!;
  };
  return { guard, reports, told };
}

test('starts within the permission, and kills at its end unless it is extended', async () => {
  const { unit, state } = fakeUnit();
  let now = 0;
  const { guard, told } = guardOver(unit, () => now);
  guard.obey({ kind: 'start', epoch: 1, deadlineMs: 100 });
  await expect(told('started')).resolves.toEqual({ kind: 'started', epoch: 1 });
  guard.obey({ kind: 'permit', deadlineMs: 200 });
  now = 150;
  await sleep(30);
  expect(state.running).toBe(true);
  now = 203;
  await expect(told('overdue')).resolves.toEqual({ kind: 'overdue', lateMs: 3 });
  expect(state.running).toBe(false);
  await guard.abandon();
});

test('does not start what may not run any more, also when the order was held up', async () => {
  const { unit, state } = fakeUnit();
  const { guard, told } = guardOver(unit, () => 100);
  guard.obey({ kind: 'start', epoch: 1, deadlineMs: 100 });
  await expect(told('refused')).resolves.toMatchObject({ epoch: 1 });
  expect(state.calls).not.toContain('start');
  await guard.abandon();
});

test('stops gracefully within the grace, by force after it, and says which', async () => {
  for (const [stopTakesMs, graceMs, clean] of [
    [5, 500, true],
    [300, 30, false],
  ] as const) {
    const { unit, state } = fakeUnit({ stopTakesMs });
    const { guard, told } = guardOver(unit, () => performance.now());
    guard.obey({ kind: 'start', epoch: 1, deadlineMs: performance.now() + 60_000 });
    await told('started');
    guard.obey({ kind: 'stop', how: 'graceful', serial: 7, graceMs });
    await expect(told('dead')).resolves.toEqual({ kind: 'dead', serial: 7, clean });
    expect(state.running).toBe(false);
    await guard.abandon();
  }
});

test('says dead only when systemd says so, however often it has to kill', async () => {
  const { unit, state } = fakeUnit({ killFails: 3 });
  const { guard, told } = guardOver(unit, () => 0);
  guard.obey({ kind: 'start', epoch: 1, deadlineMs: 10 });
  await told('started');
  guard.obey({ kind: 'stop', how: 'kill', serial: 1, graceMs: 0 });
  await told('dead');
  expect(state.running).toBe(false);
  expect(state.calls.filter((call) => call === 'kill')).toHaveLength(3);
  await guard.abandon();
});

test('forgets a start that waits when a stop comes in', async () => {
  const { unit, state } = fakeUnit({ stopTakesMs: 30 });
  const { guard, told } = guardOver(unit, () => 0);
  guard.obey({ kind: 'start', epoch: 1, deadlineMs: 10 });
  await told('started');
  guard.obey({ kind: 'stop', how: 'kill', serial: 1, graceMs: 0 });
  guard.obey({ kind: 'start', epoch: 2, deadlineMs: 10 });
  guard.obey({ kind: 'stop', how: 'kill', serial: 2, graceMs: 0 });
  await told('dead');
  await sleep(60);
  expect(state.running).toBe(false);
  expect(state.calls.filter((call) => call === 'start')).toHaveLength(1);
  await guard.abandon();
});

test('is not done killing while a start is still on its way to systemd', async () => {
  const { unit, state } = fakeUnit({ startTakesMs: 60 });
  const { guard, told, reports } = guardOver(unit, () => 0);
  guard.obey({ kind: 'start', epoch: 1, deadlineMs: 10 });
  await sleep(20);
  guard.obey({ kind: 'stop', how: 'kill', serial: 1, graceMs: 0 });
  await told('dead');
  expect(state.running).toBe(false);
  await sleep(100);
  // From `dead` on another host may run an engine.
  expect(state.running).toBe(false);
  expect(state.calls.lastIndexOf('kill')).toBeGreaterThan(state.calls.lastIndexOf('start'));
  expect(reports.filter(({ kind }) => kind === 'dead')).toHaveLength(1);
  expect(reports.some(({ kind }) => kind === 'started')).toBe(false);
  await guard.abandon();
});

test('kills the engine and ends when its agent is gone', async () => {
  const { unit, state } = fakeUnit();
  const input = new PassThrough();
  const output = new PassThrough();
  const ended = runGuard(input, output, { unit, clock: () => 0, tickMs: 5 });
  const order: GuardOrder = { kind: 'start', epoch: 1, deadlineMs: 1_000 };
  input.write(`${JSON.stringify(order)}\n`);
  while (!state.running) await sleep(2);
  input.end();
  await ended;
  expect(state.running).toBe(false);
});
