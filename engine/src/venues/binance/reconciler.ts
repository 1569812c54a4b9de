import {
  CLIENT_ORDER_ID_FORMATS,
  type ClientOrderId,
  DecimalError,
  EventKind,
  formatClientOrderId,
  type Instrument,
  type KernelEvent,
  LiquiditySide,
  type OrderFilled,
  type OrderStatus,
  parseClientOrderId,
  parseUnits,
} from '../../domain/index.js';
import type { Logger } from '../../telemetry/index.js';
import type { AccountApi, AccountRow, OrderRow, TradeRow } from './account-api.js';
import { CANCEL_SUFFIX } from './client-id-reader.js';
import type { EventOutlet } from './event-outlet.js';
import type { ExecutionMetrics } from './execution-metrics.js';
import { orderStatusFrom } from './order-decoder.js';
import type { KnownOrder, OrderRegistry } from './order-registry.js';
import { RestError } from './rest-client.js';
import { amountOf, toBalance } from './user-stream.js';
import { toMicroseconds } from './venue-time.js';

export interface ReconcilerOptions {
  readonly venue: number;
  readonly instruments: readonly Instrument[];
  readonly api: AccountApi;
  readonly registry: OrderRegistry;
  readonly outlet: EventOutlet;
  readonly metrics: ExecutionMetrics;
  readonly logger: Logger;
  /** The venue's time, milliseconds. */
  readonly nowMs: () => number;
  readonly recvWindowMs: number;
  readonly notFoundMarginMs: number;
  readonly adopt: 'cancel' | 'leave';
}

/** The order's truth as the venue tells it: its fills, then its state. */
interface Finding {
  readonly entry: KnownOrder;
  readonly fills: Map<number, TradeRow>;
  /** Undefined: the venue does not know it. */
  row: OrderRow | undefined;
}

const FORMAT = CLIENT_ORDER_ID_FORMATS.binance;
/** Orders younger than this may simply not have reached every list yet. */
const AUDIT_AGE_MS = 5_000;
/** The trade list may lag behind the order's state by a moment. */
const LAG_RETRIES = 3;
const LAG_WAIT_MS = 150;

/** Our numbers in a client order id, or in the id our cancel gave the order. */
export function ownIdOf(clientOrderId: string): ClientOrderId | undefined {
  const id = clientOrderId.endsWith(CANCEL_SUFFIX)
    ? clientOrderId.slice(0, -CANCEL_SUFFIX.length)
    : clientOrderId;
  return parseClientOrderId(FORMAT, id);
}

/**
 * Asks the venue for the truth and tells it as events: fills first, with their real trade ids, then each order's state.
 * Nothing is told before everything has been fetched, so an aborted run tells nothing.
 */
export class Reconciler {
  readonly #options: ReconcilerOptions;
  readonly #byIndex: ReadonlyMap<number, Instrument>;

  constructor(options: ReconcilerOptions) {
    this.#options = options;
    this.#byIndex = new Map(options.instruments.map((instrument) => [instrument.index, instrument]));
  }

