/** The venue behind all its protocol faces: the exchange, its accounts and keys, budgets, market history and faults. */
import { parseAmount } from '../../domain/index.js';
import type { Clock, Logger } from '../../telemetry/index.js';
import { Exchange, type ExchangeTrade, type SymbolSpec } from '../matching/index.js';
import { Amendments } from './amendments.js';
import { FaultInjector } from './faults/injector.js';
import type { ResolvedOptions, SimulatorAccountOptions } from './options.js';
import { errors } from './protocol/errors.js';
import type { TickerWindow } from './protocol/market.js';
import { IpBudget, type LimitOptions, OrderBudget } from './protocol/rate-limits.js';
import { type ApiKeyOptions, SignatureVerifier } from './protocol/signing.js';
import { ListenKeys } from './streams/listen-keys.js';
import { type AggregateTrade, MarketHistory } from './streams/market-history.js';
import { UserEvents } from './streams/user-events.js';
import { symbolSpec } from './symbols.js';
import { VenueLedger } from './venue-ledger.js';

/** An account of the venue. */
export interface Account {
  readonly name: string;
  /** Index in the exchange. */
  readonly index: number;
  readonly uid: number;
  readonly orders: OrderBudget;
}

/** A registered API key. */
export interface RegisteredKey {
  readonly apiKey: string;
  readonly account: Account;
  readonly verifier: SignatureVerifier;
}

const DEFAULT_BPS = 10;
/** `uid`s start here, so that they look like the real thing. */
const FIRST_UID = 354_937_868;

export class Venue {
  readonly exchange: Exchange;
  readonly specs: readonly SymbolSpec[];
  readonly histories: readonly MarketHistory[];
  readonly faults: FaultInjector;
  readonly userEvents: UserEvents;
  readonly amendments = new Amendments();
  readonly listenKeys = new ListenKeys();
  readonly limits: LimitOptions;
  readonly legacyListenKey: boolean;
  readonly logger: Logger;
  /** Present when somebody keeps it. */
  readonly ledger: VenueLedger | undefined;
  /** Told of each aggregate trade when it is complete. */
  onAggregate: ((symbol: number, trade: AggregateTrade) => void) | null = null;
  /** Brings other traders up to the present; set while they trade. */
  catchUp: (() => void) | null = null;
  readonly #clock: Clock;
  readonly #keys = new Map<string, RegisteredKey>();
  readonly #accounts: Account[] = [];
  readonly #byIndex = new Map<number, Account>();
  readonly #ips = new Map<string, IpBudget>();
  readonly #balanceUs = new Map<number, number>();
  #lastUs = 0;
  #lastExecutionId = 0;

