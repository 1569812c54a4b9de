import {
  type ApprovedOrder,
  type Connection,
  ConnectionState,
  defineInstrument,
  EventKind,
  type Instrument,
  type KernelEvent,
  nameOf,
  type OrderEvent,
  parseUnits,
  VenueChannel,
} from '../../../src/domain/index.js';
import {
  createSimulator,
  type RunningSimulator,
  type SimulatorOptions,
} from '../../../src/simulator/index.js';
import { type Logger, MetricRegistry, nullLogger, systemClock } from '../../../src/telemetry/index.js';
import {
  type BinanceOptions,
  createBinanceVenue,
  type ExecutionPort,
  type Venue,
} from '../../../src/venues/index.js';
import { orderOf } from './private-fixtures.js';

const PATIENCE_MS = 8_000;

/** What a test asks of the events seen so far. */
export class EventLog {
  readonly events: KernelEvent[] = [];
  readonly #waiting = new Set<() => void>();

  readonly sink = (event: KernelEvent): void => {
    this.events.push(event);
    for (const check of this.#waiting) check();
  };

  /** Resolves once `predicate` holds; rejects, showing the events, when it never does. */
  until(predicate: () => boolean, what = predicate.toString()): Promise<void> {
    if (predicate()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const done = () => {
        clearTimeout(timer);
        clearInterval(poll);
        this.#waiting.delete(check);
      };
      const check = () => {
        if (!predicate()) return;
        done();
        resolve();
      };
      const timer = setTimeout(() => {
        done();
        reject(new Error(`never came true: ${what}\n${this.words().join('\n')}`));
      }, PATIENCE_MS);
      // Some conditions are not events (a counter, the venue's own state).
      const poll = setInterval(check, 10);
      this.#waiting.add(check);
    });
  }

  /** Calls `attempt` every few milliseconds until `predicate` holds. */
  async retry(attempt: () => void, predicate: () => boolean): Promise<void> {
    const deadline = performance.now() + PATIENCE_MS;
    while (!predicate()) {
      if (performance.now() > deadline)
        throw new Error(`never came true: ${predicate}\n${this.words().join('\n')}`);
      attempt();
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }

  /** Events about one order. */
  of(order: { sequence: number }): OrderEvent[] {
    return this.events.filter(
      (event): event is OrderEvent => 'sequence' in event && event.sequence === order.sequence,
    );
  }

  kinds(order: { sequence: number }): string[] {
    return this.of(order).map(({ kind }) => nameOf(EventKind, kind));
  }

  has(order: { sequence: number }, kind: keyof typeof EventKind): boolean {
    return this.of(order).some((event) => event.kind === EventKind[kind]);
  }

  count(kind: keyof typeof EventKind): number {
    return this.events.filter((event) => event.kind === EventKind[kind]).length;
  }

  /** The last state told for a channel. */
  state(channel: VenueChannel = VenueChannel.User): ConnectionState | undefined {
    return this.events.findLast(
      (event): event is Connection => event.kind === EventKind.Connection && event.channel === channel,
    )?.state;
  }

  get up(): boolean {
    return (
      this.state(VenueChannel.User) === ConnectionState.Up &&
      this.state(VenueChannel.Orders) === ConnectionState.Up
    );
  }

  words(): string[] {
    const plain = (_: string, value: unknown) => (typeof value === 'bigint' ? String(value) : value);
    return this.events.map((event) => `${nameOf(EventKind, event.kind)} ${JSON.stringify(event, plain)}`);
  }
}

export interface Trading {
  readonly simulator: RunningSimulator;
  readonly venue: Venue;
  readonly execution: ExecutionPort;
  readonly instrument: Instrument;
  readonly log: EventLog;
  readonly metrics: MetricRegistry;
  /** Decimal text in the instrument's units. */
  price(text: string): number;
  size(text: string): number;
  /** Sends an order of 0.01 BTC at 50,000 (or as `intent` says) and returns it. */
  submit(intent?: Parameters<typeof orderOf>[1]): ApprovedOrder;
  counter(name: string): number;
  close(): Promise<void>;
}

let sequences = 0;

/** Options that make every timer of the connector quick enough for a test. */
export const QUICK: Partial<BinanceOptions> = {
  reconnect: { maxAttempts: 0, minDelayMs: 20, maxDelayMs: 100 },
  requestTimeoutMs: 400,
  restTimeoutMs: 1_000,
  notFoundMarginMs: 200,
  recvWindowMs: 500,
  auditIntervalMs: 0,
};

/** An execution port that trades against the simulator over real sockets. */
export async function startTrading(
  options: Partial<BinanceOptions> & { key?: 'ed25519' | 'hmac'; logger?: Logger } = {},
  simulated: SimulatorOptions = {},
): Promise<Trading> {
  const simulator = await createSimulator({ flow: null, ...simulated });
  const log = new EventLog();
  const metrics = new MetricRegistry();
  const venue = createBinanceVenue(venueOptions(simulator, metrics, options));
  try {
    const [spec] = await venue.marketData.loadInstruments(['BTCUSDT']);
    const instrument = defineInstrument(2, 0, spec!);
    const price = (text: string) => parseUnits(text, instrument.pricePrecision);
    const size = (text: string) => parseUnits(text, instrument.sizePrecision);
    const execution = venue.execution!;
    await execution.start([instrument], log.sink);
    return {
      ...{ simulator, venue, execution, instrument, log, metrics },
      price,
      size,
      submit: (intent = {}) => {
        const usual = { instrument: instrument.index, price: price('50000'), quantity: size('0.01') };
        const order = orderOf(++sequences, { ...usual, ...intent });
        execution.submit(order);
        return order;
      },
      counter: (name) => metricValue(metrics, name),
      close: async () => {
        await execution.stop();
        await simulator.close();
      },
    };
  } catch (error) {
    await simulator.close();
    throw error;
  }
}

export function venueOptions(
  simulator: RunningSimulator,
  metrics: MetricRegistry,
  { key = 'ed25519', ...options }: Partial<BinanceOptions> & { key?: 'ed25519' | 'hmac' } = {},
): BinanceOptions {
  const { hmac, ed25519 } = simulator.demo!;
  return {
    venueIndex: 0,
    endpoints: { rest: simulator.restUrl, stream: simulator.streamUrl, wsApi: simulator.wsApiUrl },
    credentials:
      key === 'hmac'
        ? { kind: 'hmac', apiKey: hmac.apiKey, secret: hmac.secret }
        : { kind: 'ed25519', apiKey: ed25519.apiKey, secret: ed25519.privateKey },
    clock: systemClock,
    logger: process.env.TEST_LOG === '1' ? consoleLogger : nullLogger,
    metrics,
    ...QUICK,
    ...options,
  };
}

const consoleLogger: Logger = {
  debug() {},
  info: (message, fields) => process.stderr.write(`info ${message} ${JSON.stringify(fields)}\n`),
  warn: (message, fields) => process.stderr.write(`warn ${message} ${JSON.stringify(fields)}\n`),
  error: (message, fields) => process.stderr.write(`error ${message} ${JSON.stringify(fields)}\n`),
  child: () => consoleLogger,
};

/** Sum over all series of a metric. */
export function metricValue(metrics: MetricRegistry, name: string): number {
  const slots = new Float64Array(metrics.buffer);
  return metrics
    .layout()
    .metrics.filter((metric) => metric.name === name)
    .reduce((sum, { slot }) => sum + slots[slot]!, 0);
}