  /**
   * The full comparison, while live events are held: balances, fills since the last time, every order that we believe
   * open, every open order that the venue lists as ours. `aborted` is asked before anything is told.
   */
  async run(aborted: () => boolean): Promise<void> {
    const { api, instruments, registry, outlet, metrics } = this.#options;
    const trades = await this.#newTrades();
    const account = await api.account();
    const open = await api.openOrders(instruments);
    const { findings, strangers } = this.#match(open);
    for (const entry of registry.open()) {
      if (!findings.has(entry)) findings.set(entry, await this.#ask(entry));
    }
    await this.#assign(trades, findings);
    for (const finding of findings.values()) await this.#complete(finding);
    if (aborted()) return;
    const events = [
      ...this.#balances(account),
      ...[...findings.values()].flatMap((each) => this.#events(each)),
    ];
    for (const event of events) outlet.pass(event);
    this.#verified(trades);
    metrics.reconciles.add(1);
    await this.#adopt(strangers);
  }

  /**
   * The same comparison while live events flow: tells only what they cannot have told, that is fills not passed on and
   * orders that are no longer open at the venue.
   */
  async audit(aborted: () => boolean): Promise<void> {
    const { api, instruments, registry, nowMs } = this.#options;
    const before = nowMs() - AUDIT_AGE_MS;
    const trades = await this.#newTrades();
    const listed = new Set((await api.openOrders(instruments)).map(({ orderId }) => orderId));
    const findings = new Map<KnownOrder, Finding>();
    for (const entry of registry.open()) {
      if (entry.sentMs < before && !listed.has(entry.venueOrderId))
        findings.set(entry, await this.#ask(entry));
    }
    await this.#assign(trades, findings);
    for (const finding of findings.values()) await this.#complete(finding);
    if (aborted()) return;
    this.#tell(...findings.values());
    this.#verified(trades);
    this.#options.metrics.reconciles.add(1);
  }

  /** The truth about one order. */
  async lookUp(entry: KnownOrder, aborted: () => boolean): Promise<void> {
    const finding = await this.#ask(entry);
    await this.#complete(finding);
    if (!aborted()) this.#tell(finding);
  }

  /** As {@link lookUp}, when the state is already known but fills are missing. */
  async tellWithFills(entry: KnownOrder, row: OrderRow, aborted: () => boolean): Promise<void> {
    const finding: Finding = { entry, fills: new Map(), row };
    await this.#complete(finding);
    if (!aborted()) this.#tell(finding);
  }

  /** Whether the venue can no longer accept what we sent of this order. */
  provablyLost(entry: KnownOrder): boolean {
    const { nowMs, recvWindowMs, notFoundMarginMs } = this.#options;
    return nowMs() - entry.sentMs > recvWindowMs + notFoundMarginMs;
  }

  /** Own fills since the last look. At the first look only the place to start from is taken. */
  async #newTrades(): Promise<Map<Instrument, TradeRow[]>> {
    const { api, instruments, registry } = this.#options;
    const trades = new Map<Instrument, TradeRow[]>();
    for (const instrument of instruments) {
      const from = registry.verifiedTrade[instrument.index] ?? 0;
      if (from > 0) trades.set(instrument, await api.tradesFrom(instrument.symbol, from));
      else registry.verify(instrument.index, ((await api.lastTrade(instrument.symbol))?.id ?? 0) + 1);
    }
    return trades;
  }

  #verified(trades: Map<Instrument, TradeRow[]>): void {
    for (const [instrument, rows] of trades) {
      const last = rows.at(-1);
      if (last !== undefined) this.#options.registry.verify(instrument.index, last.id + 1);
    }
  }

  #match(open: readonly OrderRow[]): { findings: Map<KnownOrder, Finding>; strangers: OrderRow[] } {
    const { registry, instruments } = this.#options;
    const findings = new Map<KnownOrder, Finding>();
    const strangers: OrderRow[] = [];
    for (const row of open) {
      const id = ownIdOf(row.clientOrderId);
      const instrument = instruments.find(({ symbol }) => symbol === row.symbol);
      if (id === undefined || instrument === undefined) continue;
      let entry = registry.find(id.epoch, id.sequence);
      if (entry === undefined) {
        strangers.push(row);
        entry = registry.remember(id.epoch, id.sequence, instrument.index);
      }
      findings.set(entry, { entry, fills: new Map(), row });
    }
    return { findings, strangers };
  }

