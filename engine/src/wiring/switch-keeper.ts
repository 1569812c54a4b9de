import { EventKind, type EventSink, TradingState } from '../domain/index.js';
import type { KernelView } from '../kernel/index.js';
import type { Clock, Logger } from '../telemetry/index.js';
import type { TradingSetting, TradingSwitch } from './trading-switch.js';

const STRICTNESS: Readonly<Record<TradingState, number>> = {
  [TradingState.Active]: 0,
  [TradingState.Reducing]: 1,
  [TradingState.Halted]: 2,
};

/** Keeps the kernel and the {@link TradingSwitch} of the same mind: decisions in the file become events, a breaker's halt is stored. */
export class SwitchKeeper {
  readonly #switch: TradingSwitch;
  readonly #view: KernelView;
  readonly #sink: EventSink;
  readonly #clock: Clock;
  readonly #logger: Logger;
  /** The file says that trading is halted. */
  #isStored = false;
  /** What both said last. */
  #state: TradingState;
  /** Up to when the kernel's own history goes; undefined once the two were compared. */
  #recoveredUs: number | undefined;

  constructor(file: TradingSwitch, view: KernelView, sink: EventSink, clock: Clock, logger: Logger) {
    this.#switch = file;
    this.#view = view;
    this.#sink = sink;
    this.#clock = clock;
    this.#logger = logger;
    this.#state = view.tradingState;
    this.#recoveredUs = view.counters.events === 0 ? 0 : view.now;
  }

  /** Off the line, a few times a second, and once before trading begins. */
  check(): void {
    const setting = this.#pollSinceHistory();
    if (setting !== undefined && setting.state !== this.#state) {
      this.#state = setting.state;
      this.#isStored = setting.state === TradingState.Halted;
      this.#sink({ kind: EventKind.TradingStateSet, tsEvent: 0, tsInit: 0, ...setting });
      return;
    }
    const { tradingState, haltWhy } = this.#view;
    if (tradingState !== TradingState.Halted || this.#isStored) return;
    this.#state = TradingState.Halted;
    this.#isStored = true;
    try {
      this.#switch.set({ state: TradingState.Halted, who: 'engine', why: haltWhy }, this.#clock.nowUs());
    } catch (error) {
      this.#logger.error('the halt could not be stored: a restart would trade again', { error });
    }
  }

  /**
   * The setting when it has changed. At first a kernel with a history may know of a halt that the file does not, e.g. one
   * the other engine of a pair saw on another host: a file that says less counts only if it was written since.
   */
  #pollSinceHistory(): TradingSetting | undefined {
    const setting = this.#switch.poll();
    const recoveredUs = this.#recoveredUs;
    this.#recoveredUs = undefined;
    if (setting === undefined || recoveredUs === undefined) return setting;
    if (setting.state === TradingState.Halted) this.#isStored = true;
    const isLooser = STRICTNESS[setting.state] < STRICTNESS[this.#state];
    return isLooser && this.#switch.decidedUs <= recoveredUs ? undefined : setting;
  }
}
