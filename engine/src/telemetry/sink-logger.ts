import { LEVEL_RANK, type LogFields, type Logger, type LogLevel } from './logger.js';
import type { Redactor } from './redaction.js';

/** Takes one finished line; must not throw. */
export type LineSink = (level: LogLevel, message: string, fields: LogFields) => void;

/** A logger that cleans its lines of secrets and gives them to a sink. */
export class SinkLogger implements Logger {
  readonly #sink: LineSink;
  readonly #redactor: Redactor;
  readonly #rank: number;
  readonly #level: LogLevel;
  readonly #bindings: LogFields;

  constructor(sink: LineSink, redactor: Redactor, level: LogLevel, bindings: LogFields = {}) {
    this.#sink = sink;
    this.#redactor = redactor;
    this.#level = level;
    this.#rank = LEVEL_RANK[level];
    this.#bindings = bindings;
  }

  debug(message: string, fields?: LogFields): void {
    this.#log('debug', message, fields);
  }

  info(message: string, fields?: LogFields): void {
    this.#log('info', message, fields);
  }

  warn(message: string, fields?: LogFields): void {
    this.#log('warn', message, fields);
  }

  error(message: string, fields?: LogFields): void {
    this.#log('error', message, fields);
  }

  child(bindings: LogFields): Logger {
    const merged = { ...this.#bindings, ...this.#redactor.fields(bindings) };
    return new SinkLogger(this.#sink, this.#redactor, this.#level, merged);
  }

  #log(level: LogLevel, message: string, fields: LogFields | undefined): void {
    if (LEVEL_RANK[level] < this.#rank) return;
    const clean =
      fields === undefined ? this.#bindings : { ...this.#bindings, ...this.#redactor.fields(fields) };
    this.#sink(level, this.#redactor.text(message), clean);
  }
}
