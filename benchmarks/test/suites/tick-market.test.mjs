import { expect, it } from '@jest/globals';
import { PlainBook } from '../../lib/plain-book.mjs';
import { headerLength } from '../../lib/venue/frame-bytes.mjs';
import { slotOf, TICK_PRICES, TickMarket } from '../../lib/venue/tick-market.mjs';

it('each tick has a best ask of its own in one unbroken stream, and its price says which tick it was', () => {
  const market = new TickMarket();
  const book = new PlainBook();
  book.onSnapshot(Buffer.from(market.snapshot()));
  let depths = 0;
  for (let i = 0; i < TICK_PRICES + 100; i++) {
    const { slot } = market;
    expect(slot).toBe(i % TICK_PRICES);
    const frame = market.next();
    const payload = frame.subarray(frame[1] === 126 ? 4 : headerLength(frame[1]));
    // Throws at a gap.
    book.onMessage(payload);
    expect(slotOf(book.top.ask)).toBe(slot);
    if (!payload.includes('depthUpdate')) continue;
    depths++;
    // The book agrees with the ticker, or an engine would have it rebuilt.
    expect(slotOf(book.asks[0][0])).toBe(slot);
  }
  expect(depths).toBeGreaterThan(50);
  expect(book.bids[0][0]).toBeLessThan(book.asks[0][0]);
});
