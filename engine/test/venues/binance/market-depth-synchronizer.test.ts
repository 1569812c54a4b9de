import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BookFault, type BookUpdate, EventKind } from '../../../src/domain/index.js';
import {
  DEFAULT_SYNC_LIMITS,
  DepthSynchronizer,
  type SyncLimits,
  SyncState,
} from '../../../src/venues/binance/depth-synchronizer.js';
import { emptyUpdate } from '../../../src/venues/binance/empty-events.js';

/** price -> size; bids alone are enough: both sides take the same way. */
type Levels = ReadonlyMap<number, number>;

function update(kind: BookUpdate['kind'], firstId: number, lastId: number, levels: Levels): BookUpdate {
  return {
    ...emptyUpdate(kind),
    firstId,
    lastId,
    bidCount: levels.size,
    bidPrices: Float64Array.from(levels.keys()),
    bidSizes: Float64Array.from(levels.values()),
  };
}
const delta = (firstId: number, lastId: number, levels: Levels = new Map([[1, lastId]])) =>
  update(EventKind.BookDelta, firstId, lastId, levels);
const snapshot = (lastId: number, levels: Levels = new Map([[1, lastId]])) =>
  update(EventKind.BookSnapshot, lastId, lastId, levels);

/** A book kept the plain way, with the checks the real one makes. */
class Follower {
  readonly log: string[] = [];
  levels = new Map<number, number>();
  lastId = -1;
  valid = false;
  readonly sync: DepthSynchronizer;

  constructor(limits: Partial<SyncLimits> = {}) {
    this.sync = new DepthSynchronizer(
      4,
      {
        onBook: (book) => {
          this.log.push(
            `${book.kind === EventKind.BookSnapshot ? 'snapshot' : 'delta'} ${book.firstId}-${book.lastId}`,
          );
          if (book.kind === EventKind.BookSnapshot) this.levels = new Map();
          else expect(book.firstId).toBe(this.lastId + 1);
          for (let i = 0; i < book.bidCount; i++) {
            if (book.bidSizes[i] === 0) this.levels.delete(book.bidPrices[i]!);
            else this.levels.set(book.bidPrices[i]!, book.bidSizes[i]!);
          }
          this.lastId = book.lastId;
          this.valid = true;
        },
        onFault: (instrument, fault) => {
          expect(instrument).toBe(4);
          this.log.push(`fault ${fault}`);
          this.valid = false;
        },
      },
      { ...DEFAULT_SYNC_LIMITS, ...limits },
    );
  }

  /** What happened since the last call. */
  take(): string[] {
    return this.log.splice(0);
  }
}

function started(limits: Partial<SyncLimits> = {}): Follower {
  const follower = new Follower(limits);
  follower.sync.start(0);
  follower.take();
  return follower;
}

