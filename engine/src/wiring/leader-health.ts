import { BookState, ConnectionState, VenueChannel } from '../domain/index.js';
import type { KernelView } from '../kernel/index.js';
import type { ExecutionPort } from '../venues/index.js';

/** A term has as long to get to the venue: were it asked for at once, two sides that both fail would change places for good. */
const SETTLE_MS = 10_000;
/** Who was asked and did not want to is asked again after this. */
const AGAIN_MS = 30_000;
/** Whoever takes over has to compare with the venue too: what takes longer than this does not come to an end here. */
const COMPARING_MS = 30_000;

/** What a leader sees of the venue. */
export type VenueSight = Pick<KernelView, 'connection' | 'instruments' | 'book'>;

/**
 * Whether a leader should ask the other side to lead: it has not had its order entry or its private stream for a while,
 * whatever its books are. That orders go around a session that is down, slower, does for that while. Whether the other one is
 * better off, that one knows: it declines where its own books are no good or its own sessions are down, so that nobody hands
 * over while the venue itself is down.
 */
export class LeaderHealth {
  readonly #view: VenueSight;
  readonly #sessions: Pick<ExecutionPort, 'connected'>;
  readonly #patienceMs: number;
  #askAtMs: number;
  #cutOffSinceMs: number | undefined;

  /** `patienceMs` 0: it never asks. `nowMs` on the clock of {@link shouldAsk}: when the term began. */
  constructor(
    view: VenueSight,
    sessions: Pick<ExecutionPort, 'connected'>,
    patienceMs: number,
    nowMs: number,
  ) {
    this.#view = view;
    this.#sessions = sessions;
    this.#patienceMs = patienceMs;
    this.#askAtMs = nowMs + SETTLE_MS;
  }

  /** To be called a few times a second. True: ask now; it will not be for {@link AGAIN_MS}. */
  shouldAsk(nowMs: number, standbys: number): boolean {
    const orders = this.#view.connection(0, VenueChannel.Orders);
    const hasSessions = this.#sessions.connected !== false;
    if (this.#patienceMs === 0 || (orders === ConnectionState.Up && hasSessions)) {
      this.#cutOffSinceMs = undefined;
      return false;
    }
    this.#cutOffSinceMs ??= nowMs;
    const isComparing = orders === ConnectionState.Reconciling && hasSessions && this.#hasBook();
    const patienceMs = isComparing ? Math.max(this.#patienceMs, COMPARING_MS) : this.#patienceMs;
    if (nowMs - this.#cutOffSinceMs < patienceMs || nowMs < this.#askAtMs || standbys === 0) return false;
    this.#askAtMs = nowMs + AGAIN_MS;
    return true;
  }

  #hasBook(): boolean {
    const view = this.#view;
    return view.instruments.some(({ index }) => view.book(index).state === BookState.Valid);
  }
}
