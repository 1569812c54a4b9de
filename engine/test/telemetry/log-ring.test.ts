import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { LogCatalog, LogRing } from '../../src/telemetry/index.js';
import { type LogRecord, LogRingReader } from '../../src/telemetry/log-ring.js';

const catalog = new LogCatalog();
const info = catalog.define('info', 'something', ['a', 'b']);
const debug = catalog.define('debug', 'a detail');

function drain(reader: LogRingReader): LogRecord[] {
  const records: LogRecord[] = [];
  reader.drain((record) => records.push(record));
  return records;
}

describe('LogRing', () => {
  it('behaves like a bounded queue that drops what does not fit', () => {
    const steps = fc.array(fc.oneof(fc.integer({ min: 1, max: 12 }), fc.constant('drain' as const)), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(steps, (list) => {
        const ring = new LogRing({ capacity: 8 });
        const reader = new LogRingReader(ring.buffer);
        let queue: number[] = [];
        let next = 0;
        let dropped = 0;
        for (const step of list) {
          if (step === 'drain') {
            expect(drain(reader).map(({ values }) => values[0])).toEqual(queue);
            queue = [];
            continue;
          }
          for (let i = 0; i < step; i++) {
            const fits = queue.length < 8;
            expect(ring.write(info, next, next)).toBe(fits);
            if (fits) queue.push(next);
            else dropped++;
            next++;
          }
        }
        expect(drain(reader).map(({ values }) => values[0])).toEqual(queue);
        expect([ring.dropped, reader.dropped]).toEqual([dropped, dropped]);
      }),
      { numRuns: 200 },
    );
  });

  it('carries code, time and six numbers', () => {
    const ring = new LogRing();
    ring.write(info, 1_700_000_000_000_001, 1, -2, 0.5, 2 ** 53 - 1, Number.NaN, 6);
    expect(drain(new LogRingReader(ring.buffer))).toEqual([
      { code: info.code, tsUs: 1_700_000_000_000_001, values: [1, -2, 0.5, 2 ** 53 - 1, Number.NaN, 6] },
    ]);
  });

  it('leaves out what is below its level', () => {
    const ring = new LogRing({ level: 'info' });
    expect([ring.enabled(debug), ring.enabled(info)]).toEqual([false, true]);
    ring.write(debug, 1);
    ring.write(info, 2);
    expect(drain(new LogRingReader(ring.buffer)).map(({ code }) => code)).toEqual([info.code]);
  });

  it('is read across the wrap of its 32-bit positions', () => {
    const ring = new LogRing({ capacity: 4 });
    const words = new Int32Array(ring.buffer, 0, 2);
    words.fill(2 ** 31 - 2);
    const reader = new LogRingReader(ring.buffer);
    expect(drain(reader)).toEqual([]);
    words[0] = -(2 ** 31) + 1;
    expect(drain(reader)).toHaveLength(3);
    expect(words[1]).toBe(-(2 ** 31) + 1);
  });
});

describe('LogCatalog', () => {
  it('refuses more arguments than a record carries', () => {
    expect(() => new LogCatalog().define('info', 'x', ['1', '2', '3', '4', '5', '6', '7'])).toThrow(
      /7 arguments/,
    );
  });
});
