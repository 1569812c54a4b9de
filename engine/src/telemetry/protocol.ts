import type { LogCode } from './log-catalog.js';
import type { LogFields, LogLevel } from './logger.js';
import type { MetricDefinition } from './metric-registry.js';

/** What the main thread and the exporter's worker say to each other. Plain data only. */

/** One log line: fields are already cleaned of secrets. */
export interface LogLine {
  readonly level: LogLevel | 'fatal';
  /** Microseconds since 1970 (UTC). */
  readonly tsUs: number;
  readonly message: string;
  readonly fields: LogFields;
}

/** What is ready and what is not. */
export interface ReadinessState {
  readonly component: string;
  readonly ready: boolean;
  readonly reason: string;
}

export interface WorkerOptions {
  readonly metrics: SharedArrayBuffer;
  readonly definitions: readonly MetricDefinition[];
  /** Slot of the counter the main thread bumps while its event loop turns. */
  readonly heartbeatSlot: number;
  readonly heartbeatTimeoutMs: number;
  readonly ring: SharedArrayBuffer;
  readonly codes: readonly LogCode[];
  /** See {@link CONTROL}. */
  readonly control: SharedArrayBuffer;
  readonly http: { readonly host: string; readonly port: number } | null;
  readonly log: {
    readonly level: LogLevel;
    readonly file: string | null;
    readonly stdout: boolean;
    readonly bindings: LogFields;
  };
}

/** Words of the control buffer, written by the worker. */
export const CONTROL = {
  /** Log lines taken over from the main thread; wraps. */
  LINES_TAKEN: 0,
  /** Id of the last flush carried out; the main thread may wait on it. */
  FLUSHED: 1,
} as const;
export const CONTROL_BYTES = 8;

export type ToWorker =
  | { readonly type: 'metric'; readonly definition: MetricDefinition }
  | { readonly type: 'code'; readonly code: LogCode }
  | { readonly type: 'log'; readonly lines: readonly LogLine[] }
  | { readonly type: 'ready'; readonly state: ReadinessState }
  | { readonly type: 'flush'; readonly id: number }
  | { readonly type: 'close' };

export type FromWorker =
  | { readonly type: 'started'; readonly port: number | null }
  /** It could not start: what was wrong, and with which configuration key. */
  | { readonly type: 'failed'; readonly key: string; readonly message: string };
