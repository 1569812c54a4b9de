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
import { inParallel } from './in-parallel.js';
import { Claim, type OrderClaims, ownIdOf } from './order-claims.js';
import { type KnownOrder, type OrderRegistry, venueKey } from './order-registry.js';
import { unitsOf } from './reconcile-events.js';
import { isBooked, isPassed, TradeMarks } from './trade-marks.js';

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
  /** The fills listed come to what the venue says was executed. */
  readonly complete: boolean;
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

  /** Everything: fills since the last look, balances, every order we believe open, miss a fill of, or the venue lists as ours. */
  async look(): Promise<Picture> {
    const { api, instruments, registry } = this.#options;
    // What is asked at once is what may be: the first fills come before the rest and the last after it, so that one in between
    // shows (see `still`).
    const marks = await this.firstTrades();
    const [account, open] = await Promise.all([api.account(), api.openOrders(instruments)]);
    const findings = this.#match(open);
    await this.#find([...registry.open(), ...registry.awaited()], findings);
    await this.#assign(marks, findings);
    const completed = await inParallel([...findings.values()], (finding) => this.#complete(finding));
    await marks.fetchLater(api);
    await this.#assign(marks, findings);
    const complete = completed.every((isComplete) => isComplete);
    return { account, marks, findings, still: this.#isStill(marks, findings), complete };
  }

  /** Own fills since the last look. At the first look only the place to start from is taken. */
  async firstTrades(): Promise<TradeMarks> {
    const { api, instruments, registry } = this.#options;
    const marks = new TradeMarks();
    await inParallel(instruments, (instrument) => marks.fetch(api, instrument, registry));
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
    const { venueOrderId, cancelSent, epoch, sequence } = entry;
    const row = venueOrderId > 0 ? await api.order(symbol, { orderId: venueOrderId }) : undefined;
    if (row !== undefined) return row;
    const name = formatClientOrderId(FORMAT, epoch, sequence);
    const named = await api.order(symbol, { origClientOrderId: name });
    if (named !== undefined || !cancelSent) return named;
    // Not at the same time: renamed in between, it would be found under neither.
    return await api.order(symbol, { origClientOrderId: name + CANCEL_SUFFIX });
  }

  /** Asks for those of `entries` that nothing has been found of. */
  async #find(entries: readonly KnownOrder[], findings: Map<string, Finding>): Promise<void> {
    const missing = entries.filter((entry) => !findings.has(keyOf(entry)));
    const rows = await inParallel(missing, (entry) => this.#rowOf(entry));
    for (const [i, entry] of missing.entries()) {
      findings.set(keyOf(entry), { entry, fills: new Map(), adopt: false, row: rows[i] });
    }
  }

  /** Gives each new trade to its order, asking the venue whose it is when we cannot know. */
  async #assign(marks: TradeMarks, findings: Map<string, Finding>): Promise<void> {
    const { registry } = this.#options;
    const owners = registry.byVenueId();
    for (const { entry, row } of findings.values()) {
      if (row !== undefined) owners.set(venueKey(entry.instrument, row.orderId), entry);
    }
    await this.#findOwners(marks, owners, findings);
    const due: { readonly entry: KnownOrder; readonly trade: TradeRow }[] = [];
    for (const [instrument, trades] of marks.trades) {
      for (const [i, trade] of trades.entries()) {
        const entry = owners.get(venueKey(instrument.index, trade.orderId));
        if (entry === undefined || isPassed(registry, instrument, trades, i, entry)) continue;
        due.push({ entry, trade });
      }
    }
    await this.#find([...new Set(due.map(({ entry }) => entry))], findings);
    for (const { entry, trade } of due) findings.get(keyOf(entry))!.fills.set(trade.id, trade);
  }

  /** Whose the trades are that nobody here knows of. */
  async #findOwners(
    marks: TradeMarks,
    owners: Map<string, KnownOrder>,
    findings: Map<string, Finding>,
  ): Promise<void> {
    const { registry, claims, api } = this.#options;
    const unknown = new Map<string, { readonly instrument: Instrument; readonly orderId: number }>();
    for (const [instrument, trades] of marks.trades) {
      for (const [i, { orderId }] of trades.entries()) {
        const key = venueKey(instrument.index, orderId);
        if (owners.has(key) || marks.foreign.has(key)) continue;
        if (isPassed(registry, instrument, trades, i, undefined)) continue;
        if (!isBooked(claims, instrument, trades, i)) unknown.set(key, { instrument, orderId });
      }
    }
    const rows = await inParallel([...unknown.values()], ({ instrument, orderId }) =>
      api.order(instrument.symbol, { orderId }),
    );
    for (const [i, key] of [...unknown.keys()].entries()) {
      const row = rows[i];
      const finding = row === undefined ? undefined : this.#finding(row);
      if (finding === undefined) marks.foreign.add(key);
      else {
        owners.set(key, finding.entry);
        findings.set(keyOf(finding.entry), finding);
      }
    }
  }

  /** Fetches the order's own trades until they add up to what the venue says was executed. False: they do not. */
  async #complete(finding: Finding): Promise<boolean> {
    const { api, registry, logger, timers } = this.#options;
    const { entry, row, fills } = finding;
    if (row === undefined) return true;
    const instrument = this.instrument(entry);
    const executed = unitsOf(row.executedQty, instrument.sizePrecision);
    for (let attempt = 0; attempt <= LAG_RETRIES; attempt++) {
      let told = entry.cumQuantity;
      for (const [id, trade] of fills) {
        if (!registry.hasTrade(instrument.index, id, entry))
          told += unitsOf(trade.qty, instrument.sizePrecision);
      }
      if (told >= executed) return true;
      if (attempt > 0) await waitFor(timers, LAG_WAIT_MS);
      for (const trade of await api.tradesOf(instrument.symbol, row.orderId)) fills.set(trade.id, trade);
    }
    logger.error('the venue lists fewer fills than it says were executed', {
      symbol: instrument.symbol,
      orderId: row.orderId,
      executedQty: row.executedQty,
    });
    return false;
  }
}

/** Of an order, in a map. */
export function keyOf({ epoch, sequence }: ClientOrderId): string {
  return `${epoch}x${sequence}`;
}
