import { Worker } from 'node:worker_threads';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BinaryReader, BinaryWriter, EventKind, type KernelEvent } from '../../../src/domain/index.js';
import { decodeCommands, decodeEvent } from '../../../src/journal/index.js';
import { JournalRing } from '../../../src/journal/live/journal-ring.js';
import { JournalRingReader } from '../../../src/journal/live/ring-reader.js';
import { CommandBuffer } from '../../../src/kernel/command-buffer.js';
import { anyEvent } from '../arbitraries.js';

const NONE = new CommandBuffer();
const HEAD = 16;
const room = (bytes: number) => Math.ceil((HEAD + bytes) / 4) * 4;

describe('JournalRing', () => {
  it('is a queue: nothing lost, doubled, changed or out of order, whatever fits where', () => {
    const step = fc.oneof(
      { weight: 3, arbitrary: fc.record({ put: fc.uint8Array({ maxLength: 90 }) }) },
      { weight: 1, arbitrary: fc.record({ take: fc.nat(8) }) },
      { weight: 1, arbitrary: fc.constant('settle' as const) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 150 }), (steps) => {
        const ring = new JournalRing({ bytes: 256, spillBytes: 400, eventType: 1 });
        const reader = new JournalRingReader(ring.buffer);
        const queue: { type: number; tsInit: number; payload: Uint8Array }[] = [];
        let broken = false;
        let next = 0;
        for (const action of steps) {
          if (action === 'settle') ring.settle();
          else if ('put' in action) {
            const accepted = ring.appendRaw(next, next * 1e15, action.put);
            if (accepted) queue.push({ type: next, tsInit: next * 1e15, payload: action.put });
            // Once a record was refused all later ones are: no hole.
            expect(accepted && broken).toBe(false);
            broken ||= !accepted;
            expect(ring.broken).toBe(broken);
            next++;
          } else {
            for (let i = 0; i < action.take; i++) {
              const record = reader.take();
              if (record === undefined) break;
              expect({ ...record, payload: Uint8Array.from(record.payload) }).toEqual(queue.shift());
            }
            reader.release();
          }
          const waiting = queue.reduce((sum, { payload }) => sum + room(payload.length), 0);
          expect(ring.pendingBytes).toBe(waiting);
          // What is kept beyond the ring has its bound.
          expect(waiting).toBeLessThanOrEqual(256 + 400);
        }
        while (queue.length > 0) {
          ring.settle();
          const record = reader.take()!;
          expect({ ...record, payload: Uint8Array.from(record.payload) }).toEqual(queue.shift());
          reader.release();
        }
        ring.settle();
        expect(reader.take()).toBeUndefined();
      }),
      { numRuns: 500 },
    );
  });

  it('keeps the bytes of what is taken but not released', () => {
    const ring = new JournalRing({ bytes: 64, eventType: 1 });
    const reader = new JournalRingReader(ring.buffer);
    ring.appendRaw(1, 0, Uint8Array.of(1, 2, 3));
    const { payload } = reader.take()!;
    for (let i = 0; i < 20; i++) ring.appendRaw(2, 0, new Uint8Array(20).fill(9));
    expect([...payload]).toEqual([1, 2, 3]);
  });

  it('carries any event as it is', () => {
    const ring = new JournalRing({ bytes: 1 << 12, spillBytes: 1 << 24, eventType: 1 });
    const reader = new JournalRingReader(ring.buffer);
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 20 }), (events) => {
        const got: KernelEvent[] = [];
        for (const event of events) expect(ring.append(event, NONE)).toBe(true);
        while (ring.pendingBytes > 0) {
          ring.settle();
          for (let record = reader.take(); record !== undefined; record = reader.take()) {
            const input = new BinaryReader(Uint8Array.from(record.payload));
            got.push(decodeEvent(input));
            expect(record.tsInit).toBe(got.at(-1)!.tsInit);
            input.end();
          }
          reader.release();
        }
        expect(got).toEqual(events);
      }),
      { numRuns: 200 },
    );
  });

  it('stores the commands behind their event', () => {
    const ring = new JournalRing({ bytes: 1 << 12, eventType: 7 });
    const reader = new JournalRingReader(ring.buffer);
    const commands = new CommandBuffer();
    const order = { epoch: 3, sequence: 4, instrument: 5, venueOrderId: 'x' };
    commands.cancel(order as never);
    ring.append({ kind: EventKind.Timer, tsEvent: 0, tsInit: 1_700_000_000_000_001 }, commands);
    const record = reader.take()!;
    expect([record.type, record.tsInit]).toEqual([7, 1_700_000_000_000_001]);
    const input = new BinaryReader(record.payload);
    expect(decodeEvent(input).kind).toBe(EventKind.Timer);
    expect(decodeCommands(input)).toEqual([{ kind: 2, ...order }]);
    input.end();
  });

  it('is broken by a record that could never fit', () => {
    const ring = new JournalRing({ bytes: 64, eventType: 1 });
    expect([ring.appendRaw(1, 0, new Uint8Array(49)), ring.broken]).toEqual([false, true]);
    expect(ring.appendRaw(1, 0, new Uint8Array(1))).toBe(false);
  });

  it('hands over between two threads', async () => {
    const ring = new JournalRing({ bytes: 1 << 18, spillBytes: 1 << 26, eventType: 1 });
    // Reads like the reader does, in plain JavaScript: what is tested is the memory between two threads.
    const worker = new Worker(
      `const { workerData, parentPort } = require('node:worker_threads');
       const counters = new Int32Array(workerData.buffer, 0, 32), words = new Int32Array(workerData.buffer, 128);
       const mask = words.length - 1;
       let at = 0, next = 0, wrong = 0;
       while (next < workerData.count) {
         const written = Atomics.load(counters, 0);
         while (at !== written) {
           const length = words[at & mask], n = (16 + length + 3) >>> 2;
           if (words[(at + 1) & mask] !== next || length !== next % 61) wrong++;
           for (let i = 4; i < 4 + (length >> 2); i++) if (words[(at + i) & mask] !== (((next & 255) * 0x01010101) | 0)) wrong++;
           at = (at + n) | 0; next++;
           Atomics.store(counters, 16, at);
         }
       }
       parentPort.postMessage(wrong);`,
      { eval: true, workerData: { buffer: ring.buffer, count: 100_000 } },
    );
    const wrong = new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
    const payloads = Array.from({ length: 61 }, (_, length) => new Uint8Array(length));
    for (let i = 0; i < 100_000; i++) {
      const payload = payloads[i % 61]!;
      payload.fill(i & 255);
      ring.appendRaw(i, i, payload);
    }
    while (ring.pendingBytes > 0) {
      ring.settle();
      await new Promise(setImmediate);
    }
    expect(await wrong).toBe(0);
    expect(ring.broken).toBe(false);
    await worker.terminate();
  });
});

describe('BinaryWriter.copyToRing', () => {
  it('copies as set does, also over the end of the ring and after growing', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(15), (bytes, at) => {
        const writer = new BinaryWriter(5);
        writer.raw(bytes);
        const ring = new Int32Array(16);
        writer.copyToRing(ring, at);
        const turned = new Uint8Array(64);
        for (let i = 0; i < 64; i++) turned[i] = new Uint8Array(ring.buffer)[(at * 4 + i) % 64]!;
        expect(turned.subarray(0, bytes.length)).toEqual(bytes);
      }),
    );
  });
});
