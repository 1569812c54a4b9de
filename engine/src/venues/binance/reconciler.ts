import {
  EventKind,
  type OrderAdopted,
  type OrderFilled,
  type OrderNotFound,
  type OrderReport,
  type Side,
} from '../../domain/index.js';
import { waitFor } from '../timers.js';
import type { AccountRow, OrderRow } from './account-queries.js';
import {
  AccountSurvey,
  type Finding,
  LAG_WAIT_MS,
  type Picture,
  type SurveyOptions,
} from './account-survey.js';
import type { ExecutionMetrics } from './execution-metrics.js';
import { ownIdOf } from './order-claims.js';
import { type KnownOrder, venueKey } from './order-registry.js';
import { adoptionOf, balancesOf, fillOf, reportOf, sideOf, unitsOf } from './reconcile-events.js';
import { isPassed, type TradeMarks } from './trade-marks.js';
import { toMicroseconds } from './venue-time.js';

export interface ReconcilerOptions extends SurveyOptions {
  readonly venue: number;
  readonly metrics: ExecutionMetrics;
  /** The venue's time, milliseconds. */
  readonly nowMs: () => number;
  readonly recvWindowMs: number;
  readonly notFoundMarginMs: number;
}

/** What there is to tell of one order. */
interface Told {
  readonly adoption?: OrderAdopted | undefined;
  readonly fills: readonly OrderFilled[];
  readonly state: OrderReport | OrderNotFound;
}

/** Orders younger than this may simply not have reached every list yet. */
const AUDIT_AGE_MS = 5_000;
/** How often an audit asks again before it gives in to a full comparison. */
const AUDIT_TRIES = 3;
/** How often a full comparison is begun anew because fills came in between. */
const STILL_TRIES = 5;

/**
 * Trades of an instrument fetched again with each comparison, at most, for a fill before them that is not listed. Of more than
 * twice as many nobody here remembers whether they were told, and the oms would book them a second time in the end.
 */
const MOST_HELD_BACK = 8_192;

/**
 * Asks the venue for the truth and tells it as events: adoptions, then fills with their real trade ids, then each order's
 * state. Nothing is told, and nothing is remembered, before everything has been fetched: an aborted run leaves no trace.
 */
export class Reconciler {
  readonly #options: ReconcilerOptions;
  readonly #survey: AccountSurvey;

  constructor(options: ReconcilerOptions) {
    this.#options = options;
    this.#survey = new AccountSurvey(options);
  }

