import {
  type Amount,
  DecimalError,
  EventKind,
  type Instrument,
  LiquiditySide,
  OrderStatus,
  parseAmount,
  RejectReason,
} from '../../domain/index.js';
import type { EventOutlet } from './event-outlet.js';
import type { ExecutionMetrics } from './execution-metrics.js';
import { ascii } from './json-reader.js';
import { Claim, type OrderClaims } from './order-claims.js';
import type { KnownOrder, OrderRegistry } from './order-registry.js';
import type { SymbolIndex } from './symbol-index.js';
import { ExecutionType, type OwnId, UserEventDecoder, UserEventKind } from './user-event-decoder.js';
import { toMicroseconds } from './venue-time.js';

/** What the owner of the stream must do about an event. */
export const UserStreamAction = {
  None: 0,
  /** Something about our account could not be read: ask the venue for the truth. */
  Reconcile: 1,
  /** The subscription ended: subscribe again. */
  Resubscribe: 2,
  /** The server is about to close the connection: replace it. */
  Replace: 3,
  /** An order of ours that nobody here knows: ask the venue for all of it. */
  Adopt: 4,
} as const;
export type UserStreamAction = (typeof UserStreamAction)[keyof typeof UserStreamAction];

/** `r` of a rejected order. */
const REJECT_REASONS: readonly (readonly [Uint8Array, RejectReason])[] = [
  [ascii('INSUFFICIENT_BALANCES'), RejectReason.INSUFFICIENT_BALANCE],
  [ascii('WOULD_MATCH_IMMEDIATELY'), RejectReason.POST_ONLY_WOULD_TAKE],
  [ascii('STOP_PRICE_WOULD_TRIGGER_IMMEDIATELY'), RejectReason.TRIGGER_WOULD_FIRE],
];
/** `eR` of an expired order; whatever is not named here is UNKNOWN. */
const EXPIRY_REASONS: readonly (readonly [Uint8Array, RejectReason])[] = [
  [ascii('UNFILLED_IOC_QUANTITY_EXPIRED'), RejectReason.NO_LIQUIDITY],
  [ascii('UNFILLED_FOK_ORDER_EXPIRED'), RejectReason.NO_LIQUIDITY],
  [ascii('INSUFFICIENT_LIQUIDITY'), RejectReason.NO_LIQUIDITY],
  [ascii('EXECUTION_RULE_PRICE_RANGE_EXCEEDED'), RejectReason.PERCENT_PRICE_FILTER],
];
const FEE_SCALE = 8;
const FEE_UNIT = 10n ** 10n;

/** Turns user data events into the domain's, for our own orders alone. Undecodable ones are never ignored. */
export class UserStream {
  readonly #symbols: SymbolIndex;
  readonly #registry: OrderRegistry;
  readonly #claims: OrderClaims;
  readonly #outlet: EventOutlet;
  readonly #metrics: ExecutionMetrics;
  readonly #venue: number;
  readonly #decoder = new UserEventDecoder();
  /** Asset names seen, so that a fill need not make a new string for its fee asset. */
  readonly #assets: { readonly bytes: Uint8Array; readonly name: string }[] = [];

  constructor(options: {
    venue: number;
    instruments: readonly Instrument[];
    symbols: SymbolIndex;
    registry: OrderRegistry;
    claims: OrderClaims;
    outlet: EventOutlet;
    metrics: ExecutionMetrics;
  }) {
    this.#venue = options.venue;
    this.#symbols = options.symbols;
    this.#registry = options.registry;
    this.#claims = options.claims;
    this.#outlet = options.outlet;
    this.#metrics = options.metrics;
    for (const { base, quote } of options.instruments) {
      this.#intern(Buffer.from(base));
      this.#intern(Buffer.from(quote));
    }
  }

  /** One event: the object `frame[start, end)`, whose grammar has been checked. */
  receive(frame: Uint8Array, start: number, end: number): UserStreamAction {
    switch (this.#decoder.decode(frame, start, end)) {
      case UserEventKind.Execution:
        return this.#execution();
      case UserEventKind.AccountPosition:
        return this.#position(frame, start, end);
      case UserEventKind.BalanceUpdate:
        return this.#transfer(frame, start, end);
      case UserEventKind.StreamTerminated:
        return UserStreamAction.Resubscribe;
      case UserEventKind.ServerShutdown:
        return UserStreamAction.Replace;
      case UserEventKind.Other:
        return UserStreamAction.None;
      default:
        return UserStreamAction.Reconcile;
    }
  }

