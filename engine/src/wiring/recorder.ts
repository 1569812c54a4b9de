import type { CommandList, KernelEvent } from '../domain/index.js';
import type { EventLogWriter } from '../journal/index.js';
import type { EngineObserver } from './engine.js';

/** Keeps every event with the commands it led to, for replay. */
export class Recorder implements EngineObserver {
  readonly #log: EventLogWriter;

  constructor(log: EventLogWriter) {
    this.#log = log;
  }

  onEvent(event: KernelEvent, commands: CommandList): void {
    this.#log.append(event, commands);
  }
}
