import { EventKind, type EventSink, TradingState } from '../domain/index.js';
import type { KernelView } from '../kernel/index.js';
import type { Clock, Logger } from '../telemetry/index.js';
import type { TradingSwitch } from './trading-switch.js';

/** Keeps the kernel and the {@link TradingSwitch} of the same mind: decisions in the file become events, a breaker's halt is stored. */
export class SwitchKeeper {
  readonly #switch: TradingSwitch;
  readonly #view: KernelView;
  readonly #sink: EventSink;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #state: TradingState = TradingState.Active;

  constructor(file: TradingSwitch, view: KernelView, sink: EventSink, clock: Clock, logger: Logger) {
    this.#switch = file;
    this.#view = view;
    this.#sink = sink;
    this.#clock = clock;
    this.#logger = logger;
  }

  /** Off the line, a few times a second, and once before trading begins. */
  check(): void {
    const setting = this.#switch.poll();
    if (setting !== undefined && setting.state !== this.#state) {
      this.#state = setting.state;
      this.#sink({ kind: EventKind.TradingStateSet, tsEvent: 0, tsInit: 0, ...setting });
      return;
    }
    const { tradingState, haltWhy } = this.#view;
    if (tradingState !== TradingState.Halted || this.#state === TradingState.Halted) return;
    this.#state = TradingState.Halted;
    try {
      this.#switch.set({ state: TradingState.Halted, who: 'engine', why: haltWhy }, this.#clock.nowUs());
    } catch (error) {
      this.#logger.error('the halt could not be stored: a restart would trade again', { error });
    }
  }
}
