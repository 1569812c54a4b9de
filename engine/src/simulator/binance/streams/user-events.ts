/**
 * Account events: collected while a request is at work, sent once its answer is on the wire (so that an ack normally
 * precedes its execution report, which Binance does not promise), to every subscription of the account.
 */
import type { Amount } from '../../../domain/index.js';
import type { AssetBalance, ExecutionReport } from '../../matching/index.js';
import { amount8, type TimeUnit, timeIn } from '../protocol/format.js';
import { accountPositionEvent, executionReportEvent } from '../protocol/orders.js';
import type { Venue } from '../venue.js';

/** Somebody who wants an account's events. */
export interface UserSink {
  readonly unit: TimeUnit;
  /** `json`: the bare event. */
  sendEvent(json: string): void;
}

interface Pending {
  readonly account: number;
  readonly name: string;
  readonly execution: string | undefined;
  /** The event as sent now. */
  build(eventUs: number, unit: TimeUnit): object;
}

export class UserEvents {
  readonly #venue: Venue;
  readonly #sinks = new Map<number, Set<UserSink>>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #pending: Pending[] = [];

  constructor(venue: Venue) {
    this.#venue = venue;
  }

  /** Sends `account`'s events to `sink` until the returned function is called. */
  subscribe(account: number, sink: UserSink): () => void {
    let sinks = this.#sinks.get(account);
    if (sinks === undefined) {
      sinks = new Set();
      this.#sinks.set(account, sinks);
    }
    sinks.add(sink);
    return () => {
      sinks.delete(sink);
    };
  }

  onExecution(report: ExecutionReport): void {
    const spec = this.#venue.spec(report.order.symbol);
    this.#pending.push({
      account: report.order.account,
      name: 'executionReport',
      execution: report.execution,
      build: (eventUs, unit) => executionReportEvent(spec, report, eventUs, unit),
    });
  }

  onBalance(account: number, balances: readonly AssetBalance[], timeUs: number): void {
    this.#pending.push({
      account,
      name: 'outboundAccountPosition',
      execution: undefined,
      build: (eventUs, unit) => accountPositionEvent(balances, timeUs, eventUs, unit),
    });
  }

  /** `balanceUpdate`: money came or went otherwise than by trading. */
  onTransfer(account: number, asset: string, delta: Amount, timeUs: number): void {
    const text = delta < 0n ? `-${amount8(-delta)}` : amount8(delta);
    this.#pending.push({
      account,
      name: 'balanceUpdate',
      execution: undefined,
      build: (eventUs, unit) => ({
        e: 'balanceUpdate',
        E: timeIn(unit, eventUs),
        a: asset,
        d: text,
        T: timeIn(unit, timeUs),
      }),
    });
  }

  /** Sends what has collected. */
  flush(): void {
    if (this.#pending.length === 0) return;
    const pending = this.#pending;
    this.#pending = [];
    for (const event of pending) this.#route(event);
  }

  #route(event: Pending): void {
    const sinks = this.#sinks.get(event.account);
    const faults = this.#venue.faults;
    if (faults.active) {
      const name = this.#venue.accountOf(event.account)?.name ?? '';
      const fate = faults.event(name, event.name, event.execution);
      if (fate.drop) return;
      if (fate.delayMs > 0) {
        const timer = setTimeout(() => {
          this.#timers.delete(timer);
          this.#send(this.#sinks.get(event.account), event);
        }, fate.delayMs);
        this.#timers.add(timer);
        return;
      }
    }
    this.#send(sinks, event);
  }

  #send(sinks: ReadonlySet<UserSink> | undefined, event: Pending): void {
    if (sinks === undefined || sinks.size === 0) return;
    const eventUs = this.#venue.nowUs();
    let ms: string | undefined;
    let us: string | undefined;
    for (const sink of sinks) {
      if (sink.unit === 'us') {
        us ??= JSON.stringify(event.build(eventUs, 'us'));
        sink.sendEvent(us);
      } else {
        ms ??= JSON.stringify(event.build(eventUs, 'ms'));
        sink.sendEvent(ms);
      }
    }
  }

  /** Forgets delayed events. */
  close(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.#sinks.clear();
  }
}
