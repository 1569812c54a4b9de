import { JournalState } from '../domain/index.js';
import type { Logger } from '../telemetry/index.js';
import type { LeaderHealth } from './leader-health.js';
import type { NodeJournal } from './node-journal.js';
import type { TradingSession } from './session.js';
import { SessionError } from './session-error.js';
import type { TakeoverStages } from './takeover-stages.js';

/** A journal that can not be written for so long is no passing trouble. */
const AILING_MS = 3_000;

export interface TermParts {
  readonly epoch: number;
  readonly session: Pick<TradingSession, 'start'>;
  readonly journal: { readonly port: Pick<NodeJournal['port'], 'state' | 'standbys'> };
  readonly health: Pick<LeaderHealth, 'shouldAsk'>;
  readonly stages: TakeoverStages;
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** It trades. */
  readonly onUp: () => void;
  /** The session can not be started: the process ends. */
  readonly onFailed: (error: unknown) => void;
  /** The other side should be asked to lead. */
  readonly onCutOff: () => void;
  /** The other side should lead, or nobody. */
  readonly onAiling: (why: string) => void;
}

/** One term of leading, up to the turn that ends it: what its session comes to, or the venue does, after that is nobody's. */
export class LeadingTerm {
  readonly #parts: TermParts;
  #isOver = false;
  #failedSinceMs: number | undefined;

  constructor(parts: TermParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#parts.session.start().then(
      () => this.#up(),
      (error: unknown) => this.#failed(error),
    );
  }

  /** Whoever ends it knows why. */
  end(): void {
    this.#isOver = true;
  }

  /** To be called a few times a second. */
  check(nowMs: number): void {
    if (this.#isOver) return;
    this.#checkJournal(nowMs);
    this.#checkVenue(nowMs);
  }

  #up(): void {
    if (this.#isOver) return;
    const { stages, logger, epoch, onUp } = this.#parts;
    stages.done('venue');
    logger.info('trading', { epoch, ...stages.ms });
    onUp();
  }

  #failed(error: unknown): void {
    if (this.#isOver) return;
    // Its message says it all: where in our code it came from helps nobody.
    const fields = error instanceof SessionError ? { why: error.message } : { error };
    this.#parts.logger.error('session failed', fields);
    this.#parts.onFailed(error);
  }

  /** The other side may reach a venue that this one does not; if it does not either, it declines, and this one goes on. */
  #checkVenue(nowMs: number): void {
    const { health, journal, logger, onCutOff } = this.#parts;
    if (!health.shouldAsk(nowMs, journal.port.standbys)) return;
    logger.warn('cut off from the venue: asking the other engine to lead');
    onCutOff();
  }

  /** A leader that can not write sends no order: where somebody follows, that one should lead. */
  #checkJournal(nowMs: number): void {
    const { port } = this.#parts.journal;
    if (port.state !== JournalState.Failed || port.standbys === 0) {
      this.#failedSinceMs = undefined;
      return;
    }
    this.#failedSinceMs ??= nowMs;
    if (nowMs - this.#failedSinceMs < AILING_MS) return;
    this.#failedSinceMs = undefined;
    this.#parts.onAiling('its journal can not be written');
  }
}
