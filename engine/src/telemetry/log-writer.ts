import { mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import pino from 'pino';
import { formatUnits } from '../domain/index.js';
import { isoMicros } from './iso-time.js';
import type { LogCode } from './log-catalog.js';
import type { LogRecord } from './log-ring.js';
import type { LogFields, LogLevel } from './logger.js';
import type { MetricRegistry } from './metric-registry.js';
import type { LogLine } from './protocol.js';
import { REDACTED } from './redaction.js';

/** Bytes a destination may lag behind before lines for it are dropped. */
const MAX_LAG_BYTES = 16 * 1024 * 1024;

/** A second wall behind the logger's own redaction: these never leave even if a caller cleaned nothing. */
const SECOND_WALL = [
  'secret',
  'apiKey',
  'password',
  'passphrase',
  'privateKey',
  'signature',
  'token',
  'authorization',
];

export interface LogWriterOptions {
  readonly level: LogLevel;
  readonly file: string | null;
  readonly stdout: boolean;
  readonly bindings: LogFields;
  readonly metrics: MetricRegistry;
}

/** Writes log lines as JSON with pino, to standard output and a file; formats binary records by their code. */
export class LogWriter {
  readonly #logger: pino.Logger;
  readonly #destinations: ReturnType<typeof pino.destination>[] = [];
  readonly #codes = new Map<number, LogCode>();
  #tsUs = 0;

  /** Throws when the file cannot be opened. */
  constructor(options: LogWriterOptions) {
    const { metrics } = options;
    const errors = metrics.counter('tradewind_log_write_errors_total', 'Failed writes to a log destination.');
    const dropped = metrics.counter(
      'tradewind_log_destination_dropped_total',
      'Log lines dropped because a log destination was too slow.',
    );
    const descriptors: number[] = [];
    if (options.stdout) descriptors.push(1);
    if (options.file !== null) {
      mkdirSync(dirname(options.file), { recursive: true });
      descriptors.push(openSync(options.file, 'a'));
    }
    for (const dest of descriptors) {
      // A length of 1 writes at once, and unlike 0 lets a flush be awaited.
      const stream = pino.destination({ dest, sync: false, minLength: 1, maxLength: MAX_LAG_BYTES });
      stream.on('error', () => errors.add(1));
      stream.on('drop', () => dropped.add(1));
      this.#destinations.push(stream);
    }
    const streams = this.#destinations.map((stream) => ({ level: 'debug' as const, stream }));
    this.#logger = pino(
      {
        level: options.level,
        base: options.bindings,
        timestamp: () => `,"time":"${isoMicros(this.#tsUs)}"`,
        formatters: { level: (label) => ({ level: label }) },
        redact: { paths: [...SECOND_WALL, ...SECOND_WALL.map((key) => `*.${key}`)], censor: REDACTED },
      },
      pino.multistream(streams),
    );
  }

  defineCode(code: LogCode): void {
    this.#codes.set(code.code, code);
  }

  line(line: LogLine): void {
    this.#tsUs = line.tsUs;
    this.#logger[line.level](line.fields, line.message);
  }

  /** The line a binary record stands for. */
  format(record: LogRecord): LogLine {
    const code = this.#codes.get(record.code);
    if (code === undefined) {
      const fields = { code: record.code, values: record.values };
      return { level: 'error', tsUs: record.tsUs, message: 'log record of an unknown code', fields };
    }
    const fields: LogFields = {};
    code.arguments.forEach((argument, i) => {
      const value = record.values[i]!;
      fields[argument.name] =
        argument.names !== undefined
          ? (argument.names[value] ?? value)
          : argument.decimals !== undefined && Number.isSafeInteger(value)
            ? formatUnits(value, argument.decimals)
            : value;
    });
    return { level: code.level, tsUs: record.tsUs, message: code.message, fields };
  }

  /** Calls `done` once everything written so far has been handed to the operating system, or cannot be. */
  flush(done: () => void): void {
    let left = this.#destinations.length;
    if (left === 0) done();
    // A failed write was counted by the destination's error event; a full disk must not stop the worker.
    for (const destination of this.#destinations) {
      destination.flush(() => {
        if (--left === 0) done();
      });
    }
  }
}
