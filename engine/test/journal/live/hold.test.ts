import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  type ApprovedOrder,
  type Command,
  CommandKind,
  DenialReason,
  EventKind,
  JournalState,
  type KernelEvent,
  type Order,
  OrderStatus,
} from '../../../src/domain/index.js';
import { CommandHold } from '../../../src/journal/live/command-hold.js';
import type { JournalPort } from '../../../src/journal/live/journal-front.js';
import { JournalWatch } from '../../../src/journal/live/journal-watch.js';
import { CommandBuffer } from '../../../src/kernel/command-buffer.js';

type Mutable = { -readonly [K in keyof Order]: Order[K] };
const makeOrder = (sequence: number): Mutable =>
  ({ epoch: 1, sequence, status: OrderStatus.Submitted }) as unknown as Mutable;
const UNLIMITED = { perSecond: 0, burst: 1 };
const notTold = (event: KernelEvent): never => {
  throw new Error(`told of ${event.kind}`);
};
const makeHold = (dispatch: (command: Command, causeNs: number) => void) =>
  new CommandHold({ dispatch, sink: notTold, orderRate: UNLIMITED });
const spell = ({ kind, ...rest }: Command) => `${'_SCQD'[kind]}${'order' in rest ? rest.order.sequence : ''}`;

describe('CommandHold', () => {
  it('sends each order once, after its record is safe, in order; cancels pass or follow their order', () => {
    const step = fc.oneof(
      fc.record({ submit: fc.integer({ min: 1, max: 40 }) }),
      fc.record({ cancel: fc.nat(30) }),
      fc.record({ safe: fc.nat(10) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const commands = new CommandBuffer();
        const orders: Mutable[] = [];
        const recordOf = new Map<number, number>();
        const sent: string[] = [];
        let appended = 0;
        let safe = 0;
        const hold = makeHold((command) => {
          sent.push(spell(command));
          if (command.kind !== CommandKind.Submit) return;
          expect(recordOf.get(command.order.sequence)).toBeLessThanOrEqual(safe);
        });
        for (const item of steps) {
          commands.reset();
          const before = sent.length;
          if ('safe' in item) {
            safe = Math.min(appended, safe + item.safe);
            hold.release(safe, 0);
            continue;
          }
          appended++;
          if ('submit' in item) {
            for (let i = 0; i < item.submit; i++) {
              const order = makeOrder(orders.length);
              orders.push(order);
              recordOf.set(order.sequence, appended);
              commands.submit(order as unknown as ApprovedOrder);
            }
            hold.hold(commands, appended, safe, 0, 0);
          } else if (orders.length > 0) {
            const order = orders[item.cancel % orders.length]!;
            const wasSent = sent.includes(`S${order.sequence}`);
            commands.cancel(order);
            hold.hold(commands, appended, safe, 0, 0);
            // An order that is out is canceled at once; one that is not, not before it is.
            expect(sent.slice(before).includes(`C${order.sequence}`)).toBe(wasSent);
          }
        }
        safe = appended;
        hold.release(safe, 0);
        expect(hold.length).toBe(0);
        expect(sent.filter((word) => word.startsWith('S'))).toEqual(orders.map((_, i) => `S${i}`));
        for (const { sequence } of orders) {
          const cancel = sent.indexOf(`C${sequence}`);
          if (cancel >= 0) expect(cancel).toBeGreaterThan(sent.indexOf(`S${sequence}`));
        }
      }),
      { numRuns: 300 },
    );
  });

  it('never sends an order that was closed, or whose object stands for another one, while it waited', () => {
    const sent: string[] = [];
    const hold = makeHold((command) => sent.push(spell(command)));
    const commands = new CommandBuffer();
    const [closed, reused, kept] = [makeOrder(1), makeOrder(2), makeOrder(3)];
    for (const order of [closed, reused, kept]) commands.submit(order as unknown as ApprovedOrder);
    commands.cancel(reused);
    hold.hold(commands, 1, 0, 0, 0);
    expect(sent).toEqual([]);
    closed.status = OrderStatus.Rejected;
    reused.sequence = 9;
    hold.release(1, 0);
    expect(sent).toEqual(['S3']);
  });

  it('keeps its own copy, cause included: the list and its commands are used again', () => {
    const sent: string[] = [];
    const hold = makeHold((command, causeNs) => sent.push(`${spell(command)} for ${causeNs}`));
    const commands = new CommandBuffer();
    for (let i = 1; i <= 200; i++) {
      commands.reset();
      commands.submit(makeOrder(i) as unknown as ApprovedOrder);
      hold.hold(commands, i, 0, i, i * 10);
    }
    expect(hold.length).toBe(200);
    hold.release(150, 200);
    expect(sent).toEqual(Array.from({ length: 150 }, (_, i) => `S${i + 1} for ${(i + 1) * 10}`));
    expect(hold.length).toBe(50);
  });

  it('gives up each order that waited too long, with what waits behind it for it, and no other', () => {
    const told: KernelEvent[] = [];
    const sent: string[] = [];
    const hold = new CommandHold({
      dispatch: (command) => sent.push(spell(command)),
      sink: (event) => told.push(event),
      orderRate: UNLIMITED,
      maxHoldUs: 500,
    });
    const commands = new CommandBuffer();
    const [late, young] = [makeOrder(1), makeOrder(2)];
    for (const [i, order] of [late, young].entries()) {
      commands.reset();
      commands.submit(order as unknown as ApprovedOrder);
      hold.hold(commands, i + 1, 0, i * 400, 0);
    }
    commands.reset();
    commands.cancel(late);
    commands.query(young);
    hold.hold(commands, 3, 0, 400, 0);
    hold.release(3, 501);
    expect(sent).toEqual(['S2', 'Q2']);
    expect(told).toMatchObject([{ sequence: 1, submit: true, reason: DenialReason.JOURNAL_TIMEOUT }]);
    expect(told.length).toBe(1);
  });

  it('lets orders leave within their rate over any stretch of time, in order, however they gathered', () => {
    const step = fc.record({ submits: fc.nat(6), us: fc.nat(200_000), safe: fc.nat(10) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 5 }), (steps, burst) => {
        const perSecond = 20;
        const sent: number[] = [];
        const order: number[] = [];
        let nowUs = 0;
        const hold = new CommandHold({
          dispatch: (command) => {
            if (command.kind !== CommandKind.Submit) return;
            sent.push(nowUs);
            order.push(command.order.sequence);
          },
          sink: notTold,
          orderRate: { perSecond, burst },
          maxHoldUs: Number.POSITIVE_INFINITY,
        });
        const commands = new CommandBuffer();
        let [count, appended, safe] = [0, 0, 0];
        for (const { submits, us, safe: more } of steps) {
          nowUs += us;
          commands.reset();
          for (let i = 0; i < submits; i++) commands.submit(makeOrder(++count) as unknown as ApprovedOrder);
          hold.hold(commands, ++appended, safe, nowUs, 0);
          safe = Math.min(appended, safe + more);
          hold.release(safe, nowUs);
        }
        for (const [i, from] of sent.entries()) {
          for (const [j, to] of sent.slice(i).entries()) {
            expect(j + 1).toBeLessThanOrEqual(burst + ((to - from) * perSecond) / 1e6);
          }
        }
        // Nothing is lost either: with time enough all of it leaves.
        for (; hold.length > 0; nowUs += 50_000) hold.release(appended, nowUs);
        expect(order).toEqual(Array.from({ length: count }, (_, i) => i + 1));
      }),
      { numRuns: 200 },
    );
  });
});

