import {
  BookFault,
  BookState,
  CommandKind,
  type CommandList,
  ConnectionState,
  DenialReason,
  EventKind,
  type Instrument,
  type KernelEvent,
  LiquiditySide,
  nameOf,
  type OrderEvent,
  RejectReason,
  Side,
  TradingState,
  VenueChannel,
} from '../domain/index.js';
import type { KernelView } from '../kernel/index.js';
import type { LogCode, LogFields, Logger, Telemetry } from '../telemetry/index.js';
import { AskedCancels } from './asked-cancels.js';
import type { EngineObserver } from './engine.js';

/** The part of the telemetry the log needs. */
export type LogTargets = Pick<Telemetry, 'logger' | 'ring' | 'catalog'>;

/** The binary log records of one instrument: its decimals are part of the record's meaning. */
interface InstrumentCodes {
  readonly submitted: LogCode;
  readonly cancel: LogCode;
  readonly filled: LogCode;
}

/** Indexed by the vocabularies' numbers. */
const SIDES = vocabulary(Side);
const LIQUIDITY = vocabulary(LiquiditySide);
/** The same denial, or the same reason not to send, is logged at most this often; metrics count each. */
const REFUSAL_EVERY_US = 1_000_000;

/**
 * The engine in words. What every order does goes through the binary ring; what should not happen (faults, refusals,
 * unknown outcomes, halts) is rare and goes through the logger with its context.
 */
export class LogObserver implements EngineObserver {
  readonly #telemetry: LogTargets;
  readonly #logger: Logger;
  readonly #view: KernelView;
  readonly #codes: InstrumentCodes[] = [];
  /** When each {@link DenialReason} was last logged. */
  readonly #denied = new Float64Array(Object.keys(DenialReason).length);
  readonly #unsent = new Float64Array(Object.keys(DenialReason).length);
  readonly #states: BookState[] = [];
  readonly #bookFaults: BookFault[] = [];
  readonly #asked = new AskedCancels();
  #tradingState: TradingState = TradingState.Active;
  #faults = 0;
  #unpriced = 0;

  constructor(telemetry: LogTargets, view: KernelView) {
    this.#telemetry = telemetry;
    this.#logger = telemetry.logger.child({ component: 'engine' });
    this.#view = view;
  }