describe('depth synchronizer, spot', () => {
  it('buffers, drops what the snapshot holds, and joins the first delta that spans it', () => {
    const { sync, take } = bind(started());
    sync.onDelta(delta(10, 12), -1, 1);
    const ticket = sync.takeRequest();
    sync.onDelta(delta(13, 16), -1, 2);
    sync.onDelta(delta(17, 17), -1, 3);
    expect(sync.state).toBe(SyncState.Buffering);
    sync.onSnapshot(ticket, snapshot(14), 4);
    expect(take()).toEqual(['snapshot 14-14', 'delta 15-16', 'delta 17-17']);
    sync.onDelta(delta(18, 20), -1, 5);
    sync.onDelta(delta(18, 20), -1, 6);
    expect(take()).toEqual(['delta 18-20']);
  });

  it('joins a delta that starts exactly after the snapshot', () => {
    const { sync, take } = bind(started());
    sync.onDelta(delta(15, 16), -1, 1);
    sync.onSnapshot(sync.takeRequest(), snapshot(14), 4);
    expect(take()).toEqual(['snapshot 14-14', 'delta 15-16']);
  });

  it('serves a quiet symbol whose stream has said nothing yet, and spans it later', () => {
    const { sync, take } = bind(started());
    sync.onSnapshot(sync.takeRequest(), snapshot(14), 4);
    sync.onDelta(delta(9, 13), -1, 5);
    sync.onDelta(delta(12, 18), -1, 6);
    expect(take()).toEqual(['snapshot 14-14', 'delta 15-18']);
  });

  it('asks again, later each time, for a snapshot older than the buffer', () => {
    const { sync, take } = bind(started({ minDelayUs: 100, maxDelayUs: 300, maxAttempts: 3 }));
    sync.onDelta(delta(20, 22), -1, 1);
    expect(sync.snapshotDueUs).toBe(0);
    const delays: number[] = [];
    for (let i = 0; i < 3; i++) {
      sync.onSnapshot(sync.takeRequest(), snapshot(18), 1000);
      delays.push(sync.snapshotDueUs - 1000);
    }
    expect(delays).toEqual([100, 200, 300]);
    expect(take()).toEqual([`fault ${BookFault.SNAPSHOT_FAILED}`]);
    sync.onDelta(delta(23, 24), -1, 1500);
    sync.onSnapshot(sync.takeRequest(), snapshot(22), 2000);
    expect(take()).toEqual(['snapshot 22-22', 'delta 23-24']);
  });

  it('tells a gap, keeps the delta that showed it and resyncs from a newer snapshot alone', () => {
    const { sync, take } = bind(started());
    sync.onSnapshot(sync.takeRequest(), snapshot(14), 4);
    sync.onDelta(delta(15, 20), -1, 5);
    take();
    sync.onDelta(delta(22, 25), -1, 6);
    expect(take()).toEqual([`fault ${BookFault.SEQUENCE_GAP}`]);
    expect(sync.snapshotDueUs).toBe(6 + DEFAULT_SYNC_LIMITS.minDelayUs);
    sync.onSnapshot(sync.takeRequest(), snapshot(20), 7);
    expect(sync.state).toBe(SyncState.Buffering);
    sync.onSnapshot(sync.takeRequest(), snapshot(24), 8);
    expect(take()).toEqual(['snapshot 24-24', 'delta 25-25']);
  });

  it('lets go of what lies before a hole in the buffer', () => {
    const { sync, take } = bind(started());
    sync.onDelta(delta(10, 12), -1, 1);
    sync.onDelta(delta(15, 16), -1, 2);
    const ticket = sync.takeRequest();
    sync.onSnapshot(ticket, snapshot(11), 3);
    expect(take()).toEqual([]);
    sync.onSnapshot(sync.takeRequest(), snapshot(14), 4);
    expect(take()).toEqual(['snapshot 14-14', 'delta 15-16']);
  });

  it('never goes back in time, except after a reconnect', () => {
    const { sync, take } = bind(started());
    sync.onSnapshot(sync.takeRequest(), snapshot(100), 1);
    sync.invalidate(BookFault.MALFORMED, 2);
    sync.onSnapshot(sync.takeRequest(), snapshot(99), 3);
    expect(take()).toEqual(['snapshot 100-100', `fault ${BookFault.MALFORMED}`]);
    sync.stop();
    sync.start(4);
    sync.onSnapshot(sync.takeRequest(), snapshot(5), 5);
    expect(take()).toEqual([`fault ${BookFault.DISCONNECTED}`, `fault ${BookFault.NONE}`, 'snapshot 5-5']);
  });

  it('ignores answers to requests made before the last fault, and everything while not connected', () => {
    const { sync, take } = bind(started());
    const old = sync.takeRequest();
    sync.invalidate(BookFault.MALFORMED, 1);
    sync.onSnapshot(old, snapshot(14), 2);
    sync.onSnapshotFailed(old, 2);
    expect(take()).toEqual([`fault ${BookFault.MALFORMED}`]);
    sync.stop();
    sync.stop();
    sync.onDelta(delta(1, 2), -1, 3);
    sync.onSnapshot(old, snapshot(14), 3);
    sync.invalidate(BookFault.MALFORMED, 3);
    expect(take()).toEqual([`fault ${BookFault.DISCONNECTED}`]);
    expect(sync.snapshotDueUs).toBe(Number.POSITIVE_INFINITY);
  });

  it('asks for its snapshot when planned however often it is invalidated meanwhile', () => {
    const { sync, take } = bind(started());
    sync.takeRequest();
    sync.invalidate(BookFault.MALFORMED, 1_000);
    const due = sync.snapshotDueUs;
    expect(due).toBe(251_000);
    for (let now = 101_000; now < due; now += 100_000) {
      sync.invalidate(BookFault.MALFORMED, now);
      expect(sync.snapshotDueUs).toBe(due);
    }
    // The one under way at the time of a fault is of no use, the next one is.
    const ticket = sync.takeRequest();
    take();
    sync.onSnapshot(ticket, snapshot(10), due + 50_000);
    expect(take()).toEqual(['snapshot 10-10']);
  });

  it('backs off from a book that breaks again and again, and forgives one that held', () => {
    const { sync } = bind(started({ minDelayUs: 100, maxDelayUs: 10_000, stableUs: 1_000 }));
    let now = 0;
    let id = 10;
    const breakAfter = (us: number) => {
      sync.onSnapshot(sync.takeRequest(), snapshot(id), now);
      now += us;
      id += 10;
      sync.onDelta(delta(id, id), -1, now);
      return sync.snapshotDueUs - now;
    };
    expect([breakAfter(1), breakAfter(1), breakAfter(1)]).toEqual([100, 200, 400]);
    expect(breakAfter(1_000)).toBe(0);
  });

  it('holds a bounded buffer, giving up its oldest', () => {
    const { sync, take } = bind(started({ maxBufferedDeltas: 3, maxBufferedLevels: 100 }));
    for (let id = 1; id <= 10; id++) sync.onDelta(delta(id, id), -1, id);
    sync.onSnapshot(sync.takeRequest(), snapshot(6), 11);
    expect(take()).toEqual([]);
    sync.onSnapshot(sync.takeRequest(), snapshot(7), 12);
    expect(take()).toEqual(['snapshot 7-7', 'delta 8-8', 'delta 9-9', 'delta 10-10']);
  });

  it('keeps the rest of the buffer when the sink finds fault in the middle of it', () => {
    const follower = started();
    const { sync } = follower;
    for (let id = 1; id <= 4; id++) sync.onDelta(delta(id, id), -1, id);
    const push = follower.log.push.bind(follower.log);
    follower.log.push = (line: string) => {
      push(line);
      if (line === 'delta 2-2') sync.invalidate(BookFault.CROSSED, 9);
      return follower.log.length;
    };
    sync.onSnapshot(sync.takeRequest(), snapshot(0), 5);
    expect(follower.take()).toEqual(['snapshot 0-0', 'delta 1-1', 'delta 2-2', `fault ${BookFault.CROSSED}`]);
    sync.onSnapshot(sync.takeRequest(), snapshot(3), 10);
    expect(follower.take()).toEqual(['snapshot 3-3', 'delta 4-4']);
  });
});

