import type { BookView } from '../book/index.js';
import {
  type BinaryReader,
  type BinaryWriter,
  BookState,
  type Instrument,
  type Order,
  type OrderIntent,
  OrderStatus,
  OrderType,
  Side,
  type StateHash,
  TimeInForce,
  TradingState,
} from '../domain/index.js';
import { checkParams, type MarketMakingParams, type QuoteSizing, sizingFor } from './market-making-params.js';
import type { Strategy, StrategyContext, StrategyMemory } from './port.js';
import { QuoteSlot } from './quote-slot.js';

const BPS = 10_000;
/**
 * How long quotes may rest unattended after a restart, microseconds: about what connections, reconciliation and books
 * take to come back. Then the rule for every other outage holds again.
 */
const TAKEOVER_US = 2_000_000;

/**
 * Quotes one post-only bid and one post-only ask around the others' middle price, shifted against its inventory.
 *
 * - Prices are rounded away from the middle to the increment and never reach the opposite best price.
 * - At most one order of its own lives on each side: a quote to be replaced is cancelled, and the next one placed when
 *   the venue has confirmed the end of the old one.
 * - An order that we were told had ended and that lives after all is cancelled until the venue has ended it; its side is
 *   not quoted meanwhile.
 * - Position plus open quote never exceeds the maximum inventory; a side without room for a legal order is not quoted.
 * - It quotes only while the book is valid, trading is active and the venue can be reached; else it cancels at once.
 * - After a restart (a crash, a handover) its resting quotes are kept until it can see the market again, or for two seconds.
 *   A quote that the venue had not acknowledged by then may never have been sent: its side is quoted anew, with what is left
 *   of the inventory should the old one be filled, and should the old one turn up after all, it is cancelled.
 * - Refused orders (by risk or the venue) make that side wait, longer each time.
 */
