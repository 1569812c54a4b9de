import { setImmediate as turn } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { BookFault, BookState, EventKind, type KernelEvent, nameOf } from '../../src/domain/index.js';
import { Kernel } from '../../src/kernel/index.js';
import type { MarketDataPort } from '../../src/venues/index.js';
import { BookGuard, Engine } from '../../src/wiring/index.js';
import { bookUpdate, instrument, opening, openLimits } from '../kernel/support/fixtures.js';
import { FakeClock, FakeExecution } from './support.js';

const { BookSnapshot, BookDelta, BookStatus, Quote } = EventKind;

describe('BookGuard', () => {
  let kernel: Kernel;
  let engine: Engine;
  let asked: string[];

  beforeEach(() => {
    kernel = new Kernel({ limits: openLimits, strategies: [], staleAfterUs: 1e9 });
    asked = [];
    const marketData: MarketDataPort = {
      loadInstruments: async () => [],
      start: async () => {},
      stop: async () => {},
      resync: (index, fault) => asked.push(`${index} ${nameOf(BookFault, fault)}`),
    };
    engine = new Engine(kernel, new FakeClock(), [new BookGuard(kernel.view, marketData)]);
    engine.connect(new FakeExecution());
    for (const event of opening([instrument(0), instrument(1, { symbol: 'ETHUSDT' })])) engine.sink(event);
    for (const index of [0, 1]) snapshot(index, 10);
  });

  const snapshot = (index: number, id: number) =>
    engine.sink(bookUpdate(BookSnapshot, 0, index, [id, id], [[100, 5]], [[110, 5]]));
  const crossing = (index: number, id: number) =>
    engine.sink(bookUpdate(BookDelta, 0, index, [id, id], [[110, 5]], []));
  const status = (index: number, fault: BookFault): KernelEvent => ({
    kind: BookStatus,
    tsEvent: 0,
    tsInit: 0,
    instrument: index,
    fault,
  });

  it('has a crossed book rebuilt, once, and not in the middle of the event that crossed it', async () => {
    crossing(0, 11);
    crossing(0, 12);
    expect(asked).toEqual([]);
    await turn();
    expect(asked).toEqual(['0 CROSSED']);
    expect(kernel.view.book(1).state).toBe(BookState.Valid);
  });

  it('has a book rebuilt whose top the venue contradicts', async () => {
    engine.sink({
      kind: Quote,
      tsEvent: 0,
      tsInit: 0,
      instrument: 1,
      updateId: 10,
      bid: 101,
      bidSize: 5,
      ask: 110,
      askSize: 5,
    });
    await turn();
    expect(asked).toEqual(['1 TOP_MISMATCH']);
  });

  it('leaves to the connector what the connector has found', async () => {
    engine.sink(status(0, BookFault.SEQUENCE_GAP));
    crossing(0, 11);
    await turn();
    expect(asked).toEqual([]);
  });

  it('asks again when the rebuilt book breaks again', async () => {
    crossing(0, 11);
    await turn();
    engine.sink(status(0, BookFault.CROSSED));
    snapshot(0, 20);
    expect(kernel.view.book(0).state).toBe(BookState.Valid);
    crossing(0, 21);
    await turn();
    expect(asked).toEqual(['0 CROSSED', '0 CROSSED']);
  });

  it('asks when the snapshot itself is broken', async () => {
    engine.sink(bookUpdate(BookSnapshot, 0, 0, [20, 20], [[120, 5]], [[110, 5]]));
    await turn();
    expect(asked).toEqual(['0 CROSSED']);
  });
});