describe('depth synchronizer, futures', () => {
  it('joins by pu and then demands that it be the last u', () => {
    const { sync, take } = bind(started());
    sync.onDelta(delta(100, 110), 95, 1);
    sync.onDelta(delta(115, 120), 110, 2);
    sync.onDelta(delta(130, 140), 120, 3);
    sync.onSnapshot(sync.takeRequest(), snapshot(117), 4);
    expect(take()).toEqual(['snapshot 117-117', 'delta 118-120', 'delta 121-140']);
    sync.onDelta(delta(150, 160), 140, 5);
    expect(take()).toEqual(['delta 141-160']);
    sync.onDelta(delta(170, 180), 165, 6);
    expect(take()).toEqual([`fault ${BookFault.SEQUENCE_GAP}`]);
  });

  it('joins when the snapshot stands between two events, or exactly at the end of one', () => {
    for (const id of [110, 112, 114]) {
      const { sync, take } = bind(started());
      sync.onDelta(delta(100, 110), 95, 1);
      sync.onDelta(delta(115, 120), 110, 2);
      sync.onSnapshot(sync.takeRequest(), snapshot(id), 4);
      expect(take()).toEqual([`snapshot ${id}-${id}`, `delta ${id + 1}-120`]);
    }
  });

  it('refuses a snapshot from before the first event in hand', () => {
    const { sync, take } = bind(started());
    sync.onDelta(delta(100, 110), 95, 1);
    sync.onSnapshot(sync.takeRequest(), snapshot(94), 4);
    expect(take()).toEqual([]);
  });
});

