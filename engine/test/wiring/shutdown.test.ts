import { describe, expect, it } from '@jest/globals';
import { EventKind, type KernelEvent } from '../../src/domain/index.js';
import { nullLogger } from '../../src/telemetry/index.js';
import type { VenueOpenOrder } from '../../src/venues/index.js';
import { shutDown } from '../../src/wiring/index.js';
import { FakeExecution } from './support.js';

const order = (clientOrderId: string, own: boolean): VenueOpenOrder => ({
  symbol: 'BTCUSDT',
  clientOrderId,
  venueOrderId: '1',
  own,
});
const ours = order('tw1x1', true);
const foreign = order('someone', false);

function run(execution: FakeExecution, options: { open?: () => number; deadlineMs?: number } = {}) {
  const events: KernelEvent[] = [];
  const done = shutDown({
    sink: (event) => events.push(event),
    execution,
    openOrders: options.open ?? (() => 0),
    logger: nullLogger,
    deadlineMs: options.deadlineMs ?? 2_000,
  });
  return { events, done };
}

describe('shutDown', () => {
  it('stops the strategies first, then believes the venue alone', async () => {
    const execution = new FakeExecution();
    const { events, done } = run(execution);
    expect(events.map(({ kind }) => kind)).toEqual([EventKind.StrategiesStopped]);
    expect(await done).toMatchObject({ verified: true, left: [] });
    expect(execution.asked).toEqual(['openOrders']);
  });

  it('waits for the cancels the kernel has sent before it asks', async () => {
    const execution = new FakeExecution();
    let polls = 0;
    const open = () => {
      expect(execution.asked).toEqual([]);
      return ++polls < 5 ? 1 : 0;
    };
    expect((await run(execution, { open }).done).verified).toBe(true);
    expect(polls).toBeGreaterThanOrEqual(5);
  });

  it('cancels what the venue still lists, asks again, and never touches a foreign order', async () => {
    const execution = new FakeExecution();
    execution.open = [[ours, foreign], [ours, foreign], [foreign]];
    expect(await run(execution).done).toMatchObject({ verified: true, left: [] });
    expect(execution.asked).toEqual([
      'openOrders',
      'cancelOpen tw1x1',
      'openOrders',
      'cancelOpen tw1x1',
      'openOrders',
    ]);
  });

  it('says so when an order of ours will not go away', async () => {
    const execution = new FakeExecution();
    execution.open = [[ours]];
    const report = await run(execution, { deadlineMs: 60 }).done;
    expect(report).toMatchObject({ verified: false, left: [ours] });
    expect(report.detail).toContain('1 of our orders');
  });

  it('does not take silence for a yes: unreachable is unverified', async () => {
    const execution = new FakeExecution();
    execution.open = [new Error('connect ECONNREFUSED')];
    const report = await run(execution, { deadlineMs: 150 }).done;
    expect(report.verified).toBe(false);
    expect(report.detail).toContain('ECONNREFUSED');
  });

  it('gets over one refusal', async () => {
    const execution = new FakeExecution();
    execution.open = [new Error('429'), []];
    expect((await run(execution).done).verified).toBe(true);
  });

  it('ends at the deadline when the venue never answers', async () => {
    const execution = new FakeExecution();
    execution.openOrders = () => new Promise(() => {});
    const report = await run(execution, { deadlineMs: 80 }).done;
    expect(report.verified).toBe(false);
    expect(report.detail).toContain('no answer before the deadline');
  });
});
