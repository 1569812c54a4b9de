import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BinaryReader, BinaryWriter, JournalError } from '../../src/domain/index.js';
import type { Kernel } from '../../src/kernel/index.js';
import { commandBytes, historyKernel, makeHistory, type Step } from './support/history.js';

function saved(kernel: Kernel): Uint8Array {
  const out = new BinaryWriter();
  kernel.save(out);
  return out.bytes.slice();
}

function loaded(bytes: Uint8Array, into = historyKernel()): Kernel {
  const input = new BinaryReader(bytes);
  into.load(input);
  input.end();
  return into;
}

function run(kernel: Kernel, steps: readonly Step[]): void {
  for (const { event } of steps) kernel.apply(event);
}

const histories = new Map<number, readonly Step[]>();
function history(seed: number): readonly Step[] {
  let steps = histories.get(seed);
  if (steps === undefined) {
    ({ steps } = makeHistory(seed, 2500));
    histories.set(seed, steps);
  }
  return steps;
}

describe('a history', () => {
  it('goes through everything a snapshot must survive', () => {
    const kernel = historyKernel();
    makeHistory(1, 8000, kernel);
    const { counters, orders } = kernel.view;
    for (const field of [
      'redefinitions',
      'strategyFaults',
      'strategyRestarts',
      'halts',
      'booksStale',
    ] as const) {
      expect([field, counters[field]]).not.toEqual([field, 0]);
    }
    for (const field of ['fills', 'adopted', 'reopened', 'duplicates', 'queries', 'rejected'] as const) {
      expect([field, orders.counters[field]]).not.toEqual([field, 0]);
    }
    expect(counters.denialsByReason.filter((count) => count > 0).length).toBeGreaterThan(7);
  });
});

describe('a loaded kernel', () => {
  it('has the state of the one that was saved, and goes on as that one does', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), fc.nat(2499), (seed, at) => {
        const steps = history(seed);
        const kernel = historyKernel();
        run(kernel, steps.slice(0, at));
        const bytes = saved(kernel);
        const heir = loaded(bytes);
        expect(heir.stateHash()).toBe(kernel.stateHash());
        expect(Buffer.compare(saved(heir), bytes)).toBe(0);
        for (const [i, { event, commands }] of steps.slice(at, at + 600).entries()) {
          if (Buffer.compare(commandBytes(heir.apply(event)), commands) !== 0) {
            throw new Error(`other commands for event ${at + i}`);
          }
          kernel.apply(event);
        }
        expect(heir.stateHash()).toBe(kernel.stateHash());
      }),
      { numRuns: 40 },
    );
  });

  it('refuses what is damaged with a journal error, and never with another', () => {
    const kernel = historyKernel();
    run(kernel, history(1).slice(0, 900));
    const bytes = saved(kernel);
    fc.assert(
      fc.property(
        fc.nat(bytes.length - 1),
        fc.nat(255),
        fc.option(fc.nat(bytes.length), { nil: bytes.length }),
        (at, value, length) => {
          const damaged = bytes.slice();
          damaged[at] = value;
          try {
            loaded(damaged.subarray(0, length));
          } catch (error) {
            expect(error).toBeInstanceOf(JournalError);
          }
        },
      ),
      { numRuns: 600 },
    );
  });

  it('must be new, and refuses another version', () => {
    const kernel = historyKernel();
    run(kernel, history(1).slice(0, 10));
    const bytes = saved(kernel);
    expect(() => kernel.load(new BinaryReader(bytes))).toThrow(/has seen events/);
    bytes[0] = 99;
    expect(() => loaded(bytes)).toThrow(/version 99, this reads 1/);
  });
});