  onEvent(event: KernelEvent, commands: CommandList): void {
    switch (event.kind) {
      case EventKind.BookSnapshot:
      case EventKind.BookDelta:
      case EventKind.Quote:
      case EventKind.BookStatus:
        this.#onBook(event.instrument);
        break;
      case EventKind.Trade:
        break;
      case EventKind.Timer:
        for (let i = 0; i < this.#states.length; i++) this.#onBook(i);
        break;
      case EventKind.InstrumentDefined:
        this.#define(event.instrument);
        break;
      case EventKind.Connection: {
        const channel = nameOf(VenueChannel, event.channel);
        const state = nameOf(ConnectionState, event.state);
        if (event.state === ConnectionState.Down) this.#warn('venue connection down', { channel });
        else this.#logger.info('venue connection', { channel, state });
        break;
      }
      case EventKind.TradingStateSet:
        this.#logger.warn('trading state set', {
          state: nameOf(TradingState, event.state),
          who: event.who,
          why: event.why,
        });
        break;
      case EventKind.StrategiesStopped:
        this.#logger.info('strategies stopped: canceling open orders', { open: this.#view.orders.openCount });
        break;
      case EventKind.SessionStarted:
      case EventKind.Balance:
      case EventKind.BalanceTransfer:
      case EventKind.Reconciled:
      case EventKind.JournalStatus:
        break;
      default:
        this.#onOrder(event);
    }
    if (this.#unpriced === 0 && this.#view.portfolio.unpricedFees > 0) {
      this.#unpriced = this.#view.portfolio.unpricedFees;
      this.#logger.error('a fee in an asset without a price here: loss limits do not count it', {
        assets: [...this.#view.portfolio.fees.keys()],
      });
    }
    if (this.#view.tradingState !== this.#tradingState) this.#onTradingState();
    if (this.#view.counters.strategyFaults !== this.#faults) this.#onStrategyFault();
    for (let i = 0; i < commands.length; i++) this.#onCommand(commands, i, event.tsInit);
  }

  #onOrder(event: OrderEvent): void {
    const { epoch, sequence } = event;
    if (this.#view.orders.find(epoch, sequence) === null) {
      this.#logger.warn('event about an order this run does not know', {
        event: nameOf(EventKind, event.kind),
        epoch,
        sequence,
      });
      return;
    }
    switch (event.kind) {
      case EventKind.OrderFilled: {
        const order = this.#view.orders.find(epoch, sequence);
        const codes = order === null ? undefined : this.#codes[order.instrument];
        if (order === null || codes === undefined) return;
        const { side, leavesQuantity } = order;
        const { price, quantity, liquidity, tsInit } = event;
        this.#telemetry.ring.write(
          codes.filled,
          tsInit,
          sequence,
          side,
          price,
          quantity,
          liquidity,
          leavesQuantity,
        );
        break;
      }
      case EventKind.OrderRejected:
        this.#logger.warn('order rejected by the venue', {
          sequence,
          reason: nameOf(RejectReason, event.reason),
          text: event.text,
        });
        break;
      case EventKind.CancelRejected:
        this.#logger.info('cancel rejected by the venue', {
          sequence,
          reason: nameOf(RejectReason, event.reason),
        });
        break;
      case EventKind.OrderCanceled:
        if (!this.#asked.has(sequence)) this.#warn('order canceled by the venue, unasked', { sequence });
        break;
      case EventKind.OrderExpired:
        this.#logger.warn('order expired', { sequence, reason: nameOf(RejectReason, event.reason) });
        break;
      case EventKind.OutcomeUnknown:
        this.#logger.warn('outcome unknown: asking the venue', { sequence });
        break;
      case EventKind.OrderNotFound:
        this.#logger.warn('the venue does not know the order', { sequence, definitive: event.definitive });
        break;
      case EventKind.SendFailed:
        if (event.tsInit - this.#unsent[event.reason]! < REFUSAL_EVERY_US) break;
        this.#unsent[event.reason] = event.tsInit;
        this.#logger.warn('request not sent', {
          sequence,
          request: event.submit ? 'submit' : 'cancel',
          reason: nameOf(DenialReason, event.reason),
        });
        break;
      default:
        break;
    }
  }

  #onCommand(commands: CommandList, index: number, tsUs: number): void {
    const command = commands.at(index);
    if (command.kind === CommandKind.Submit) {
      const { instrument, sequence, side, price, quantity } = command.order;
      this.#telemetry.ring.write(this.#codes[instrument]!.submitted, tsUs, sequence, side, price, quantity);
    } else if (command.kind === CommandKind.Cancel) {
      const { instrument, sequence, side, price } = command.order;
      this.#asked.asked(sequence);
      this.#telemetry.ring.write(this.#codes[instrument]!.cancel, tsUs, sequence, side, price);
    } else if (
      command.kind === CommandKind.Deny &&
      tsUs - this.#denied[command.reason]! >= REFUSAL_EVERY_US
    ) {
      this.#denied[command.reason] = tsUs;
      const symbol = this.#symbol(command.intent.instrument);
      this.#logger.warn('order denied', { symbol, reason: nameOf(DenialReason, command.reason) });
    }
  }

  #onBook(index: number): void {
    const { state, fault } = this.#view.book(index);
    const was = this.#states[index] ?? BookState.Syncing;
    if (state === was && fault === this.#bookFaults[index]) return;
    this.#states[index] = state;
    this.#bookFaults[index] = fault;
    const fields = { symbol: this.#symbol(index), was: nameOf(BookState, was) };
    if (state === BookState.Valid) this.#logger.info('book valid', fields);
    else if (state === BookState.Stale) this.#warn('book stale', fields);
    else if (state === BookState.Invalid) {
      this.#warn('book invalid', { ...fields, fault: nameOf(BookFault, fault) });
    }
  }

  /** What is a fault while trading is to be expected once the session is ending. */
  #warn(message: string, fields: LogFields): void {
    if (this.#view.stopped) this.#logger.info(message, fields);
    else this.#logger.warn(message, fields);
  }

  #onTradingState(): void {
    this.#tradingState = this.#view.tradingState;
    const fields = { state: nameOf(TradingState, this.#tradingState), why: this.#view.haltWhy };
    if (this.#tradingState === TradingState.Halted) this.#logger.error('trading halted', fields);
    else this.#logger.warn('trading state changed', fields);
  }

  #onStrategyFault(): void {
    this.#faults = this.#view.counters.strategyFaults;
    for (const { name, error } of this.#view.strategies) {
      if (error !== '') this.#logger.error('strategy ended by an exception', { strategy: name, error });
    }
  }

  #define(instrument: Instrument): void {
    const { symbol, pricePrecision, sizePrecision, index } = instrument;
    const { catalog } = this.#telemetry;
    const side = { name: 'side', names: SIDES };
    const price = { name: 'price', decimals: pricePrecision };
    const size = (name: string) => ({ name, decimals: sizePrecision });
    this.#states[index] = BookState.Syncing;
    this.#bookFaults[index] = BookFault.NONE;
    this.#codes[index] = {
      submitted: catalog.define('debug', `${symbol} order sent`, ['sequence', side, price, size('quantity')]),
      cancel: catalog.define('debug', `${symbol} cancel sent`, ['sequence', side, price]),
      filled: catalog.define('info', `${symbol} order filled`, [
        'sequence',
        side,
        price,
        size('quantity'),
        { name: 'liquidity', names: LIQUIDITY },
        size('leaves'),
      ]),
    };
  }

  #symbol(index: number): string {
    return this.#view.instruments[index]?.symbol ?? `#${index}`;
  }
}

function vocabulary(of: Readonly<Record<string, number>>): string[] {
  const names: string[] = [];
  for (const [name, value] of Object.entries(of)) names[value] = name.toLowerCase();
  return names;
}
