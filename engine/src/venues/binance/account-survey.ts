import {
  CLIENT_ORDER_ID_FORMATS,
  type ClientOrderId,
  EventKind,
  formatClientOrderId,
  type Instrument,
} from '../../domain/index.js';
import type { Logger } from '../../telemetry/index.js';
import { type Timers, waitFor } from '../timers.js';
import type { AccountQueries, AccountRow, OrderRow, TradeRow } from './account-queries.js';
import { CANCEL_SUFFIX } from './client-id-reader.js';
import type { EventOutlet } from './event-outlet.js';
import { Claim, type OrderClaims, ownIdOf } from './order-claims.js';
import type { KnownOrder, OrderRegistry } from './order-registry.js';
import { unitsOf } from './reconcile-events.js';
import { isPassed, TradeMarks } from './trade-marks.js';

/** An order's truth as the venue tells it: its fills, then its state. */
export interface Finding {
  /** Of an order to be adopted it is not in the registry yet. */
  readonly entry: KnownOrder;
  /** By trade id; some of them may have been told before. */
  readonly fills: Map<number, TradeRow>;
  /** Nobody here knows the order. */
  readonly adopt: boolean;
  /** Undefined: the venue does not know it. */
  readonly row: OrderRow | undefined;
}

/** What one comparison has fetched. */
export interface Picture {
  readonly account: AccountRow;
  readonly marks: TradeMarks;
  readonly findings: ReadonlyMap<string, Finding>;
  /** No fill happened between the first question and the last: balances, fills and orders are of one moment. */
  readonly still: boolean;
}

export interface SurveyOptions {
  readonly instruments: readonly Instrument[];
  readonly api: AccountQueries;
  readonly registry: OrderRegistry;
  readonly claims: OrderClaims;
  readonly outlet: EventOutlet;
  readonly timers: Timers;
  readonly logger: Logger;
}

const FORMAT = CLIENT_ORDER_ID_FORMATS.binance;
/** The trade list may lag behind the order's state by a moment. */
const LAG_RETRIES = 3;
export const LAG_WAIT_MS = 150;

/** Fetches what a comparison needs. Tells nothing, and changes nothing that a later one could miss. */
export class AccountSurvey {
  readonly #options: SurveyOptions;
  readonly #byIndex: ReadonlyMap<number, Instrument>;
  readonly #bySymbol: ReadonlyMap<string, Instrument>;

  constructor(options: SurveyOptions) {
    this.#options = options;
    this.#byIndex = new Map(options.instruments.map((instrument) => [instrument.index, instrument]));
    this.#bySymbol = new Map(options.instruments.map((instrument) => [instrument.symbol, instrument]));
  }

  /** Everything: fills since the last look, balances, every order we believe open or the venue lists as ours. */
  async look(): Promise<Picture> {
    const { api, instruments, registry } = this.#options;
    const marks = await this.firstTrades();
    const account = await api.account();
    const findings = this.#match(await api.openOrders(instruments));
    for (const entry of registry.open()) {
      const key = keyOf(entry);
      if (findings.has(key)) continue;
      findings.set(key, { entry, fills: new Map(), adopt: false, row: await this.#rowOf(entry) });
    }
    await this.#assign(marks, findings);
    for (const finding of findings.values()) await this.#complete(finding);
    await marks.fetchLater(api);
    await this.#assign(marks, findings);
    return { account, marks, findings, still: this.#isStill(marks, findings) };
  }

  /** Own fills since the last look. At the first look only the place to start from is taken. */
  async firstTrades(): Promise<TradeMarks> {
    const { api, instruments, registry } = this.#options;
    const marks = new TradeMarks();
    for (const instrument of instruments) await marks.fetch(api, instrument, registry);
    return marks;
  }

  /** The truth about one order. */
  async ask(entry: KnownOrder): Promise<Finding> {
    const finding = {
      entry,
      fills: new Map<number, TradeRow>(),
      adopt: false,
      row: await this.#rowOf(entry),
    };
    await this.#complete(finding);
    return finding;
  }

  instrument(entry: KnownOrder): Instrument {
    return this.#byIndex.get(entry.instrument)!;
  }

  /** Undefined for a symbol that is not configured. */
  bySymbol(symbol: string): Instrument | undefined {
    return this.#bySymbol.get(symbol);
  }

  /**
   * Whether every fill to be told happened before the balances were asked for: those listed by then did, and none came
   * later, neither in the lists nor among the live events held back.
   */
  #isStill(marks: TradeMarks, findings: ReadonlyMap<string, Finding>): boolean {
    const { registry, outlet } = this.#options;
    for (const { entry, fills } of findings.values()) {
      for (const id of fills.keys()) {
        if (!registry.hasTrade(entry.instrument, id, entry) && marks.isLater(entry.instrument, id)) {
          return false;
        }
      }
    }
    for (const event of outlet.held) {
      if (event.kind !== EventKind.OrderFilled) continue;
      const entry = registry.find(event.epoch, event.sequence);
      const id = Number(event.tradeId);
      if (entry === undefined || registry.hasTrade(entry.instrument, id, entry)) continue;
      if (findings.get(keyOf(event))?.fills.has(id) !== true) return false;
    }
    return true;
  }

  /** The open orders of ours; what is not ours is reported. */
  #match(open: readonly OrderRow[]): Map<string, Finding> {
    const findings = new Map<string, Finding>();
    for (const row of open) {
      const finding = this.#finding(row);
      if (finding !== undefined) findings.set(keyOf(finding.entry), finding);
    }
    return findings;
  }

  /** Undefined when the order is not ours to touch. */
  #finding(row: OrderRow): Finding | undefined {
    const { registry, claims, logger } = this.#options;
    const { orderId, symbol, clientOrderId } = row;
    const id = ownIdOf(clientOrderId);
    const instrument = this.#bySymbol.get(symbol);
    if (id === undefined) {
      claims.foreign(orderId, symbol, clientOrderId);
      return undefined;
    }
    if (instrument === undefined) {
      logger.error('an order of ours on an instrument that is not configured: cancel it by hand', {
        ...{ symbol, orderId, clientOrderId },
      });
      return undefined;
    }
    const claim = claims.of(id.epoch, id.sequence);
    if (claim === Claim.Superior) {
      claims.superior(orderId, id.epoch, symbol);
      return undefined;
    }
    const known = registry.find(id.epoch, id.sequence);
    const entry = known ?? registry.blank(id.epoch, id.sequence, instrument.index);
    return { entry, fills: new Map(), adopt: claim === Claim.Unknown, row };
  }

