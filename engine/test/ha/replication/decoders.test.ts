import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { lastCommon } from '../../../src/ha/replication/common-record.js';
import { FrameDecoder, makeFrame } from '../../../src/ha/replication/frames.js';
import {
  decodeMessage,
  encodeMessage,
  type Message,
  MessageKind,
} from '../../../src/ha/replication/messages.js';
import { checkRecords } from '../../../src/ha/replication/record-check.js';
import { ReplicationError } from '../../../src/ha/replication/replication-error.js';
import { ReplicationSink } from '../../../src/ha/replication/replication-sink.js';
import { ReplicationSource } from '../../../src/ha/replication/replication-source.js';
import { JOURNAL_START, makeRecord, RecordType } from '../../../src/journal/index.js';
import { MemoryDisk } from '../../support/memory-disk.js';

const u32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const sequence = fc.maxSafeNat();
const raw32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
const bytes = fc.uint8Array({ maxLength: 200 });
const epochs = fc
  .uniqueArray(fc.tuple(u32, fc.integer({ min: 1, max: 1e15 })), {
    maxLength: 20,
    selector: ([epoch]) => epoch,
  })
  .map((list) => {
    const firsts = [...new Set(list.map(([, first]) => first))].sort((a, b) => a - b);
    return list
      .map(([epoch]) => epoch)
      .sort((a, b) => a - b)
      .slice(0, firsts.length)
      .map((epoch, i) => ({ epoch, firstSequence: firsts[i]! }));
  });
const kind = <K extends number>(value: K) => fc.constant(value);
const anyMessage: fc.Arbitrary<Message> = fc.oneof(
  fc.record({ kind: kind(MessageKind.Hello), node: fc.string(), hasSecret: fc.boolean(), nonce: raw32 }),
  fc.record({
    kind: kind(MessageKind.Welcome),
    node: fc.string(),
    hasSecret: fc.boolean(),
    nonce: raw32,
    proof: raw32,
    epoch: u32,
  }),
  fc.record({ kind: kind(MessageKind.Position), proof: raw32, sequence, chain: u32, epochs }),
  fc.record({ kind: kind(MessageKind.Begin), sequence, epoch: u32, chain: u32, hasSnapshot: fc.boolean() }),
  fc.record({ kind: kind(MessageKind.Snapshot), name: fc.string(), size: sequence, offset: sequence, bytes }),
  fc.record({ kind: kind(MessageKind.Records), bytes }),
  fc.record({ kind: kind(MessageKind.Heartbeat), written: sequence, synced: sequence, wallUs: fc.double() }),
  fc.record({ kind: kind(MessageKind.Ack), synced: sequence }),
  fc.record({ kind: kind(MessageKind.Refuse), why: fc.string() }),
);

/** Runs `act`; whatever it throws is a ReplicationError. */
function onlyTyped(act: () => void): void {
  try {
    act();
  } catch (error) {
    expect(error).toBeInstanceOf(ReplicationError);
  }
}

/** Bytes that look right for longer than random ones do: frames and messages, cut and changed. */
const hostile = fc
  .tuple(
    fc.array(
      fc.oneof(
        anyMessage.map(encodeMessage),
        bytes.map((body) => makeFrame(body)),
        bytes,
      ),
      { maxLength: 6 },
    ),
    fc.array(fc.tuple(fc.nat(2_000), fc.nat(255)), { maxLength: 3 }),
  )
  .map(([parts, changes]) => {
    const whole = Uint8Array.from(Buffer.concat(parts));
    for (const [at, value] of changes) if (at < whole.length) whole[at] = value;
    return whole;
  });

describe('frames', () => {
  it('come out as they went in, however the stream is cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 })),
        fc.infiniteStream(fc.integer({ min: 1, max: 70 })),
        (bodies, cuts) => {
          const stream = Buffer.concat(bodies.map((body) => makeFrame(body)));
          const decoder = new FrameDecoder(300);
          const got: number[][] = [];
          for (let at = 0; at < stream.length; ) {
            const end = at + cuts.next().value!;
            decoder.push(stream.subarray(at, end), (body) => got.push([...body]));
            at = end;
          }
          expect(got).toEqual(bodies.map((body) => [...body]));
        },
      ),
    );
  });

  it('are refused when too long, empty or changed', () => {
    const push = (stream: Uint8Array) => () => new FrameDecoder(10).push(stream, () => {});
    expect(push(makeFrame(new Uint8Array(11)))).toThrow('a frame of 11 bytes');
    expect(push(makeFrame())).toThrow('a frame of 0 bytes');
    const changed = makeFrame(Uint8Array.of(1, 2));
    changed[9] = 7;
    expect(push(changed)).toThrow('checksum');
  });
});

describe('messages', () => {
  it('come out as they went in', () => {
    fc.assert(
      fc.property(anyMessage, (message) => {
        const got: Message[] = [];
        new FrameDecoder(1 << 20).push(encodeMessage(message), (body) => got.push(decodeMessage(body)));
        expect(got).toEqual([message]);
      }),
      { numRuns: 1_000 },
    );
  });

  it('are messages or a ReplicationError', () => {
    fc.assert(
      fc.property(bytes, (body) => onlyTyped(() => decodeMessage(body))),
      { numRuns: 3_000 },
    );
  });

  it('of another version are told as such', () => {
    const hello = encodeMessage({
      kind: MessageKind.Hello,
      node: '',
      hasSecret: false,
      nonce: new Uint8Array(32),
    });
    const body = hello.slice(8);
    body[5] = 99;
    expect(() => decodeMessage(body)).toThrow(/speaks version 99\..* run the same release on both/);
  });
});

