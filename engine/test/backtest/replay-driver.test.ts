import { describe, expect, it } from '@jest/globals';
import { constantLatency, type RecordedItem, type ReplayOptions, replay } from '../../src/backtest/index.js';
import { EventKind, type KernelEvent, parseAmount } from '../../src/domain/index.js';
import { Kernel } from '../../src/kernel/index.js';
import { EXECUTION, FakeRecording, Joiner, LIMITS, SPEC } from './replay-kit.js';

function options(recording: readonly RecordedItem[], extra: Partial<ReplayOptions> = {}): ReplayOptions {
  return {
    recording,
    instruments: [SPEC],
    strategies: [new Joiner()],
    limits: LIMITS,
    staleAfterUs: 5_000_000,
    execution: EXECUTION,
    ...extra,
  };
}

/** All of a summary that does not depend on the machine. */
function lasting<T extends { wallMs: number; messagesPerSecond: number; tickToTradeUs: object }>(summary: T) {
  const { wallMs: _1, messagesPerSecond: _2, tickToTradeUs: _3, ...rest } = summary;
  return rest;
}

describe('replay', () => {
  it('applies every depth message, trades, and ends flat on orders', async () => {
    const recording = new FakeRecording(11).run(600);
    const { expected } = recording;
    const summary = await replay(options(recording.items));
    expect(summary.messages).toBe(expected.frames);
    expect(summary.feed).toMatchObject({
      depth: expected.depth,
      trades: expected.trades,
      quotes: expected.quotes,
      // The first depth message came before the snapshot and is contained in it.
      books: expected.depth,
      dropped: 1,
      snapshots: 1,
      failures: 0,
      faults: 0,
    });
    expect(summary.bookUpdates).toBe(expected.depth + expected.quotes);
    expect(summary.books).toEqual({ BTCUSDT: { state: 'Valid', lastUpdateId: expected.lastId } });
    const { sent, acked, filled, canceled, rejected } = summary.orders;
    expect(filled).toBeGreaterThan(20);
    expect(sent).toBe(filled + canceled + rejected);
    expect(acked).toBe(sent - rejected);
    expect(summary.fillRatio).toBeCloseTo(filled / sent, 4);
    expect(summary.tickToTradeUs.count).toBeGreaterThan(0);
    expect(summary.toUs).toBeGreaterThan(summary.fromUs);
    expect(JSON.parse(JSON.stringify(summary))).toEqual(summary);
  });

  it('accounts for every satoshi', async () => {
    const events: KernelEvent[] = [];
    const summary = await replay(
      options(new FakeRecording(12).run(600).items, { onEvent: (event) => events.push({ ...event }) }),
    );
    const fills = events.filter((event) => event.kind === EventKind.OrderFilled);
    expect(fills).toHaveLength(summary.fills);
    const last = (asset: string) =>
      events.findLast((event) => event.kind === EventKind.Balance && event.asset === asset) as
        | { free: bigint; locked: bigint }
        | undefined;
    const btc = last('BTC')!;
    expect(btc.locked).toBe(0n);
    const { bought, sold } = summary.instruments.BTCUSDT!;
    const fee = parseAmount(summary.fees.BTC ?? '0');
    expect(btc.free).toBe(parseAmount('10') + parseAmount(bought) - parseAmount(sold) - fee);
    expect(parseAmount(summary.position.BTCUSDT!)).toBe(parseAmount(bought) - parseAmount(sold));
    const { realized, unrealized, fees, net } = summary.pnl;
    expect(parseAmount(net)).toBe(parseAmount(realized) + parseAmount(unrealized) - parseAmount(fees));
  });

  it('is deterministic: same input, same figures and hash; other latency, another story', async () => {
    const { items } = new FakeRecording(13).run(200);
    const one = await replay(options(items));
    const two = await replay(options(items));
    expect(lasting(two)).toEqual(lasting(one));
    const latency = constantLatency({ entryUs: 60_000, responseUs: 20_000 });
    const slow = await replay(options(items, { execution: { ...EXECUTION, latency } }));
    expect(slow.stateHash).not.toBe(one.stateHash);
  });

  it('is the kernel alone that decides: its events replayed into a fresh one end in the same state', async () => {
    const events: KernelEvent[] = [];
    const summary = await replay(
      options(new FakeRecording(14).run(200).items, {
        onEvent: (event) => events.push(structuredClone(event)),
      }),
    );
    const kernel = new Kernel({ strategies: [new Joiner()], limits: LIMITS, staleAfterUs: 5_000_000 });
    for (const event of events) kernel.apply(event);
    expect(kernel.stateHash()).toBe(summary.stateHash);
    let last = 0;
    for (const { tsInit } of events) {
      expect(tsInit).toBeGreaterThanOrEqual(last);
      last = tsInit;
    }
  });

  it('follows the previous update id of futures', async () => {
    const recording = new FakeRecording(15, true).run(100);
    const summary = await replay(options(recording.items));
    expect(summary.feed).toMatchObject({ depth: recording.expected.depth, faults: 0 });
    expect(summary.books.BTCUSDT).toEqual({ state: 'Valid', lastUpdateId: recording.expected.lastId });
  });

  it('gives the book up at a gap, does not trade on it, and takes it back with a snapshot', async () => {
    const recording = new FakeRecording(16).run(50);
    recording.gap();
    recording.run(50);
    const broken = await replay(options(recording.items));
    expect(broken.books.BTCUSDT!.state).toBe('Invalid');
    expect(broken.feed.faults).toBe(1);
    recording.snapshot();
    recording.run(50);
    const mended = await replay(options(recording.items));
    expect(mended.books.BTCUSDT).toEqual({ state: 'Valid', lastUpdateId: recording.expected.lastId });
    expect(mended.orders.sent).toBeGreaterThan(broken.orders.sent);
  });

  it('survives what no venue would send', async () => {
    const recording = new FakeRecording(17).run(20);
    for (const bad of [
      '',
      '{',
      '[]',
      'null',
      '{"stream":"btcusdt@trade","data":{"e":"trade"}}',
      '\u0000'.repeat(99),
    ]) {
      recording.raw(bad);
    }
    recording.raw(Uint8Array.of(0xff, 0xfe, 0x7b));
    recording.raw('{"stream":"ethusdt@trade","data":{"e":"trade","s":"ETHUSDT"}}');
    const summary = await replay(options(recording.items));
    expect(summary.feed.failures + summary.feed.ignored).toBe(8);
    expect(summary.messages).toBe(recording.expected.frames);
  });

  it('starts over when the connection was lost', async () => {
    const recording = new FakeRecording(18).run(50);
    recording.connect();
    recording.snapshot();
    recording.run(50);
    const summary = await replay(options(recording.items));
    expect(summary.feed).toMatchObject({ faults: 1, snapshots: 2 });
    expect(summary.books.BTCUSDT!.state).toBe('Valid');
  });

  it('tells progress and ends early in good order', async () => {
    const { items } = new FakeRecording(19).run(3_000);
    const controller = new AbortController();
    let told = 0;
    const summary = await replay(
      options(items, {
        signal: controller.signal,
        onProgress: ({ messages, tsUs }) => {
          told++;
          expect(tsUs).toBeGreaterThan(0);
          if (messages > 0) controller.abort();
        },
      }),
    );
    expect(told).toBeGreaterThanOrEqual(2);
    expect(summary.messages).toBeLessThan(items.length);
    expect(summary.orders.sent).toBe(
      summary.orders.filled + summary.orders.canceled + summary.orders.rejected,
    );
  });

  it('sums up an empty recording, and refuses an impossible timer', async () => {
    const summary = await replay(options([]));
    expect(summary).toMatchObject({ messages: 0, bookUpdates: 0, fillRatio: 0, fromUs: 0, toUs: 0 });
    expect(summary.position).toEqual({ BTCUSDT: '0.00000' });
    await expect(replay(options([], { timerPeriodUs: 0 }))).rejects.toThrow(/timer period/);
  });
});
