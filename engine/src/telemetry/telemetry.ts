import { appendFileSync, writeSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { type Clock, systemClock } from './clock.js';
import { isoMicros } from './iso-time.js';
import { LinePost } from './line-post.js';
import { LogCatalog } from './log-catalog.js';
import { LogRing } from './log-ring.js';
import type { LogFields, Logger, LogLevel } from './logger.js';
import { MetricRegistry } from './metric-registry.js';
import { ProcessSampler } from './process-sampler.js';
import {
  CONTROL_BYTES,
  type FromWorker,
  type LogLine,
  type ToWorker,
  type WorkerOptions,
} from './protocol.js';
import { ReadinessFlag } from './readiness.js';
import { Redactor } from './redaction.js';
import { SinkLogger } from './sink-logger.js';

const FATAL_FLUSH_MS = 1_000;
const CLOSE_MS = 2_000;

export interface TelemetryOptions {
  /** 0 takes any free port; absent serves no HTTP at all. */
  readonly port?: number | undefined;
  /** Default 127.0.0.1. */
  readonly host?: string | undefined;
  /** Default info. */
  readonly logLevel?: LogLevel | undefined;
  /** JSON lines are appended to this file. */
  readonly logFile?: string | undefined;
  /** JSON lines go to standard output too. */
  readonly stdout?: boolean | undefined;
  /** Fields of every line, e.g. the process's role. */
  readonly bindings?: LogFields | undefined;
  readonly registry?: MetricRegistry | undefined;
  readonly catalog?: LogCatalog | undefined;
  /** Texts that no log line may ever show. */
  readonly secrets?: readonly string[] | undefined;
  /** `/health` fails when the main event loop has not turned for so long. Default 5000. */
  readonly heartbeatTimeoutMs?: number | undefined;
  /** Records the log ring holds. Default 4096. */
  readonly ringCapacity?: number | undefined;
  readonly clock?: Clock | undefined;
}

/** Telemetry could not start; `key` is the configuration key to look at. */
export class TelemetryError extends Error {
  readonly code = 'TW_TELEMETRY';
  override readonly name = 'TelemetryError';
  readonly key: string;
  constructor(key: string, message: string) {
    super(`${key}: ${message}`);
    this.key = key;
  }
}

/** Where the worker's JavaScript is: beside this file, or in the build when this file is still TypeScript. */
export function exporterWorkerUrl(): URL {
  return import.meta.url.endsWith('.ts')
    ? new URL('../../dist/telemetry/exporter-worker.js', import.meta.url)
    : new URL('./exporter-worker.js', import.meta.url);
}

/** Starts the exporter's worker; rejects with a {@link TelemetryError} when port or log file cannot be had. */
export async function startTelemetry(options: TelemetryOptions = {}): Promise<Telemetry> {
  const telemetry = new Telemetry(options);
  await telemetry.started;
  return telemetry;
}

/** The running telemetry of this process. Made by {@link startTelemetry}. */
export class Telemetry {
  readonly registry: MetricRegistry;
  readonly catalog: LogCatalog;
  readonly ring: LogRing;
  readonly logger: Logger;
  /** Settles when the worker serves, or could not start. */
  readonly started: Promise<void>;
  readonly #redactor = new Redactor();
  readonly #sampler: ProcessSampler;
  readonly #clock: Clock;
  readonly #logFile: string | undefined;
  readonly #bindings: LogFields;
  readonly #post: LinePost;
  readonly #worker: Worker;
  readonly #flags = new Map<string, ReadinessFlag>();
  readonly #unsubscribe: (() => void)[] = [];
  readonly #exited: Promise<void>;
  readonly #onExit = () => this.#post.flushSync(FATAL_FLUSH_MS);
  #port: number | null = null;
  #closing: Promise<void> | undefined;

  constructor(options: TelemetryOptions) {
    this.registry = options.registry ?? new MetricRegistry();
    this.catalog = options.catalog ?? new LogCatalog();
    const level = options.logLevel ?? 'info';
    this.ring = new LogRing({
      level,
      ...(options.ringCapacity !== undefined && { capacity: options.ringCapacity }),
    });
    this.#clock = options.clock ?? systemClock;
    this.#logFile = options.logFile;
    for (const secret of options.secrets ?? []) this.#redactor.addSecret(secret);
    this.#bindings = { pid: process.pid, ...this.#redactor.fields(options.bindings ?? {}) };
    this.#sampler = new ProcessSampler(this.registry);

    const control = new SharedArrayBuffer(CONTROL_BYTES);
    const definitions = this.registry.layout().metrics;
    const workerOptions: WorkerOptions = {
      metrics: this.registry.buffer,
      definitions,
      heartbeatSlot: definitions.find(({ name }) => name === 'tradewind_heartbeats_total')!.slot,
      heartbeatTimeoutMs: options.heartbeatTimeoutMs ?? 5_000,
      ring: this.ring.buffer,
      codes: this.catalog.codes,
      control,
      http: options.port === undefined ? null : { host: options.host ?? '127.0.0.1', port: options.port },
      log: {
        level,
        file: options.logFile ?? null,
        stdout: options.stdout ?? false,
        bindings: this.#bindings,
      },
    };
    this.#worker = new Worker(exporterWorkerUrl(), {
      workerData: workerOptions,
      execArgv: [],
      name: 'telemetry',
    });
    this.#post = new LinePost(this.#worker, control, this.registry, (line) => this.#emergency(line));
    this.logger = new SinkLogger(
      (lineLevel, message, fields) =>
        this.#post.add({ level: lineLevel, tsUs: this.#clock.nowUs(), message, fields }),
      this.#redactor,
      level,
    );
    this.#unsubscribe.push(
      this.registry.onDefine((definition) => this.#send({ type: 'metric', definition })),
      this.catalog.onDefine((code) => this.#send({ type: 'code', code })),
    );
    this.#exited = new Promise((resolve) => this.#worker.once('exit', () => resolve()));
    this.started = this.#start();
  }

  /** The port `/metrics`, `/health` and `/ready` are on, or null without HTTP. */
  get port(): number | null {
    return this.#port;
  }

  /**
   * A part of the engine that `/ready` waits for; not ready until told otherwise. The same name gives the same flag.
   * Only a transition costs anything.
   */
  readiness(component: string): ReadinessFlag {
    let flag = this.#flags.get(component);
    if (flag === undefined) {
      flag = new ReadinessFlag(component, this.registry, (state) => this.#send({ type: 'ready', state }));
      this.#flags.set(component, flag);
    }
    return flag;
  }

  /** Masks the text of a secret wherever a later log line would show it. */
  addSecret(text: string): void {
    this.#redactor.addSecret(text);
  }

  /** Resolves once every line logged so far has been handed to the operating system, or nobody took it for 2 s. */
  async flush(): Promise<void> {
    await this.#post.flush();
  }

  /**
   * The last words of a dying process: what was logged before, then this error, all written before it returns (standard
   * error and the log file). Never throws.
   */
  fatal(error: unknown, message = 'fatal error'): void {
    try {
      this.#post.flushSync(FATAL_FLUSH_MS);
    } catch {
      // The worker is gone: the lines below still get out.
    }
    const fields = this.#redactor.fields({ error });
    this.#emergency({ level: 'fatal', tsUs: this.#clock.nowUs(), message, fields });
  }

  /** Writes everything out, stops serving and ends the worker. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #start(): Promise<void> {
    const first = await new Promise<FromWorker>((resolve, reject) => {
      this.#worker.once('message', resolve);
      this.#worker.once('error', reject);
      this.#worker.once('exit', () => reject(new TelemetryError('telemetry', 'the exporter ended at once')));
    }).catch((error: unknown) => {
      this.#post.stop();
      this.#detach();
      if (error instanceof TelemetryError) throw error;
      const path = fileURLToPath(exporterWorkerUrl());
      throw new TelemetryError(
        'telemetry',
        `cannot start ${path}: ${error instanceof Error ? error.message : error}`,
      );
    });
    if (first.type === 'failed') {
      this.#post.stop();
      this.#detach();
      await this.#worker.terminate();
      throw new TelemetryError(first.key, first.message);
    }
    this.#port = first.port;
    this.#worker.on('error', (error) => {
      this.#post.stop();
      this.logger.error('the telemetry worker died: no metrics, no health, logs on standard error', {
        error,
      });
    });
    // A forgotten close must not keep the process alive; its last lines still get out.
    this.#worker.unref();
    process.on('exit', this.#onExit);
    this.#sampler.start();
  }

  async #close(): Promise<void> {
    this.#detach();
    this.#sampler.stop();
    if (this.#post.stopped) return;
    this.#worker.ref();
    const written = await this.#post.flush();
    const deadline = setTimeout(() => void this.#worker.terminate(), written ? CLOSE_MS : 0);
    this.#send({ type: 'close' });
    await this.#exited;
    clearTimeout(deadline);
    this.#post.stop();
  }

  #detach(): void {
    for (const stop of this.#unsubscribe) stop();
    process.off('exit', this.#onExit);
  }

  #send(message: ToWorker): void {
    this.#worker.postMessage(message);
  }

  /** Past the worker, synchronously: for a dying process or a dead worker. */
  #emergency(line: LogLine): void {
    const { level, tsUs, message, fields } = line;
    const text = `${JSON.stringify({ level, time: isoMicros(tsUs), ...this.#bindings, ...fields, msg: this.#redactor.text(message) })}\n`;
    try {
      writeSync(2, text);
    } catch {
      // Standard error is closed: the file is what is left.
    }
    try {
      if (this.#logFile !== undefined) appendFileSync(this.#logFile, text);
    } catch {
      // Nothing is left to tell it to.
    }
  }
}