describe('records', () => {
  const record = (at: number, epoch = 3) => makeRecord(RecordType.Event, at, epoch, 7, (out) => out.u32(at));

  it('are taken whole, in order, of no earlier epoch', () => {
    const two = Buffer.concat([record(5), record(6, 4)]);
    expect(checkRecords(two, 4, 3).map((r) => [r.sequence, r.epoch])).toEqual([
      [5, 3],
      [6, 4],
    ]);
    expect(() => checkRecords(two, 5, 3)).toThrow('record 5 came where 6 belongs');
    expect(() => checkRecords(two, 4, 4)).toThrow('of epoch 3 follows epoch 4');
    expect(() => checkRecords(two.subarray(0, two.length - 1), 4, 3)).toThrow('record 6 is cut off');
    const mark = makeRecord(RecordType.Mark, 5, 3, 7, (out) => out.number(5));
    expect(() => checkRecords(mark, 4, 3)).toThrow('no record');
  });

  it('changed anywhere are refused', () => {
    const good = record(5);
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const bad = Uint8Array.from(good);
        bad[at]! ^= change;
        expect(() => checkRecords(bad, 4, 3)).toThrow(ReplicationError);
      }),
    );
  });
});

describe('the last common record', () => {
  it('is where two journals part, found by a comparison of every record', () => {
    // Which epoch wrote each record; the two share a beginning. No epoch wrote in both after they parted.
    const parts = fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 4 });
    fc.assert(
      fc.property(
        parts,
        parts,
        parts,
        fc.nat(12),
        fc.nat(12),
        fc.boolean(),
        (shared, onA, onB, lostA, lostB, goesOn) => {
          let epoch = 0;
          const records = (counts: readonly number[]) =>
            counts.flatMap((count) => {
              epoch++;
              return Array<number>(count).fill(epoch);
            });
          const start = records(shared);
          // The last shared epoch may have gone on at one of them.
          const more = goesOn && start.length > 0 ? [epoch, epoch] : [];
          const a = [...start, ...more, ...records(onA)];
          const b = [...start, ...records(onB)];
          const history = (list: readonly number[], lost: number) => ({
            last: list.length,
            epochs: list.flatMap((e, i) =>
              i >= lost && (i === lost || list[i - 1] !== e) ? [{ epoch: e, firstSequence: i + 1 }] : [],
            ),
          });
          let common = 0;
          while (common < Math.min(a.length, b.length) && a[common] === b[common]) common++;
          const found = lastCommon(history(a, lostA), history(b, lostB));
          // Neither knows of what retention took from it.
          expect(found).toBe(common > Math.max(lostA, lostB) ? common : 0);
          expect(lastCommon(history(b, lostB), history(a, lostA))).toBe(found);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});

describe('the ends of a connection', () => {
  const makeSource = (secret?: string) =>
    new ReplicationSource(
      {
        disk: new MemoryDisk(),
        journal: { written: 0, synced: 0, position: JOURNAL_START },
        epoch: 1,
        node: 'a',
        secret,
        nonce: new Uint8Array(32),
        output: { write: () => {}, buffered: 0 },
        newestSnapshot: () => undefined,
        wallUs: () => 0,
      },
      0,
    );
  const store = {
    position: JOURNAL_START,
    synced: 0,
    epochs: () => [],
    append: () => expect('written').toBe(''),
    sync: () => {},
    setAside: () => expect('set aside').toBe(''),
    install: () => {},
  };
  const makeSink = (secret?: string) =>
    new ReplicationSink(
      {
        store,
        node: 'b',
        secret,
        nonce: new Uint8Array(32).fill(1),
        send: () => {},
        listener: { onRecord: () => expect('handed on').toBe(''), onReset: () => {} },
      },
      0,
    );

  it('take anything a stranger sends, or throw a ReplicationError', () => {
    fc.assert(
      fc.property(hostile, fc.boolean(), (stream, hasSecret) => {
        const secret = hasSecret ? 's' : undefined;
        const source = makeSource(secret);
        onlyTyped(() => {
          source.receive(stream, 1);
          source.step(2);
        });
        if (hasSecret) expect(source.isStreaming).toBe(false);
        onlyTyped(() => makeSink(secret).receive(stream, 1));
      }),
      { numRuns: 2_000 },
    );
  });

  it('give up on silence', () => {
    expect(() => makeSource().step(3_000_001)).toThrow('nothing was heard of the standby');
    expect(() => makeSink().check(3_000_001)).toThrow('nothing was heard of the leader');
  });

  it('a standby does not follow a leader of an earlier epoch than its own', () => {
    const sink = new ReplicationSink(
      {
        store: { ...store, position: { sequence: 9, epoch: 5, chain: 1 } },
        node: 'b',
        secret: undefined,
        nonce: new Uint8Array(32),
        send: () => {},
        listener: { onRecord: () => {}, onReset: () => {} },
      },
      0,
    );
    const welcome = encodeMessage({
      kind: MessageKind.Welcome,
      node: 'a',
      hasSecret: false,
      nonce: new Uint8Array(32),
      proof: new Uint8Array(32),
      epoch: 4,
    });
    expect(() => sink.receive(welcome, 1)).toThrow('this journal is of epoch 5 already: it leads no more');
  });
});
