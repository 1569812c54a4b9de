import logUpdate from 'log-update';
import type { RunningEngine, SessionStatus } from '../wiring/index.js';
import { renderStatus } from './status-view.js';

const REDRAW_MS = 250;
const LINE_MS = 5_000;

/** Shows a running session until stopped: redrawn in place on a terminal, a log line now and then elsewhere. */
export class LiveDisplay {
  readonly #running: RunningEngine;
  readonly #terminal: boolean;
  readonly #title: string;
  readonly #timer: NodeJS.Timeout;
  #last: SessionStatus;

  /** `title`: what it is that runs. */
  constructor(running: RunningEngine, terminal: boolean, title: string) {
    this.#running = running;
    this.#terminal = terminal;
    this.#title = title;
    this.#last = running.status();
    this.#timer = setInterval(() => this.#tick(), terminal ? REDRAW_MS : LINE_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
    if (this.#terminal) logUpdate.done();
  }

  #tick(): void {
    const status = this.#running.status();
    const seconds = (status.elapsedMs - this.#last.elapsedMs) / 1000;
    const rate = (now: number, then: number) => (seconds > 0 ? (now - then) / seconds : 0);
    const messages = rate(status.messages, this.#last.messages);
    const orders = rate(status.sent, this.#last.sent);
    this.#last = status;
    if (this.#terminal) {
      const port = this.#running.telemetryPort;
      logUpdate(
        renderStatus(
          status,
          { messages, orders },
          port === null ? this.#title : `${this.#title}  metrics :${port}`,
          // Unknown on some terminals: what every one of them has.
          { columns: process.stdout.columns || 80, rows: process.stdout.rows || 24 },
        ),
      );
    } else {
      this.#running.logger.info('status', {
        ...status,
        messagesPerSecond: Math.round(messages),
        ordersPerSecond: Math.round(orders * 10) / 10,
      });
    }
  }
}