export class MarketMaker implements Strategy {
  readonly format = 1;
  readonly name: string;
  readonly symbols: readonly string[];
  readonly #params: MarketMakingParams;
  readonly #timeoutUs: number;
  readonly #bid: QuoteSlot;
  readonly #ask: QuoteSlot;
  readonly #intent: OrderIntent = {
    instrument: 0,
    strategy: 0,
    side: Side.Buy,
    type: OrderType.Limit,
    timeInForce: TimeInForce.GTC,
    postOnly: true,
    quantity: 0,
    price: 0,
    triggerPrice: 0,
  };
  #instrument: Instrument | undefined;
  #sizing: QuoteSizing = { orderSize: 0, maxInventory: 0, minNotional: 0 };
  #stopped = false;
  /** Until then, or until it may quote, resting quotes are left alone. */
  #takeoverUntil = 0;

  /** Throws a RangeError naming a parameter that cannot work. */
  constructor(params: MarketMakingParams) {
    checkParams(params);
    this.name = `market-maker ${params.symbol}`;
    this.symbols = [params.symbol];
    this.#params = params;
    this.#timeoutUs = params.orderTimeoutMs * 1000;
    this.#bid = new QuoteSlot(Side.Buy, params.repriceIntervalMs * 1000);
    this.#ask = new QuoteSlot(Side.Sell, params.repriceIntervalMs * 1000);
  }

  onInstrument(_context: StrategyContext, instrument: Instrument): void {
    if (this.#instrument !== undefined && this.#instrument.index !== instrument.index) return;
    this.#sizing = sizingFor(this.#params, instrument);
    this.#instrument = instrument;
    this.#intent.instrument = instrument.index;
  }

  onBook(context: StrategyContext, instrument: number): void {
    if (instrument === this.#instrument?.index) this.#requote(context);
  }

  onOrder(context: StrategyContext, order: Order): void {
    const slot = order.side === Side.Buy ? this.#bid : this.#ask;
    const { status } = order;
    if (order !== slot.order) {
      if (isOpen(status)) slot.strays.add(order);
      else slot.strays.remove(order);
    } else if (!isOpen(status)) slot.ended(status, context.now);
    else if (status === OrderStatus.Accepted) slot.accepted();
    this.#requote(context);
  }

  onTimer(context: StrategyContext): void {
    this.#requote(context);
  }

  onStop(context: StrategyContext): void {
    this.#stopped = true;
    this.#dismissStrays(context);
    this.#withdraw(context, this.#bid);
    this.#withdraw(context, this.#ask);
  }

  onRestart(context: StrategyContext): void {
    this.#takeoverUntil = context.now + TAKEOVER_US;
    this.#bid.restarted();
    this.#ask.restarted();
  }

  save(out: BinaryWriter): void {
    out.number(this.#instrument?.index ?? -1);
    out.bool(this.#stopped);
    out.number(this.#takeoverUntil);
    this.#bid.save(out);
    this.#ask.save(out);
  }

  load(input: BinaryReader, memory: StrategyMemory): void {
    const index = input.number();
    this.#instrument = index < 0 ? undefined : memory.instrument(index);
    if (this.#instrument !== undefined) {
      this.#sizing = sizingFor(this.#params, this.#instrument);
      this.#intent.instrument = index;
    }
    this.#stopped = input.bool();
    this.#takeoverUntil = input.finite('time');
    this.#bid.load(input, memory);
    this.#ask.load(input, memory);
  }

  hashInto(hash: StateHash): void {
    if (this.#takeoverUntil !== 0) hash.int(this.#takeoverUntil);
    hash
      .text(this.name)
      .int(this.#instrument?.index ?? -1)
      .int(this.#stopped ? 1 : 0);
    this.#bid.hashInto(hash);
    this.#ask.hashInto(hash);
  }

  #dismissStrays(context: StrategyContext): void {
    this.#bid.strays.cancel(context, this.#stopped);
    this.#ask.strays.cancel(context, this.#stopped);
  }

  #requote(context: StrategyContext): void {
    this.#dismissStrays(context);
    const instrument = this.#instrument;
    if (instrument === undefined) return;
    const book = context.book(instrument.index);
    if (!this.#mayQuote(context, instrument, book)) {
      if (this.#takesOver(context)) return;
      this.#withdraw(context, this.#bid);
      this.#withdraw(context, this.#ask);
      return;
    }
    this.#takeoverUntil = 0;
    const bid = othersBid(book, this.#bid.order);
    const ask = othersAsk(book, this.#ask.order);
    const twiceMid = bid + ask;
    if ((ask - bid) * 2 * BPS < this.#params.minSpreadBps * twiceMid) {
      this.#withdraw(context, this.#bid);
      this.#withdraw(context, this.#ask);
      return;
    }
    const { quantity } = context.position(instrument.index);
    const { maxInventory } = this.#sizing;
    const fill = Math.max(-1, Math.min(1, quantity / maxInventory));
    const shift = -this.#params.inventorySkewBps * fill;
    const half = this.#params.spreadBps / 2;
    const increment = instrument.priceIncrement;
    const wantedBid = Math.floor((twiceMid * (1 + (shift - half) / BPS)) / 2 / increment) * increment;
    const wantedAsk = Math.ceil((twiceMid * (1 + (shift + half) / BPS)) / 2 / increment) * increment;
    const bidPrice = Math.min(wantedBid, book.ask - increment);
    const askPrice = Math.max(wantedAsk, book.bid + increment);
    // A quote that would meet our own on the other side waits until that one has moved.
    const bidBlocked = this.#ask.meets(bidPrice);
    const askBlocked = this.#bid.meets(askPrice);
    this.#steer(context, instrument, this.#bid, bidPrice, bidBlocked, maxInventory - quantity, twiceMid);
    this.#steer(context, instrument, this.#ask, askPrice, askBlocked, maxInventory + quantity, twiceMid);
  }

  #mayQuote(context: StrategyContext, instrument: Instrument, book: BookView): boolean {
    return (
      !this.#stopped &&
      context.tradingState === TradingState.Active &&
      book.state === BookState.Valid &&
      book.bid !== 0 &&
      book.ask !== 0 &&
      context.ready(instrument.index)
    );
  }

  /** Blind because a session has just begun; a halt is a halt all the same. */
  #takesOver({ now, tradingState }: StrategyContext): boolean {
    return !this.#stopped && now < this.#takeoverUntil && tradingState === TradingState.Active;
  }

  /** Brings one side towards an order at `price`; with its strays it may fill no more than `limit`, size units. */
  #steer(
    context: StrategyContext,
    instrument: Instrument,
    slot: QuoteSlot,
    price: number,
    blocked: boolean,
    limit: number,
    twiceMid: number,
  ): void {
    const { now } = context;
    const { order, strays } = slot;
    const room = limit - strays.leavesQuantity;
    const size = this.#size(instrument, price, room);
    if (order !== null) {
      if (size === 0 || order.leavesQuantity > room) this.#withdraw(context, slot);
      else if (now >= slot.nextQuoteAt && this.#isOutdated(order, price, twiceMid, now))
        this.#withdraw(context, slot);
      return;
    }
    if (size === 0 || blocked || strays.isWorking || now < slot.nextQuoteAt) return;
    const intent = this.#intent;
    intent.side = slot.side;
    intent.price = price;
    intent.quantity = size;
    const placed = context.submit(intent);
    if (placed.status === OrderStatus.Denied) slot.refused(now);
    else slot.placed(placed, now);
  }

  #isOutdated(order: Order, price: number, twiceMid: number, now: number): boolean {
    if (now - order.tsSubmitted >= this.#timeoutUs) return true;
    return Math.abs(order.price - price) * 2 * BPS > this.#params.repriceThresholdBps * twiceMid;
  }

  /** The largest size that may be quoted at `price`; 0 when none is legal. */
  #size(instrument: Instrument, price: number, room: number): number {
    if (price <= 0 || price < instrument.minPrice) return 0;
    if (instrument.maxPrice !== 0 && price > instrument.maxPrice) return 0;
    let size = Math.min(this.#sizing.orderSize, room);
    size -= size % instrument.sizeIncrement;
    if (size <= 0 || size < instrument.minQuantity || size * price < this.#sizing.minNotional) return 0;
    return size;
  }

  #withdraw(context: StrategyContext, slot: QuoteSlot): void {
    if (!slot.isLive || !slot.mayCancel(context.now)) return;
    if (context.cancel(slot.order!)) slot.cancelAsked(context.now);
  }
}

function isOpen(status: OrderStatus): boolean {
  return (
    status === OrderStatus.Submitted ||
    status === OrderStatus.Accepted ||
    status === OrderStatus.PartiallyFilled ||
    status === OrderStatus.PendingCancel ||
    status === OrderStatus.PendingUpdate ||
    status === OrderStatus.Triggered
  );
}

/**
 * The best bid that is not ours alone: quoting around our own quote would chase it. Falls back on the top when the book
 * shows nobody else.
 */
function othersBid(book: BookView, own: Order | null): number {
  const { bid, levels } = book;
  if (own === null || own.price !== bid || book.bidSize > own.leavesQuantity) return bid;
  for (let i = 0; i < levels.bidCount; i++) if (levels.bidPrice(i) < bid) return levels.bidPrice(i);
  return bid;
}

/** The same for the ask. */
function othersAsk(book: BookView, own: Order | null): number {
  const { ask, levels } = book;
  if (own === null || own.price !== ask || book.askSize > own.leavesQuantity) return ask;
  for (let i = 0; i < levels.askCount; i++) if (levels.askPrice(i) > ask) return levels.askPrice(i);
  return ask;
}