  /** By the venue's id, else by ours, else by the name our cancel gave it. */
  async #rowOf(entry: KnownOrder): Promise<OrderRow | undefined> {
    const { api } = this.#options;
    const { symbol } = this.instrument(entry);
    let row: OrderRow | undefined;
    if (entry.venueOrderId > 0) row = await api.order(symbol, { orderId: entry.venueOrderId });
    if (row === undefined) {
      const origClientOrderId = formatClientOrderId(FORMAT, entry.epoch, entry.sequence);
      row = await api.order(symbol, { origClientOrderId });
      if (row === undefined && entry.cancelSent) {
        row = await api.order(symbol, { origClientOrderId: origClientOrderId + CANCEL_SUFFIX });
      }
    }
    return row;
  }

  /** Gives each new trade to its order, asking the venue whose it is when we cannot know. */
  async #assign(marks: TradeMarks, findings: Map<string, Finding>): Promise<void> {
    const { registry, api } = this.#options;
    const owners = registry.byVenueId();
    for (const { entry, row } of findings.values()) if (row !== undefined) owners.set(row.orderId, entry);
    for (const [instrument, trades] of marks.trades) {
      for (const [i, trade] of trades.entries()) {
        const { id, orderId } = trade;
        let entry = owners.get(orderId);
        if (isPassed(registry, instrument, trades, i, entry)) continue;
        if (entry === undefined) {
          if (marks.foreign.has(orderId)) continue;
          const row = await api.order(instrument.symbol, { orderId });
          const finding = row === undefined ? undefined : this.#finding(row);
          if (finding === undefined) {
            marks.foreign.add(orderId);
            continue;
          }
          entry = finding.entry;
          owners.set(orderId, entry);
          findings.set(keyOf(entry), finding);
        }
        let finding = findings.get(keyOf(entry));
        if (finding === undefined) {
          finding = { entry, fills: new Map(), adopt: false, row: await this.#rowOf(entry) };
          findings.set(keyOf(entry), finding);
        }
        finding.fills.set(id, trade);
      }
    }
  }

  /** Fetches the order's own trades until they add up to what the venue says was executed. */
  async #complete(finding: Finding): Promise<void> {
    const { api, registry, logger, timers } = this.#options;
    const { entry, row, fills } = finding;
    if (row === undefined) return;
    const instrument = this.instrument(entry);
    const executed = unitsOf(row.executedQty, instrument.sizePrecision);
    for (let attempt = 0; attempt <= LAG_RETRIES; attempt++) {
      let told = entry.cumQuantity;
      for (const [id, trade] of fills) {
        if (!registry.hasTrade(instrument.index, id, entry))
          told += unitsOf(trade.qty, instrument.sizePrecision);
      }
      if (told >= executed) return;
      if (attempt > 0) await waitFor(timers, LAG_WAIT_MS);
      for (const trade of await api.tradesOf(instrument.symbol, row.orderId)) fills.set(trade.id, trade);
    }
    logger.error('the venue lists fewer fills than it says were executed', {
      symbol: instrument.symbol,
      orderId: row.orderId,
      executedQty: row.executedQty,
    });
  }
}

/** Of an order, in a map. */
export function keyOf({ epoch, sequence }: ClientOrderId): string {
  return `${epoch}x${sequence}`;
}
