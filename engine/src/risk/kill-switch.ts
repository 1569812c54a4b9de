import {
  type BinaryReader,
  type BinaryWriter,
  DenialReason,
  type Instrument,
  type StateHash,
  TradingState,
} from '../domain/index.js';
import { comparableFloor, type Portfolio } from '../portfolio/index.js';
import { CircuitBreaker } from './circuit-breaker.js';
import { DEFAULT_CIRCUIT_BREAKER_WINDOW_MS, type RiskLimits } from './risk-limits.js';

/**
 * The trading state and the breakers that set it. Daily loss, drawdown and a sharp market move latch `Halted`; only
 * {@link set} re-arms, and starts the budgets afresh from the current equity: the losses so far have been looked at.
 */
export class KillSwitch {
  readonly #limits: RiskLimits;
  readonly #portfolio: Portfolio;
  readonly #breakers: CircuitBreaker[] = [];
  readonly #symbols: string[] = [];
  readonly #maxLoss: number;
  readonly #maxDrawdown: number;
  #state: TradingState = TradingState.Active;
  #reason: DenialReason = DenialReason.TRADING_HALTED;
  #why = '';

  constructor(limits: RiskLimits, portfolio: Portfolio) {
    this.#limits = limits;
    this.#portfolio = portfolio;
    const { maxDailyLoss, maxDrawdown } = limits;
    this.#maxLoss = maxDailyLoss === undefined ? Number.POSITIVE_INFINITY : comparableFloor(maxDailyLoss);
    this.#maxDrawdown = maxDrawdown === undefined ? Number.POSITIVE_INFINITY : comparableFloor(maxDrawdown);
  }

  define(instrument: Instrument): void {
    const { circuitBreakerBps = 0, circuitBreakerWindowMs = DEFAULT_CIRCUIT_BREAKER_WINDOW_MS } =
      this.#limits;
    if (circuitBreakerBps <= 0) return;
    this.#breakers[instrument.index] = new CircuitBreaker(circuitBreakerBps, circuitBreakerWindowMs * 1000);
    this.#symbols[instrument.index] = instrument.symbol;
  }

  get state(): TradingState {
    return this.#state;
  }

  /** What an order is denied with while halted: a limit's own code, or TRADING_HALTED. */
  get reason(): DenialReason {
    return this.#reason;
  }

  /** Why trading is not active, in words; empty while it is. */
  get why(): string {
    return this.#why;
  }

  /** Takes in a new best bid and ask of a valid book, after the portfolio has. */
  onMark(now: number, instrument: number, bid: number, ask: number): void {
    const breaker = this.#breakers[instrument];
    if (breaker?.moved(now, bid + ask) && this.#state !== TradingState.Halted) {
      this.halt(
        DenialReason.TRADING_HALTED,
        `circuit breaker: ${this.#symbols[instrument]} moved ${this.#limits.circuitBreakerBps} bps`,
      );
    }
    this.onEquity(instrument);
  }

  /** Looks at the equity the instrument counts in, after a fill or a mark. */
  onEquity(instrument: number): void {
    if (this.#state === TradingState.Halted) return;
    const equity = this.#portfolio.equityOf(instrument);
    if (-equity.comparableDayPnl >= this.#maxLoss) {
      this.halt(DenialReason.DAILY_LOSS_LIMIT, `daily loss limit reached in ${equity.asset}`);
    } else if (equity.comparableDrawdown >= this.#maxDrawdown) {
      this.halt(DenialReason.DRAWDOWN_LIMIT, `drawdown limit reached in ${equity.asset}`);
    }
  }

  /** Latches `Halted`. */
  halt(reason: DenialReason, why: string): void {
    this.#state = TradingState.Halted;
    this.#reason = reason;
    this.#why = why;
  }

  /** A person's decision: the only way out of `Halted`. */
  set(state: TradingState, why: string): void {
    const rearms = this.#state === TradingState.Halted && state !== TradingState.Halted;
    this.#state = state;
    this.#reason = DenialReason.TRADING_HALTED;
    this.#why = state === TradingState.Active ? '' : why;
    if (!rearms) return;
    this.#portfolio.rebase();
    for (let i = 0; i < this.#breakers.length; i++) this.#breakers[i]?.reset();
  }

  hashInto(hash: StateHash): void {
    hash.int(this.#state).int(this.#reason).text(this.#why);
    for (let i = 0; i < this.#breakers.length; i++) this.#breakers[i]?.hashInto(hash);
  }

  save(out: BinaryWriter): void {
    out.u8(this.#state);
    out.u8(this.#reason);
    out.text(this.#why);
    out.u32(this.#breakers.length);
    for (let i = 0; i < this.#breakers.length; i++) {
      const breaker = this.#breakers[i];
      out.bool(breaker !== undefined);
      breaker?.save(out);
    }
  }

  /** After every instrument was defined: whether there are breakers is for today's limits to say. */
  load(input: BinaryReader): void {
    this.#state = input.member(TradingState, 'trading state');
    this.#reason = input.member(DenialReason, 'denial reason');
    this.#why = input.text();
    const count = input.u32();
    for (let i = 0; i < count; i++) {
      if (input.bool()) (this.#breakers[i] ?? new CircuitBreaker(0, 0)).load(input);
    }
  }
}