/** A follower whose methods can be taken apart. */
function bind(follower: Follower) {
  return { sync: follower.sync, take: () => follower.take() };
}

interface TrueEvent {
  readonly update: () => BookUpdate;
  readonly previousId: number;
  readonly lastId: number;
}

/** The true book, id by id, and the events that tell of it. */
class Truth {
  readonly states: Levels[] = [new Map()];
  readonly events: TrueEvent[] = [];
  readonly #futures: boolean;

  constructor(futures: boolean) {
    this.#futures = futures;
  }

  get lastId(): number {
    return this.states.length - 1;
  }

  /** One event of one or more changes; futures ids also run on without any. */
  advance(changes: readonly (readonly [number, number])[], skip: number): TrueEvent {
    const previousId = this.events.at(-1)?.lastId ?? 0;
    if (this.#futures) for (let i = 0; i < skip; i++) this.states.push(this.states.at(-1)!);
    const firstId = this.lastId + 1;
    const changed = new Map<number, number>();
    for (const [price, size] of changes) {
      const next = new Map(this.states.at(-1)!);
      if (size === 0) next.delete(price);
      else next.set(price, size);
      this.states.push(next);
      changed.set(price, size);
    }
    const lastId = this.lastId;
    const event = {
      update: () => delta(firstId, lastId, changed),
      previousId: this.#futures ? previousId : -1,
      lastId,
    };
    this.events.push(event);
    return event;
  }
}

const change = fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 0, max: 3 }));
const step = fc.record({
  changes: fc.array(change, { minLength: 1, maxLength: 4 }),
  skip: fc.nat({ max: 2 }),
  fate: fc.constantFrom('deliver', 'deliver', 'deliver', 'drop', 'twice', 'late', 'old', 'undecodable'),
  lag: fc.nat({ max: 6 }),
  rest: fc.constantFrom('none', 'none', 'ask', 'answer', 'fail', 'reconnect'),
});

describe('depth synchronizer against the truth', () => {
  it.each([false, true])(
    'shows the true book or none, and finds it again once faults stop (futures: %s)',
    (futures) => {
      fc.assert(
        fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
          const truth = new Truth(futures);
          const follower = new Follower({ minDelayUs: 2, maxDelayUs: 8, stableUs: 20, maxBufferedDeltas: 8 });
          const { sync } = follower;
          let now = 0;
          let ticket = 0;
          const late: TrueEvent[] = [];
          const send = (event: TrueEvent) => sync.onDelta(event.update(), event.previousId, now);
          const answer = (id: number) => sync.onSnapshot(ticket, snapshot(id, truth.states[id]!), now);
          const ask = () => {
            if (now >= sync.snapshotDueUs) ticket = sync.takeRequest();
          };
          const check = () => {
            if (follower.valid) expect(follower.levels).toEqual(truth.states[follower.lastId]);
          };
          sync.start(now);
          for (const { changes, skip, fate, lag, rest } of steps) {
            now++;
            const event = truth.advance(changes, skip);
            if (fate === 'deliver' || fate === 'twice') send(event);
            if (fate === 'twice') send(event);
            if (fate === 'late') late.push(event);
            else if (lag === 0) for (const other of late.splice(0)) send(other);
            if (fate === 'old') send(truth.events[Math.max(0, truth.events.length - 1 - lag)]!);
            if (fate === 'undecodable') sync.invalidate(BookFault.MALFORMED, now);
            check();
            if (rest === 'ask') ask();
            if (rest === 'answer') answer(Math.max(0, truth.lastId - lag));
            if (rest === 'fail') sync.onSnapshotFailed(ticket, now);
            if (rest === 'reconnect') {
              sync.stop();
              sync.start(now);
            }
            check();
          }
          for (let i = 0; i < 12; i++) {
            now += 8;
            send(truth.advance([[1 + (i % 6), 1 + (i % 3)]], 0));
            if (now >= sync.snapshotDueUs) ask();
            answer(truth.lastId);
            check();
          }
          expect({ valid: follower.valid, lastId: follower.lastId }).toEqual({
            valid: true,
            lastId: truth.lastId,
          });
          expect(sync.state).toBe(SyncState.Synced);
        }),
        { numRuns: 300 },
      );
    },
  );
});
