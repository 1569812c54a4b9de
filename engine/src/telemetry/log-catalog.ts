import { LEVEL_RANK, type LogLevel } from './logger.js';

/** The most numbers one binary log record carries. */
export const LOG_ARGUMENTS = 6;

/** One argument of a binary log record. */
export interface LogArgument {
  readonly name: string;
  /** Printed instead of the number when it is an index into this list (a side, a status, a symbol). */
  readonly names?: readonly string[];
  /** Printed as decimal text with this many decimals (a price or quantity in units of `10^-decimals`). */
  readonly decimals?: number;
}

/** What a binary record of one code means; plain data, shared with the worker. */
export interface LogCode {
  readonly code: number;
  readonly level: LogLevel;
  /** The level as a number, greater is more important: cheap to compare on the trading line. */
  readonly rank: number;
  readonly message: string;
  readonly arguments: readonly LogArgument[];
}

const MAX_CODES = 1 << 16;

/** All codes of a process. Filled at start, off the trading line. */
export class LogCatalog {
  readonly #codes: LogCode[] = [];
  readonly #listeners = new Set<(code: LogCode) => void>();

  /** A new code for `message`. Throws a RangeError when it has more than {@link LOG_ARGUMENTS} arguments. */
  define(level: LogLevel, message: string, args: readonly (string | LogArgument)[] = []): LogCode {
    if (args.length > LOG_ARGUMENTS) {
      throw new RangeError(
        `log code "${message}" has ${args.length} arguments; a record carries ${LOG_ARGUMENTS}`,
      );
    }
    if (this.#codes.length >= MAX_CODES) throw new RangeError(`more than ${MAX_CODES} log codes`);
    const named = args.map((argument) =>
      typeof argument === 'string' ? { name: argument } : { ...argument },
    );
    const code: LogCode = Object.freeze({
      code: this.#codes.length,
      level,
      rank: LEVEL_RANK[level],
      message,
      arguments: named,
    });
    this.#codes.push(code);
    for (const listener of this.#listeners) listener(code);
    return code;
  }

  get codes(): readonly LogCode[] {
    return this.#codes;
  }

  /** Calls `listener` for each later code; returns how to stop. */
  onDefine(listener: (code: LogCode) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