describe('JournalWatch', () => {
  function setUp(durability: 'async' | 'fsync-before-send' | 'replicated-before-send' = 'fsync-before-send') {
    const journal = {
      backlogBytes: 0,
      state: JournalState.Ok as JournalState,
      standbys: 0,
      safe: 0,
      settle() {},
    };
    const told: KernelEvent[] = [];
    const sent: string[] = [];
    const hold = new CommandHold({
      dispatch: (command) => sent.push(spell(command)),
      sink: (event) => told.push(event),
      orderRate: UNLIMITED,
      maxHoldUs: 500,
    });
    const watch = new JournalWatch({
      journal: journal as unknown as JournalPort,
      durability,
      backlogBytes: 1_000,
      sink: (event) => told.push(event),
      hold,
    });
    const submit = (sequence: number, nowUs: number) => {
      const commands = new CommandBuffer();
      const order = makeOrder(sequence);
      commands.submit(order as unknown as ApprovedOrder);
      commands.cancel(order);
      hold.hold(commands, sequence, journal.safe, nowUs, 0);
    };
    const states = () => told.map((event) => (event.kind === EventKind.JournalStatus ? event.state : event));
    return { journal, hold, told, sent, watch, submit, states };
  }
  const { Ok, Backlog, Failed } = JournalState;

  it('tells each change once, with half the bound as the way back', () => {
    const { journal, watch, states } = setUp();
    for (const bytes of [0, 1_000, 1_001, 600, 501, 500, 900, 1_001]) {
      journal.backlogBytes = bytes;
      watch.check(0);
    }
    expect(states()).toEqual([Backlog, Ok, Backlog]);
    journal.state = Failed;
    watch.check(0);
    journal.state = Ok;
    journal.backlogBytes = 0;
    watch.check(0);
    expect(states()).toEqual([Backlog, Ok, Backlog, Failed, Ok]);
  });

  it('says so while no standby is there for those who wait for one', () => {
    const { journal, watch, states } = setUp('replicated-before-send');
    watch.check(0);
    journal.standbys = 1;
    watch.check(0);
    expect(states()).toEqual([Backlog, Ok]);
  });

  it('sends what has become safe, gives up what took too long: told as never sent, its cancel with it', () => {
    const { journal, watch, submit, sent, told, hold } = setUp();
    submit(1, 100);
    submit(2, 400);
    journal.safe = 1;
    watch.check(600);
    expect([sent, told]).toEqual([['S1', 'C1'], []]);
    watch.check(901);
    expect(sent).toEqual(['S1', 'C1']);
    expect(told).toMatchObject([
      {
        kind: EventKind.SendFailed,
        epoch: 1,
        sequence: 2,
        submit: true,
        reason: DenialReason.JOURNAL_TIMEOUT,
      },
    ]);
    expect(hold.length).toBe(0);
  });

  it('gives up at once what waits for a journal that failed', () => {
    const { journal, watch, submit, sent, told } = setUp();
    submit(1, 100);
    journal.state = Failed;
    watch.check(101);
    expect(sent).toEqual([]);
    expect(told).toMatchObject([{ reason: DenialReason.JOURNAL_FAILED }, { state: Failed }]);
  });
});
