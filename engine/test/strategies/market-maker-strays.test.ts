import { describe, expect, it } from '@jest/globals';
import { BookFault, OrderStatus, Side, StateHash } from '../../src/domain/index.js';
import { type FakeContext, fill, maker, tell } from './support.js';

/** A market maker whose first bid was told to have ended and lives after all; its second bid works meanwhile. */
function withStray(prepare: (context: FakeContext) => void = () => {}) {
  const { strategy, context } = maker();
  strategy.onBook(context, 0);
  const stray = context.last(Side.Buy);
  tell(strategy, context, stray, OrderStatus.Rejected);
  context.now += 1_000_000;
  strategy.onTimer(context);
  const quote = context.last(Side.Buy);
  expect(quote).not.toBe(stray);
  tell(strategy, context, quote, OrderStatus.Accepted);
  prepare(context);
  tell(strategy, context, stray, OrderStatus.Accepted);
  return { strategy, context, stray, quote };
}

const cancels = (context: FakeContext, of: unknown) => context.canceled.filter((each) => each === of).length;
const buys = (context: FakeContext) => context.submitted.filter(({ side }) => side === Side.Buy).length;

describe('MarketMaker and an order back from the dead', () => {
  it('cancels it, and keeps the quote that has taken its place', () => {
    const { context, stray, quote } = withStray();
    expect(cancels(context, stray)).toBe(1);
    expect(cancels(context, quote)).toBe(0);
  });

  it('cancels it also when nothing has taken its place, and quotes that side only when it has ended', () => {
    const { strategy, context } = maker();
    strategy.onBook(context, 0);
    const stray = context.last(Side.Buy);
    tell(strategy, context, stray, OrderStatus.Rejected);
    tell(strategy, context, stray, OrderStatus.Accepted);
    expect(context.canceled).toEqual([stray]);
    context.now += 1_000_000;
    strategy.onTimer(context);
    expect(buys(context)).toBe(1);
    tell(strategy, context, stray, OrderStatus.Canceled);
    expect(buys(context)).toBe(2);
  });

  it.each(['timer', 'book'] as const)('asks again when there was no wire, on the next %s', (when) => {
    const { strategy, context, stray } = withStray((c) => (c.isWired = false));
    expect(cancels(context, stray)).toBe(0);
    context.isWired = true;
    if (when === 'timer') strategy.onTimer(context);
    else strategy.onBook(context, 0);
    expect(cancels(context, stray)).toBe(1);
  });

  it('asks again when a cancel was refused, but not at once', () => {
    const { strategy, context, stray } = withStray();
    tell(strategy, context, stray, OrderStatus.Accepted);
    expect(cancels(context, stray)).toBe(1);
    context.now += 100_000;
    strategy.onTimer(context);
    expect(cancels(context, stray)).toBe(2);
    tell(strategy, context, stray, OrderStatus.Canceled);
    context.now += 1_000_000;
    strategy.onTimer(context);
    expect(cancels(context, stray)).toBe(2);
  });

  it('asks again while the book is broken and when it is stopped', () => {
    const { strategy, context, stray, quote } = withStray((c) => (c.isWired = false));
    context.book().setStatus(BookFault.SEQUENCE_GAP);
    strategy.onBook(context, 0);
    expect(context.canceled).toEqual([]);
    context.isWired = true;
    strategy.onTimer(context);
    expect([cancels(context, stray), cancels(context, quote)]).toEqual([1, 1]);
    const stopped = withStray((c) => (c.isWired = false));
    stopped.context.isWired = true;
    stopped.strategy.onStop(stopped.context);
    expect([cancels(stopped.context, stopped.stray), cancels(stopped.context, stopped.quote)]).toEqual([
      1, 1,
    ]);
  });

  it('does not quote that side while it lives, and counts it against the inventory', () => {
    const { strategy, context, stray, quote } = withStray((c) => (c.isWired = false));
    fill(strategy, context, quote);
    context.now += 1_000_000;
    strategy.onTimer(context);
    expect(buys(context)).toBe(2);
    tell(strategy, context, stray, OrderStatus.Canceled);
    expect(buys(context)).toBe(3);
    // Bought 1000 of at most 2500 already: two of 1000 more would be too many, and the quote is the one that can wait.
    const crowded = withStray((c) => {
      c.isWired = false;
      c.position().fill(Side.Buy, 10_000_00, 1000);
    });
    crowded.context.isWired = true;
    crowded.strategy.onTimer(crowded.context);
    expect(cancels(crowded.context, crowded.quote)).toBe(1);
  });

  it('does not trade with it from the other side', () => {
    const { strategy, context, stray } = withStray((c) => (c.isWired = false));
    tell(strategy, context, context.last(Side.Sell), OrderStatus.Canceled);
    context.now += 1_000_000;
    const asks = context.submitted.length;
    context.setTop(stray.price - 40_00, stray.price - 20_00);
    strategy.onBook(context, 0);
    expect(context.submitted).toHaveLength(asks);
  });

  it('has it in its hash', () => {
    const { strategy, context } = maker();
    const digest = () => {
      const hash = new StateHash();
      strategy.hashInto(hash);
      return hash.digest();
    };
    strategy.onBook(context, 0);
    const stray = context.last(Side.Buy);
    tell(strategy, context, stray, OrderStatus.Rejected);
    context.isWired = false;
    const before = digest();
    tell(strategy, context, stray, OrderStatus.Accepted);
    expect(digest()).not.toBe(before);
    tell(strategy, context, stray, OrderStatus.Canceled);
    expect(digest()).toBe(before);
  });
});

