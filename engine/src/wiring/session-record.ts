import { EventLogWriter } from '../journal/index.js';
import type { Logger } from '../telemetry/index.js';
import type { EngineObserver } from './engine.js';
import { KEEPS_FREE_BYTES } from './history.js';
import { Recorder } from './recorder.js';
import { SessionError } from './session-error.js';

/** What a crash may cost of the recorded events. */
export const RECORD_FLUSH_MS = 1_000;

/** The file a session is recorded to when asked (`--record`). A failure to write it is told and never ends trading. */
export class SessionRecord {
  readonly observer: EngineObserver;
  readonly #log: EventLogWriter;
  readonly #logger: Logger;
  #open = false;
  #error: Error | undefined;

  constructor(path: string, logger: Logger) {
    this.#logger = logger;
    this.#log = new EventLogWriter(path, {
      keepFreeBytes: KEEPS_FREE_BYTES,
      onError: (error) => {
        this.#error = error;
        logger.error('the event log can no longer be written', { error });
      },
    });
    this.observer = new Recorder(this.#log);
  }

  /** Why it is not complete. */
  get error(): Error | undefined {
    return this.#error;
  }

  /** A record that cannot be written is known before the first order, not after the last. Throws a SessionError. */
  async open(): Promise<void> {
    try {
      await this.#log.open();
      this.#open = true;
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      const why =
        code === 'EEXIST' ? 'it exists, and a record is never written over: name a new file' : message;
      throw new SessionError(`session.recordTo (--record): cannot write ${this.#log.path}: ${why}`);
    }
  }

  flush(): void {
    // A failure was told when it happened.
    this.#log.flush().catch(() => {});
  }

  async close(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    await this.#log.close().catch((error: unknown) => {
      this.#error ??= error instanceof Error ? error : new Error(String(error));
      this.#logger.error('the event log is incomplete', { error });
    });
  }
}
