import { describe, expect, it } from '@jest/globals';
import { loadFrames } from '../../lib/frames.mjs';
import { OurBook } from '../../rivals/our-book.mjs';
import { PlainRival } from '../../rivals/plain-rival.mjs';
import { depthOnly, timeBooks } from '../../rivals/time-books.mjs';

const PLAN = { warmUp: 0, rounds: 1 };
const depth = depthOnly(await loadFrames('spot', 2_000));

describe('books beside each other', () => {
  it('are timed message by message', () => {
    const { ours, rival } = timeBooks(depth, { ours: OurBook, rival: PlainRival }, PLAN);
    expect(depth.messages.length).toBeGreaterThan(10);
    expect([ours.count, rival.count]).toEqual([depth.messages.length, depth.messages.length]);
  });

  it('are not compared when one did less work', () => {
    const last = depth.messages.at(-1);
    class Lazy extends PlainRival {
      onMessage(bytes) {
        if (bytes !== last) super.onMessage(bytes);
      }
    }
    expect(() => timeBooks(depth, { ours: OurBook, rival: Lazy }, PLAN)).toThrow(
      /the (bids|asks) differ: level \d+ is \d+,\d+ here/,
    );
  });
});