  /**
   * The full comparison, while live events are held: balances, fills since the last time, every order that we believe
   * open, every open order that the venue lists as ours. `aborted` is asked before anything is told.
   *
   * Ends with Reconciled when all of it is of one moment and no fill is missing. When fills keep coming in between, or are
   * not listed, what was found is told all the same, and the next comparison has the balances judged.
   */
  async run(aborted: () => boolean): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const askedMs = this.#options.nowMs();
      const picture = await this.#survey.look();
      if (aborted()) return;
      if (picture.still || attempt === STILL_TRIES) {
        this.#tellAll(picture, askedMs);
        return;
      }
      await waitFor(this.#options.timers, LAG_WAIT_MS);
    }
  }

  /**
   * The same comparison while live events flow and orders are sent. True: the venue and we agree, and that has been told.
   * False: they differ, or things moved too fast to say so, and a full comparison must follow; nothing has been told.
   *
   * It need not stop trading because it tells no order and no fill, only balances and Reconciled, and those only when
   * between its first question and its last no fill and no transfer was passed on and the venue lists no fill that was
   * not. Totals change with nothing else, so the totals it tells are those of the fills told so far, whatever orders
   * came and went meanwhile. How much of a total is locked may have changed: the outlet drops a balance older than one it
   * has passed on.
   */
  async audit(aborted: () => boolean): Promise<boolean> {
    const { api, instruments, outlet, nowMs, venue, metrics, timers } = this.#options;
    for (let attempt = 1; attempt <= AUDIT_TRIES; attempt++) {
      if (attempt > 1) await waitFor(timers, LAG_WAIT_MS);
      if (aborted()) return true;
      const before = nowMs() - AUDIT_AGE_MS;
      const { moves } = outlet;
      const marks = await this.#survey.firstTrades();
      const account = await api.account();
      const open = await api.openOrders(instruments);
      await marks.fetchLater(api);
      if (aborted()) return true;
      if (outlet.moves !== moves || !this.#agrees(marks, open, before)) continue;
      for (const balance of balancesOf(account, venue)) outlet.live(balance);
      this.#verified(marks);
      this.#reconciled(account);
      metrics.reconciles.add(1);
      return true;
    }
    return false;
  }

  /** The truth about one order. */
  async lookUp(entry: KnownOrder, aborted: () => boolean): Promise<void> {
    const askedMs = this.#options.nowMs();
    const finding = await this.#survey.ask(entry);
    if (!aborted()) this.#tell([finding], askedMs);
  }

  /**
   * Whether an order that the venue, asked at `askedMs`, does not know will never be. Not as soon as the receive window has
   * ended: the venue checks that last before it hands a request to its matching engine, which may take its time. The venue
   * waits 10 s for that itself, and then says that nobody knows (-1007); the margin is as long. Its clock proves no more.
   */
  #isLost(entry: KnownOrder, askedMs: number): boolean {
    const { recvWindowMs, notFoundMarginMs } = this.#options;
    return askedMs - entry.sentMs > recvWindowMs + notFoundMarginMs;
  }

  /** Whether the venue's lists hold nothing that we do not know, and all that it has counted. */
  #agrees(marks: TradeMarks, open: readonly OrderRow[], before: number): boolean {
    const { registry } = this.#options;
    // Not listed yet, perhaps, though a later one is: whoever went on from that one would never ask for it.
    if (registry.awaited().length > 0) return false;
    const owners = registry.byVenueId();
    for (const [instrument, trades] of marks.trades) {
      for (let i = 0; i < trades.length; i++) {
        const owner = owners.get(venueKey(instrument.index, trades[i]!.orderId));
        if (!isPassed(registry, instrument, trades, i, owner)) return false;
      }
    }
    const listed = new Set<string>();
    for (const row of open) {
      const instrument = this.#survey.bySymbol(row.symbol);
      if (instrument !== undefined) listed.add(venueKey(instrument.index, row.orderId));
      const id = ownIdOf(row.clientOrderId);
      if (instrument === undefined || id === undefined) continue;
      const entry = registry.find(id.epoch, id.sequence);
      if (entry === undefined || entry.closed) return false;
      if (unitsOf(row.executedQty, instrument.sizePrecision) > entry.cumQuantity) return false;
    }
    const isListed = ({ instrument, venueOrderId }: KnownOrder) =>
      listed.has(venueKey(instrument, venueOrderId));
    return registry.open().every((entry) => entry.sentMs >= before || isListed(entry));
  }

  #tellAll({ account, marks, findings, still, complete }: Picture, askedMs: number): void {
    const { outlet, venue, metrics } = this.#options;
    const balances = balancesOf(account, venue);
    this.#tell([...findings.values()], askedMs, () => {
      if (still) outlet.releaseTransfers(updatedUs(account));
      for (const event of balances) outlet.pass(event);
    });
    metrics.reconciles.add(1);
    // A fill that is not listed yet may be older than one that is: who begins after that one would never ask for it.
    if (!complete && mayHoldBack(marks)) return;
    this.#verified(marks);
    if (still) this.#reconciled(account);
  }

  #verified(marks: TradeMarks): void {
    for (const [instrument, next] of marks.next) this.#options.registry.verify(instrument, next);
  }

  #reconciled(account: AccountRow): void {
    const { outlet, venue, registry, instruments } = this.#options;
    const lastTradeIds: string[] = [];
    for (const { index } of instruments) {
      while (lastTradeIds.length <= index) lastTradeIds.push('');
      lastTradeIds[index] = String(Math.max(0, (registry.verifiedTrade[index] ?? 0) - 1));
    }
    outlet.pass({ kind: EventKind.Reconciled, tsEvent: updatedUs(account), tsInit: 0, venue, lastTradeIds });
  }

  /**
   * Adoptions, then fills, then states: a report's cumulative quantity must be accounted for when it arrives. Fills in the
   * order they happened, whosesoever order they are of: the average price depends on it.
   */
  #tell(findings: readonly Finding[], askedMs: number, first: () => void = () => {}): void {
    const { outlet } = this.#options;
    // All of it is read before any of it is told: a row that cannot be read throws here.
    const told = findings.map((finding) => ({ finding, ...this.#events(finding, askedMs) }));
    const fills = told
      .flatMap((each) => each.fills)
      .sort((a, b) => a.tsEvent - b.tsEvent || Number(a.tradeId) - Number(b.tradeId));
    first();
    for (const each of told) {
      this.#remember(each.finding, each.fills.length);
      if (each.adoption !== undefined) outlet.pass(each.adoption);
    }
    for (const fill of fills) outlet.pass(fill);
    for (const each of told) outlet.pass(each.state);
  }

  #events({ entry, row, fills, adopt }: Finding, askedMs: number): Told {
    const { epoch, sequence } = entry;
    if (row === undefined) {
      const definitive = this.#isLost(entry, askedMs);
      const base = { tsEvent: 0, tsInit: 0, epoch, sequence };
      return { fills: [], state: { kind: EventKind.OrderNotFound, ...base, definitive } };
    }
    const { registry } = this.#options;
    const instrument = this.#survey.instrument(entry);
    const side = sideOf(row);
    const missing = [...fills.values()].filter(
      ({ id }) =>
        !registry.hasTrade(instrument.index, id, entry) && !this.#toldBefore(instrument.index, side, id),
    );
    return {
      adoption: adopt ? adoptionOf(row, entry, instrument) : undefined,
      fills: missing.map((trade) => fillOf(trade, entry, instrument)),
      state: reportOf(row, entry, instrument),
    };
  }

  /** By an earlier run: before its last comparison, or the kernel has booked it since. */
  #toldBefore(instrument: number, side: Side, tradeId: number): boolean {
    const { registry, claims } = this.#options;
    return registry.toldBefore(instrument, tradeId) || claims.hasBooked(instrument, side, tradeId);
  }

  /** The registry learns of the order what no event tells it. */
  #remember(finding: Finding, fills: number): void {
    const { registry } = this.#options;
    const { row } = finding;
    if (row === undefined) return;
    const entry = registry.keep(finding.entry);
    entry.venueOrderId = row.orderId;
    const { index, sizePrecision } = this.#survey.instrument(entry);
    const side = sideOf(row);
    for (const { id, qty } of finding.fills.values()) {
      // Of what an earlier run has told only the sum is of use here.
      if (this.#toldBefore(index, side, id) && registry.noteTrade(index, id, entry)) {
        entry.cumQuantity += unitsOf(qty, sizePrecision);
      }
    }
    this.#report(finding, row, fills);
  }

  #report({ entry, adopt }: Finding, row: OrderRow, fills: number): void {
    const { metrics, logger } = this.#options;
    const { epoch, sequence } = entry;
    const { symbol, orderId, status } = row;
    if (fills > 0) metrics.recoveredFills.add(fills);
    if (adopt) {
      metrics.strangers.add(1);
      const fields = { symbol, orderId, epoch, sequence, status, fills };
      logger.warn('adopting an order of ours that nobody here knows', fields);
    } else if (fills > 0) {
      logger.warn('fills the stream had not told', { symbol, epoch, sequence, fills });
    }
  }
}

/** Whether the next comparison can begin where this one did. */
function mayHoldBack({ trades }: TradeMarks): boolean {
  for (const rows of trades.values()) if (rows.length > MOST_HELD_BACK) return false;
  return true;
}

/** When the balances last changed, microseconds; 0 when the venue does not say. */
function updatedUs({ updateTime }: AccountRow): number {
  return Math.max(0, toMicroseconds(updateTime ?? 0));
}