  /** By the venue's id, else by ours, else by the name our cancel gave it. */
  async #ask(entry: KnownOrder): Promise<Finding> {
    const { api } = this.#options;
    const { symbol } = this.#instrument(entry);
    let row: OrderRow | undefined;
    if (entry.venueOrderId > 0) row = await api.order(symbol, { orderId: entry.venueOrderId });
    if (row === undefined) {
      const origClientOrderId = formatClientOrderId(FORMAT, entry.epoch, entry.sequence);
      row = await api.order(symbol, { origClientOrderId });
      if (row === undefined && entry.cancelSent) {
        row = await api.order(symbol, { origClientOrderId: origClientOrderId + CANCEL_SUFFIX });
      }
    }
    return { entry, fills: new Map(), row };
  }

  /** Gives each new trade to its order, asking the venue whose it is when we cannot know. */
  async #assign(trades: Map<Instrument, TradeRow[]>, findings: Map<KnownOrder, Finding>): Promise<void> {
    const { registry, api } = this.#options;
    const known = registry.byVenueId();
    for (const { entry, row } of findings.values()) if (row !== undefined) known.set(row.orderId, entry);
    const foreign = new Set<number>();
    for (const [instrument, rows] of trades) {
      for (const trade of rows) {
        if (registry.hasTrade(instrument.index, trade.id) || foreign.has(trade.orderId)) continue;
        let entry = known.get(trade.orderId);
        if (entry === undefined) {
          const row = await api.order(instrument.symbol, { orderId: trade.orderId });
          const id = row === undefined ? undefined : ownIdOf(row.clientOrderId);
          if (row === undefined || id === undefined) {
            foreign.add(trade.orderId);
            continue;
          }
          entry = registry.remember(id.epoch, id.sequence, instrument.index);
          known.set(trade.orderId, entry);
          if (!findings.has(entry)) findings.set(entry, { entry, fills: new Map(), row });
        }
        let finding = findings.get(entry);
        if (finding === undefined) {
          finding = await this.#ask(entry);
          findings.set(entry, finding);
        }
        finding.fills.set(trade.id, trade);
      }
    }
  }

  /** Fetches the order's own trades until they add up to what the venue says was executed. */
  async #complete(finding: Finding): Promise<void> {
    const { api, registry, logger } = this.#options;
    const { entry, row, fills } = finding;
    if (row === undefined) return;
    const instrument = this.#instrument(entry);
    const executed = unitsOf(row.executedQty, instrument.sizePrecision);
    for (let attempt = 0; attempt <= LAG_RETRIES; attempt++) {
      let told = entry.cumQuantity;
      for (const [id, trade] of fills) {
        if (!registry.hasTrade(instrument.index, id)) told += unitsOf(trade.qty, instrument.sizePrecision);
      }
      if (told >= executed) return;
      if (attempt > 0) await new Promise((resolve) => setTimeout(resolve, LAG_WAIT_MS));
      for (const trade of await api.tradesOf(instrument.symbol, row.orderId)) fills.set(trade.id, trade);
    }
    logger.error('the venue lists fewer fills than it says were executed', {
      symbol: instrument.symbol,
      orderId: row.orderId,
      executedQty: row.executedQty,
    });
  }

  #tell(...findings: readonly Finding[]): void {
    for (const event of findings.flatMap((each) => this.#events(each))) this.#options.outlet.pass(event);
  }

  #balances({ balances, updateTime }: AccountRow): KernelEvent[] {
    const tsEvent = Math.max(0, toMicroseconds(updateTime ?? 0));
    return balances.map(({ asset, free, locked }) => {
      const balance = toBalance(asset, free, locked);
      if (balance === undefined) throw new RestError(`balance of ${asset} is no number`, true);
      return { kind: EventKind.Balance, tsEvent, tsInit: 0, venue: this.#options.venue, ...balance };
    });
  }

  /** Fills first: a report's cumulative quantity must already be accounted for when it arrives. */
  #events({ entry, row, fills }: Finding): KernelEvent[] {
    const { metrics, registry, logger } = this.#options;
    const { epoch, sequence } = entry;
    if (row === undefined) {
      const definitive = this.provablyLost(entry);
      return [{ kind: EventKind.OrderNotFound, tsEvent: 0, tsInit: 0, epoch, sequence, definitive }];
    }
    const instrument = this.#instrument(entry);
    const status = orderStatusFrom(row.status);
    if (status === undefined) throw new RestError(`order status ${row.status} is not known`, true);
    entry.venueOrderId = row.orderId;
    const missing = [...fills.values()]
      .filter(({ id }) => !registry.hasTrade(instrument.index, id))
      .sort((a, b) => a.id - b.id);
    if (missing.length > 0) {
      metrics.recoveredFills.add(missing.length);
      const { symbol } = instrument;
      logger.warn('fills the stream had not told', { symbol, epoch, sequence, fills: missing.length });
    }
    return [
      ...missing.map((trade) => fillOf(trade, entry, instrument)),
      reportOf(row, entry, instrument, status),
    ];
  }

  async #adopt(strangers: readonly OrderRow[]): Promise<void> {
    const { api, adopt, logger, metrics } = this.#options;
    for (const { symbol, orderId, clientOrderId } of strangers) {
      metrics.strangers.add(1);
      logger.warn('open order with our prefix that this process did not send', {
        symbol,
        orderId,
        clientOrderId,
        adopt,
      });
      if (adopt === 'cancel') await api.cancel(symbol, orderId, clientOrderId + CANCEL_SUFFIX);
    }
  }

  #instrument(entry: KnownOrder): Instrument {
    return this.#byIndex.get(entry.instrument)!;
  }
}

/** Throws a RestError: a number the instrument cannot hold means its definition is out of date. */
function unitsOf(text: string, precision: number): number {
  try {
    return parseUnits(text, precision);
  } catch (error) {
    if (error instanceof DecimalError) throw new RestError(error.message, true, error);
    throw error;
  }
}

function fillOf(trade: TradeRow, entry: KnownOrder, instrument: Instrument): OrderFilled {
  const fee = amountOf(trade.commission);
  if (fee === undefined) throw new RestError(`fee ${trade.commission} is no amount`, true);
  return {
    kind: EventKind.OrderFilled,
    tsEvent: Math.max(0, toMicroseconds(trade.time)),
    tsInit: 0,
    epoch: entry.epoch,
    sequence: entry.sequence,
    tradeId: String(trade.id),
    price: unitsOf(trade.price, instrument.pricePrecision),
    quantity: unitsOf(trade.qty, instrument.sizePrecision),
    liquidity: trade.isMaker ? LiquiditySide.Maker : LiquiditySide.Taker,
    feeAsset: trade.commissionAsset ?? instrument.quote,
    fee,
  };
}

function reportOf(
  row: OrderRow,
  entry: KnownOrder,
  instrument: Instrument,
  status: OrderStatus,
): KernelEvent {
  return {
    kind: EventKind.OrderReport,
    tsEvent: Math.max(0, toMicroseconds(row.updateTime ?? row.time ?? 0)),
    tsInit: 0,
    epoch: entry.epoch,
    sequence: entry.sequence,
    venueOrderId: String(row.orderId),
    status,
    cumQuantity: unitsOf(row.executedQty, instrument.sizePrecision),
  };
}