describe('MarketMaker after a restart with a quote that was in flight', () => {
  /** A bid that was never acknowledged, an ask that was. */
  function restarted(params = {}) {
    const { strategy, context } = maker({ maxInventory: '0.025', ...params });
    strategy.onBook(context, 0);
    const [bid, ask] = [context.last(Side.Buy), context.last(Side.Sell)];
    tell(strategy, context, ask, OrderStatus.Accepted);
    context.isReady = false;
    strategy.onRestart(context);
    strategy.onTimer(context);
    expect(buys(context)).toBe(1);
    context.now += 500_000;
    context.isReady = true;
    return { strategy, context, bid, ask };
  }

  it('quotes its side anew at once, keeps the one that is known, and asks no cancel of what nobody knows', () => {
    const { strategy, context, bid, ask } = restarted();
    strategy.onTimer(context);
    expect(buys(context)).toBe(2);
    expect(context.last(Side.Sell)).toBe(ask);
    context.now += 1_000_000;
    strategy.onTimer(context);
    expect(cancels(context, bid)).toBe(0);
  });

  it('quotes no more than the inventory leaves when the old one is filled as well', () => {
    const { strategy, context } = restarted({ orderSize: '0.02' });
    strategy.onTimer(context);
    expect(context.last(Side.Buy).quantity).toBe(500);
  });

  it('cancels the old one when it turns up, and quotes that side no more until it has ended', () => {
    const { strategy, context, bid } = restarted();
    strategy.onTimer(context);
    const quote = context.last(Side.Buy);
    tell(strategy, context, quote, OrderStatus.Accepted);
    tell(strategy, context, bid, OrderStatus.Accepted);
    expect(cancels(context, bid)).toBe(1);
    tell(strategy, context, quote, OrderStatus.Canceled);
    context.now += 10_000_000;
    strategy.onTimer(context);
    expect(buys(context)).toBe(2);
    tell(strategy, context, bid, OrderStatus.Canceled);
    expect(buys(context)).toBe(3);
  });

  it('forgets it once the venue swears that it never came', () => {
    const { strategy, context, bid } = restarted({ orderSize: '0.02' });
    strategy.onTimer(context);
    tell(strategy, context, bid, OrderStatus.Rejected);
    const quote = context.last(Side.Buy);
    tell(strategy, context, quote, OrderStatus.Filled);
    context.now += 1_000_000;
    strategy.onTimer(context);
    expect(context.last(Side.Buy).quantity).toBe(2000);
  });

  it('cancels it too when it is stopped', () => {
    const { strategy, context, bid } = restarted();
    strategy.onTimer(context);
    strategy.onStop(context);
    expect(cancels(context, bid)).toBe(1);
  });
});