  constructor(options: ResolvedOptions) {
    this.#clock = options.clock;
    this.logger = options.logger;
    this.limits = options.limits;
    this.legacyListenKey = options.legacyListenKey;
    this.specs = options.symbols.map(symbolSpec);
    const { retainedOrders, retainedFills } = options;
    this.exchange = new Exchange({
      symbols: this.specs,
      ...(retainedOrders !== undefined && { retainedOrders }),
      ...(retainedFills !== undefined && { retainedFills }),
    });
    this.ledger = options.ledger && new VenueLedger(this.specs, options.ledger);
    this.histories = this.specs.map((spec) => new MarketHistory(spec));
    this.faults = new FaultInjector(() => this.#clock.nowUs() / 1000);
    this.userEvents = new UserEvents(this);
    this.exchange.listen({
      onTrade: (trade: ExchangeTrade) => {
        const closed = this.histories[trade.symbol]!.onTrade(trade);
        if (closed !== null) this.onAggregate?.(trade.symbol, closed);
      },
      onExecution: (report) => {
        this.#lastExecutionId = report.executionId;
        const fill = report.fill;
        if (fill !== undefined && report.order.cumQuantity === fill.quantity) {
          this.#byIndex.get(fill.account)?.orders.credit(this.nowMs(), fill.maker);
        }
        this.ledger?.onExecution(report);
        this.userEvents.onExecution(report);
      },
      onBalance: (account, balances, timeUs) => {
        this.#balanceUs.set(account, timeUs);
        this.userEvents.onBalance(account, balances, timeUs);
      },
    });
  }

  /** The time the exchange works by: never runs backwards. */
  exchangeUs(): number {
    const now = this.#clock.nowUs();
    if (now > this.#lastUs) this.#lastUs = now;
    return this.#lastUs;
  }

  /** The time the venue says it is: off by the clock-skew fault. */
  nowUs(): number {
    return this.#clock.nowUs() + this.faults.clockSkewUs();
  }

  nowMs(): number {
    return this.nowUs() / 1000;
  }

  /** To be called when a piece of work is done and answered: sends account events, completes aggregate trades. */
  settle(): void {
    this.userEvents.flush();
    for (let i = 0; i < this.histories.length; i++) {
      const closed = this.histories[i]!.closeAggregate();
      if (closed !== null) this.onAggregate?.(i, closed);
    }
  }

  /** Id of the latest execution report. */
  get lastExecutionId(): number {
    return this.#lastExecutionId;
  }

  /** When the account's balances last changed; 0: never. */
  lastBalanceUs(account: number): number {
    return this.#balanceUs.get(account) ?? 0;
  }

  /** Opens an account. Throws when a name or API key is taken, or a key cannot be read. */
  addAccount(options: SimulatorAccountOptions): Account {
    if (this.#accounts.some((account) => account.name === options.name)) {
      throw new Error(`account ${options.name} exists already`);
    }
    const verifiers = options.keys.map((key) => this.#verifier(key));
    const account: Account = {
      name: options.name,
      index: this.exchange.addAccount({
        balances: Object.fromEntries(
          Object.entries(options.balances).map(([asset, text]) => [asset, parseAmount(text)]),
        ),
        makerRate: Math.round((options.makerBps ?? DEFAULT_BPS) * 100),
        takerRate: Math.round((options.takerBps ?? DEFAULT_BPS) * 100),
      }),
      uid: FIRST_UID + this.#accounts.length,
      orders: new OrderBudget(this.limits),
    };
    this.#accounts.push(account);
    this.#byIndex.set(account.index, account);
    options.keys.forEach((key, i) => {
      this.#keys.set(key.apiKey, { apiKey: key.apiKey, account, verifier: verifiers[i]! });
    });
    return account;
  }

  #verifier(key: ApiKeyOptions): SignatureVerifier {
    if (this.#keys.has(key.apiKey)) throw new Error(`API key ${key.apiKey} is taken`);
    return new SignatureVerifier(key);
  }

  get accounts(): readonly Account[] {
    return this.#accounts;
  }

  accountNamed(name: string): Account | undefined {
    return this.#accounts.find((account) => account.name === name);
  }

  accountOf(index: number): Account | undefined {
    return this.#byIndex.get(index);
  }

  key(apiKey: string): RegisteredKey | undefined {
    return this.#keys.get(apiKey);
  }

  /** The budget of an IP address. */
  ip(address: string): IpBudget {
    let budget = this.#ips.get(address);
    if (budget === undefined) {
      budget = new IpBudget(this.limits);
      this.#ips.set(address, budget);
    }
    return budget;
  }

  /** Bans every address seen so far, and loopback. */
  banAll(durationMs: number): void {
    for (const address of ['127.0.0.1', '::1', '::ffff:127.0.0.1']) this.ip(address);
    for (const budget of this.#ips.values()) budget.ban(this.nowMs(), durationMs);
  }

  pardonAll(): void {
    for (const budget of this.#ips.values()) budget.pardon();
  }

  /** Index of a listed symbol. Throws -1121. */
  symbolIndex(name: string): number {
    const index = this.exchange.symbolIndex(name);
    if (index === undefined) throw errors.badSymbol();
    return index;
  }

  spec(index: number): SymbolSpec {
    return this.specs[index]!;
  }

  history(index: number): MarketHistory {
    return this.histories[index]!;
  }

  /** The last 24 hours of a symbol. */
  dayWindow(index: number): TickerWindow {
    const now = this.exchangeUs();
    const day = this.exchange.statistics(index, now);
    return {
      openMs: Math.floor(now / 1000) - 86_400_000,
      closeMs: Math.floor(now / 1000),
      open: day.open,
      high: day.high,
      low: day.low,
      last: day.trades === 0 ? this.exchange.lastPrice(index) : day.last,
      quantity: BigInt(day.quantity),
      quote: day.quote,
      trades: day.trades,
      firstId: day.trades === 0 ? -1 : day.firstTradeId,
      lastId: day.trades === 0 ? -1 : day.lastTradeId,
    };
  }

  /** A window of `lengthMs` up to now, beginning on a minute. */
  rollingWindow(index: number, lengthMs: number): TickerWindow {
    return this.windowSince(index, Math.floor((this.exchangeUs() / 1000 - lengthMs) / 60_000) * 60_000);
  }

  windowSince(index: number, fromMs: number): TickerWindow {
    const nowMs = Math.floor(this.exchangeUs() / 1000);
    const candle = this.history(index).since(fromMs, nowMs);
    const last = this.exchange.lastPrice(index);
    return {
      openMs: fromMs,
      closeMs: nowMs,
      open: candle?.open ?? 0,
      high: candle?.high ?? 0,
      low: candle?.low ?? 0,
      last: candle?.close ?? last,
      quantity: candle?.quantity ?? 0n,
      quote: candle?.quote ?? 0n,
      trades: candle?.trades ?? 0,
      firstId: candle?.firstId ?? -1,
      lastId: candle?.lastId ?? -1,
    };
  }

  /** Quantity of the latest trade, 0 before the first. */
  lastQuantity(index: number): number {
    return this.exchange.trades(index, 1)[0]?.quantity ?? 0;
  }
}