  #execution(): UserStreamAction {
    const decoder = this.#decoder;
    const instrument = this.#symbols.find(decoder.frame, decoder.symbol.start, decoder.symbol.stop);
    // A cancel's report names the cancel in `c` and the order in `C`.
    const id = decoder.originalId.own ? decoder.originalId : decoder.clientId;
    if (!id.own || instrument === undefined) {
      this.#foreign(instrument);
      return UserStreamAction.None;
    }
    let entry = this.#registry.find(id.epoch, id.sequence);
    if (entry === undefined) {
      const claim = this.#claims.of(id.epoch, id.sequence);
      if (claim === Claim.Superior) {
        this.#claims.superior(decoder.orderId, id.epoch, instrument.symbol);
        return UserStreamAction.None;
      }
      if (claim === Claim.Unknown) return this.#unknown(instrument);
      entry = this.#registry.remember(id.epoch, id.sequence, instrument.index);
    }
    return this.#tell(id, entry, instrument) ? UserStreamAction.None : UserStreamAction.Reconcile;
  }

  #foreign(instrument: Instrument | undefined): void {
    const decoder = this.#decoder;
    this.#metrics.foreign.add(1);
    if (instrument === undefined) return;
    if (!this.#claims.hasReported(instrument.symbol, decoder.orderId)) {
      this.#claims.foreign(decoder.orderId, instrument.symbol, decoder.text(decoder.clientIdText));
    }
    if (decoder.executionType !== ExecutionType.Trade) return;
    this.#registry.noteTrade(instrument.index, decoder.tradeId, null);
  }

  /**
   * What the stream says of an order it does not tell completely, nor what came before. The venue's lists do. An order that
   * has just ended without a fill is in none of them.
   */
  #unknown({ sizePrecision }: Instrument): UserStreamAction {
    const { executionType } = this.#decoder;
    const hasEnded =
      executionType === ExecutionType.Canceled ||
      executionType === ExecutionType.Rejected ||
      executionType === ExecutionType.Expired;
    return hasEnded && this.#cumQuantity(sizePrecision) === 0
      ? UserStreamAction.None
      : UserStreamAction.Adopt;
  }

  #tell(id: OwnId, entry: KnownOrder, instrument: Instrument): boolean {
    const decoder = this.#decoder;
    if (entry.venueOrderId === 0) entry.venueOrderId = decoder.orderId;
    return this.#translate(id, entry, instrument, Math.max(0, toMicroseconds(decoder.timeMs)));
  }

  /** False when the report cannot be told as events: the venue must be asked. */
  #translate(
    { epoch, sequence }: OwnId,
    entry: KnownOrder,
    instrument: Instrument,
    tsEvent: number,
  ): boolean {
    const decoder = this.#decoder;
    const base = { tsEvent, tsInit: 0, epoch, sequence };
    switch (decoder.executionType) {
      case ExecutionType.Trade:
        if (!this.#fill(base, instrument)) return false;
        // What is being held is not counted yet, and a comparison with the venue follows it.
        if (this.#outlet.holding) return true;
        // A fill that comes after the end tells of a time before it.
        return this.#checkFilled(base, entry, instrument, entry.ended === -1 ? decoder.status : entry.ended);
      case ExecutionType.New: {
        const venueOrderId = String(decoder.orderId);
        const kept = this.#outlet.live({ kind: EventKind.OrderAccepted, ...base, venueOrderId });
        if (!decoder.conditional || !decoder.workingOnBook) return kept;
        return this.#outlet.live({ kind: EventKind.OrderTriggered, ...base }) && kept;
      }
      case ExecutionType.Canceled:
        // How much of it was filled comes first: as it ends a strategy acts on what it is told of the position.
        return (
          this.#checkFilled(base, entry, instrument, OrderStatus.Canceled) &&
          this.#outlet.live({ kind: EventKind.OrderCanceled, ...base })
        );
      case ExecutionType.Rejected: {
        const reason = this.#lookUp(REJECT_REASONS, decoder.rejectReason.start, decoder.rejectReason.stop);
        const text = decoder.text(decoder.rejectReason);
        return this.#outlet.live({ kind: EventKind.OrderRejected, ...base, reason, text });
      }
      case ExecutionType.Expired:
        return this.#expired(base, entry, instrument);
      case ExecutionType.TradePrevention:
        // With DECREMENT the order goes on with less: only the venue can say how much.
        return decoder.status === OrderStatus.Expired
          ? this.#expired(base, entry, instrument)
          : this.#outlet.live({ kind: EventKind.OutcomeUnknown, ...base });
      case ExecutionType.Replaced:
        // Nobody here amends orders: someone else changed this one.
        return this.#outlet.live({ kind: EventKind.OutcomeUnknown, ...base });
      default:
        return false;
    }
  }

  #fill(base: OrderBase, instrument: Instrument): boolean {
    const decoder = this.#decoder;
    const price = decoder.units(decoder.lastPrice, instrument.pricePrecision);
    const quantity = decoder.units(decoder.lastQuantity, instrument.sizePrecision);
    const fee = this.#fee();
    if (price <= 0 || quantity <= 0 || fee === undefined) return false;
    return this.#outlet.live({
      kind: EventKind.OrderFilled,
      ...base,
      tradeId: String(decoder.tradeId),
      price,
      quantity,
      liquidity: decoder.maker ? LiquiditySide.Maker : LiquiditySide.Taker,
      feeAsset: this.#feeAsset(instrument),
      fee,
    });
  }

  /**
   * Says how much was filled, when that is more than the fills passed on come to. Those being held are not passed on yet:
   * once they are, what was said behind them is nothing new.
   */
  #checkFilled(
    base: OrderBase,
    entry: KnownOrder,
    { sizePrecision }: Instrument,
    status: OrderStatus | -1,
  ): boolean {
    const cumQuantity = this.#cumQuantity(sizePrecision);
    if (cumQuantity < 0) return false;
    if (cumQuantity <= entry.cumQuantity || status === -1) return true;
    const venueOrderId = String(this.#decoder.orderId);
    return this.#outlet.live({ kind: EventKind.OrderReport, ...base, venueOrderId, status, cumQuantity });
  }

  /** In size units; negative when it cannot be read. */
  #cumQuantity(precision: number): number {
    const { cumQuantity } = this.#decoder;
    return cumQuantity.stop === cumQuantity.start ? 0 : this.#decoder.units(cumQuantity, precision);
  }

  #expired(base: OrderBase, entry: KnownOrder, instrument: Instrument): boolean {
    if (!this.#checkFilled(base, entry, instrument, OrderStatus.Expired)) return false;
    const decoder = this.#decoder;
    const reason = decoder.selfTradePrevented
      ? RejectReason.SELF_TRADE_PREVENTION
      : this.#lookUp(EXPIRY_REASONS, decoder.expiryReason.start, decoder.expiryReason.stop);
    return this.#outlet.live({ kind: EventKind.OrderExpired, ...base, reason });
  }

  #position(frame: Uint8Array, start: number, end: number): UserStreamAction {
    let kept = true;
    const readable = this.#decoder.positions(frame, start, end, (asset, free, locked, timeMs) => {
      const balance = toBalance(asset, free, locked);
      if (balance === undefined) kept = false;
      else {
        const tsEvent = Math.max(0, toMicroseconds(timeMs));
        kept =
          this.#outlet.live({
            kind: EventKind.Balance,
            tsEvent,
            tsInit: 0,
            venue: this.#venue,
            ...balance,
          }) && kept;
      }
    });
    return readable && kept ? UserStreamAction.None : UserStreamAction.Reconcile;
  }

  #transfer(frame: Uint8Array, start: number, end: number): UserStreamAction {
    let kept = false;
    const readable = this.#decoder.transfer(frame, start, end, (asset, change, timeMs) => {
      const amount = amountOf(change);
      const tsEvent = toMicroseconds(timeMs);
      if (amount === undefined || tsEvent < 0) return;
      const base = { kind: EventKind.BalanceTransfer, tsEvent, tsInit: 0 };
      kept = this.#outlet.live({ ...base, venue: this.#venue, asset, amount });
    });
    return readable && kept ? UserStreamAction.None : UserStreamAction.Reconcile;
  }

  #lookUp(
    table: readonly (readonly [Uint8Array, RejectReason])[],
    start: number,
    stop: number,
  ): RejectReason {
    for (const [name, reason] of table) if (this.#decoder.spanIs({ start, stop }, name)) return reason;
    return RejectReason.UNKNOWN;
  }

  /** Fees have at most 8 decimals on Binance; anything longer takes the exact, slower way. */
  #fee(): Amount | undefined {
    const decoder = this.#decoder;
    const units = decoder.units(decoder.fee, FEE_SCALE);
    return units >= 0 ? BigInt(units) * FEE_UNIT : amountOf(decoder.text(decoder.fee));
  }

  /** A fee of zero may come without an asset. */
  #feeAsset(instrument: Instrument): string {
    const { start, stop } = this.#decoder.feeAsset;
    if (stop === start) return instrument.quote;
    for (const { bytes, name } of this.#assets) {
      if (this.#decoder.spanIs(this.#decoder.feeAsset, bytes)) return name;
    }
    return this.#intern(Uint8Array.prototype.slice.call(this.#decoder.frame, start, stop));
  }

  #intern(bytes: Uint8Array): string {
    const name = Buffer.from(bytes).toString();
    if (this.#assets.length < 64 && !this.#assets.some((asset) => asset.name === name)) {
      this.#assets.push({ bytes, name });
    }
    return name;
  }
}

interface OrderBase {
  readonly tsEvent: number;
  readonly tsInit: number;
  readonly epoch: number;
  readonly sequence: number;
}

/** Decimal text as money; undefined when it is none. */
export function amountOf(text: string): Amount | undefined {
  try {
    return parseAmount(text);
  } catch (error) {
    if (error instanceof DecimalError) return undefined;
    throw error;
  }
}

/** The fields of a Balance event; undefined when a number cannot be read. */
export function toBalance(
  asset: string,
  freeText: string,
  lockedText: string,
): { asset: string; free: Amount; locked: Amount } | undefined {
  const free = amountOf(freeText);
  const locked = amountOf(lockedText);
  return free === undefined || locked === undefined ? undefined : { asset, free, locked };
}
