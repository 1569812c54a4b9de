import type { Clock, Gauge, Logger, MetricRegistry } from '../../telemetry/index.js';

/** One exchange of times, microseconds. */
interface Sample {
  readonly offsetUs: number;
  readonly errorUs: number;
}

/** Told when the offset is corrected by so much, milliseconds, that times taken before mean something else. */
export type OnStep = (byMs: number) => void;

/** Smaller corrections are noise. */
const STEP_US = 500_000;

/** Asks the venue for its time, milliseconds since 1970. */
export type AskTime = () => Promise<number>;

const KEPT = 8;
const BURST = 3;
/** The venue's clock says milliseconds: on average it is half of one further on. */
const HALF_TICK_US = 500;

/**
 * The venue's clock as an offset to ours. The sample with the shortest round trip among the last few wins: half of that
 * round trip bounds its error (Cristian's algorithm), and delays on the way only ever lengthen the others.
 */
export class TimeSync {
  readonly #clock: Clock;
  readonly #ask: AskTime;
  readonly #onStep: OnStep | undefined;
  readonly #logger: Logger;
  readonly #offsetGauge: Gauge;
  readonly #errorGauge: Gauge;
  #samples: Sample[] = [];
  #best: Sample = { offsetUs: 0, errorUs: Number.POSITIVE_INFINITY };
  #timer: NodeJS.Timeout | undefined;
  #burst: Promise<void> | undefined;

  constructor(options: {
    clock: Clock;
    ask: AskTime;
    logger: Logger;
    metrics: MetricRegistry;
    venue: string;
    onStep?: OnStep;
  }) {
    this.#clock = options.clock;
    this.#ask = options.ask;
    this.#onStep = options.onStep;
    this.#logger = options.logger;
    const labels = { venue: options.venue };
    this.#offsetGauge = options.metrics.gauge(
      'tradewind_venue_clock_offset_seconds',
      'How far the venue clock is ahead of ours',
      labels,
    );
    this.#errorGauge = options.metrics.gauge(
      'tradewind_venue_clock_error_seconds',
      'Bound of the error of the venue clock offset',
      labels,
    );
  }

  /** How far the venue's clock is ahead of ours, microseconds; 0 until it has been asked. */
  get offsetUs(): number {
    return this.#best.offsetUs;
  }

  /** Bound of the error of {@link offsetUs}, microseconds; Infinity until it has been asked. */
  get errorUs(): number {
    return this.#best.errorUs;
  }

  /** The venue's time, integer milliseconds since 1970. */
  nowMs(): number {
    return Math.floor((this.#clock.nowUs() + this.#best.offsetUs) / 1000);
  }

  /** Takes a first burst of samples, then one each `intervalMs`. Rejects when the venue does not answer at all. */
  async start(intervalMs: number): Promise<void> {
    await this.resync();
    this.stop();
    this.#timer = setInterval(() => {
      this.#sample().catch((error: unknown) => this.#failed(error));
    }, intervalMs);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Forgets the old samples and measures anew: the venue has just refused a timestamp. Concurrent calls share one burst. */
  resync(): Promise<void> {
    this.#burst ??= this.#measure().finally(() => {
      this.#burst = undefined;
    });
    return this.#burst;
  }

  async #measure(): Promise<void> {
    const before = this.#samples;
    this.#samples = [];
    let failure: unknown;
    for (let i = 0; i < BURST; i++) {
      await this.#sample().catch((error: unknown) => {
        failure = error;
      });
    }
    if (this.#samples.length > 0) return;
    this.#samples = before;
    throw failure;
  }

  async #sample(): Promise<void> {
    const sent = this.#clock.nowUs();
    const serverMs = await this.#ask();
    const received = this.#clock.nowUs();
    if (!Number.isSafeInteger(serverMs) || serverMs <= 0) throw new Error('the venue answered with no time');
    const offsetUs = Math.round(serverMs * 1000 + HALF_TICK_US - (sent + received) / 2);
    this.#samples.push({ offsetUs, errorUs: (received - sent) / 2 + HALF_TICK_US });
    if (this.#samples.length > KEPT) this.#samples.shift();
    const before = this.#best.offsetUs;
    this.#best = this.#samples.reduce((best, sample) => (sample.errorUs < best.errorUs ? sample : best));
    const stepUs = this.#best.offsetUs - before;
    if (Math.abs(stepUs) >= STEP_US) this.#onStep?.(stepUs / 1000);
    this.#offsetGauge.set(this.#best.offsetUs / 1e6);
    this.#errorGauge.set(this.#best.errorUs / 1e6);
  }

  #failed(error: unknown): void {
    this.#logger.warn('could not ask the venue for its time', { error: String(error) });
  }
}
