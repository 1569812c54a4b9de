/** What the simulator takes, and what it is when nothing is given. */

import type { BookUpdate, Trade } from '../../domain/index.js';
import { type Clock, type Logger, nullLogger, systemClock } from '../../telemetry/index.js';

import { DEFAULT_LIMITS, type LimitOptions } from './protocol/rate-limits.js';
import type { ApiKeyOptions } from './protocol/signing.js';
import { DEFAULT_SYMBOLS, type SymbolOptions } from './symbols.js';

/** An account of the venue. */
export interface SimulatorAccountOptions {
  /** Names it to the control endpoint. */
  readonly name: string;
  readonly keys: readonly ApiKeyOptions[];
  /** Asset to decimal amount. */
  readonly balances: Readonly<Record<string, string>>;
  /** Basis points; negative is a rebate. Default 10 and 10. */
  readonly makerBps?: number;
  readonly takerBps?: number;
}

/** Keep-alive and protection of WebSocket connections. Defaults are Binance's. */
export interface SocketOptions {
  /** Server ping, milliseconds. Default 20,000. */
  readonly pingIntervalMs: number;
  /** A client that ponged nothing for this long is cut. Default 60,000. */
  readonly pongTimeoutMs: number;
  /** A connection is closed at this age. Default 24 h. */
  readonly maxAgeMs: number;
  /** Market streams: incoming messages (pings and pongs too) per second. Default 5. */
  readonly messagesPerSecond: number;
  /** Market streams: streams per connection. Default 1,024. */
  readonly maxStreams: number;
  /** A client with more unsent bytes than this is too slow and is cut. Default 8 MiB. */
  readonly maxBufferedBytes: number;
}

export const DEFAULT_SOCKETS: SocketOptions = {
  pingIntervalMs: 20_000,
  pongTimeoutMs: 60_000,
  maxAgeMs: 86_400_000,
  messagesPerSecond: 5,
  maxStreams: 1_024,
  maxBufferedBytes: 8 * 1024 * 1024,
};

/** Other traders. */
export interface SimulatorFlowOptions {
  /** Default 1. Two runs with one seed make the same decisions in the same order. */
  readonly seed?: number;
  /** How often the market moves, milliseconds. Default 5. */
  readonly tickMs?: number;
  /** Mean actions of other traders per second and symbol. The generator's own default when absent. */
  readonly eventsPerSecond?: number;
  /** Basis points per square root of a second. The generator's own default when absent. */
  readonly volatilityBps?: number;
}

/** A market as it was recorded, told at the pace of whoever owns the recording. */
export interface RecordedSource {
  /** Calls `apply` for each event of a symbol, in its units, until stopped. Events may be reused after the call. */
  start(apply: (symbol: string, event: BookUpdate | Trade) => void): { stop(): void };
}

export interface SimulatorOptions {
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Default 0: any free port. */
  readonly port?: number;
  readonly symbols?: readonly SymbolOptions[];
  /** Absent: one account `demo` with fresh keys (see `RunningSimulator.demo`). */
  readonly accounts?: readonly SimulatorAccountOptions[];
  /** What the account `demo` has and pays, when `accounts` is absent; default `DEMO_BALANCES` and Binance's fees. */
  readonly demo?: Pick<SimulatorAccountOptions, 'balances' | 'makerBps' | 'takerBps'>;
  /** Null: nobody else trades. */
  readonly flow?: SimulatorFlowOptions | null;
  /** Makes the market of every symbol in the place of `flow`. */
  readonly recording?: RecordedSource;
  readonly limits?: Partial<LimitOptions>;
  readonly sockets?: Partial<SocketOptions>;
  /** Closed orders and fills of an account that can still be asked for. Default 2,000 and 5,000. */
  readonly retainedOrders?: number;
  readonly retainedFills?: number;
  /**
   * Serve the listenKey endpoints (POST/PUT/DELETE /api/v3/userDataStream, /ws/<listenKey>). Binance removed them in
   * favor of `userDataStream.subscribe`; many clients still use them. Default true.
   */
  readonly legacyListenKey?: boolean;
  /** Takes the lines of a {@link VenueLedger}. */
  readonly ledger?: (line: string) => void;
  readonly clock?: Clock;
  readonly logger?: Logger;
}

/** Options with every default filled in. */
export interface ResolvedOptions {
  readonly host: string;
  readonly port: number;
  readonly symbols: readonly SymbolOptions[];
  readonly accounts: readonly SimulatorAccountOptions[] | null;
  readonly demo: SimulatorOptions['demo'];
  readonly flow: SimulatorFlowOptions | null;
  readonly recording: RecordedSource | undefined;
  readonly limits: LimitOptions;
  readonly sockets: SocketOptions;
  readonly retainedOrders?: number | undefined;
  readonly retainedFills?: number | undefined;
  readonly legacyListenKey: boolean;
  readonly ledger?: ((line: string) => void) | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}

export function resolveOptions(options: SimulatorOptions): ResolvedOptions {
  return {
    host: options.host ?? '127.0.0.1',
    port: options.port ?? 0,
    symbols: options.symbols ?? DEFAULT_SYMBOLS,
    accounts: options.accounts ?? null,
    demo: options.demo,
    flow: options.flow === undefined ? {} : options.flow,
    recording: options.recording,
    limits: { ...DEFAULT_LIMITS, ...options.limits },
    sockets: { ...DEFAULT_SOCKETS, ...options.sockets },
    retainedOrders: options.retainedOrders,
    retainedFills: options.retainedFills,
    legacyListenKey: options.legacyListenKey ?? true,
    ledger: options.ledger,
    clock: options.clock ?? systemClock,
    logger: options.logger ?? nullLogger,
  };
}
