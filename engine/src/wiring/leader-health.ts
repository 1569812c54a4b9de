import { BookState, ConnectionState, VenueChannel } from '../domain/index.js';
import type { KernelView } from '../kernel/index.js';

/** A term has as long to get to the venue: were it asked for at once, two sides that both fail would change places for good. */
const SETTLE_MS = 10_000;
/** Who was asked and did not want to is asked again after this. */
const AGAIN_MS = 30_000;

/** What a leader sees of the venue. */
export type VenueSight = Pick<KernelView, 'connection' | 'instruments' | 'book'>;

/**
 * Whether a leader should ask the other side to lead: it has neither a session for orders nor one good book, and has not had
 * for a while. Whether the other one is better off, that one knows: it declines where its own books are no good, so that
 * nobody hands over while the venue itself is down.
 */
export class LeaderHealth {
  readonly #view: VenueSight;
  readonly #patienceMs: number;
  #askAtMs: number;
  #cutOffSinceMs: number | undefined;

  /** `patienceMs` 0: it never asks. `nowMs` on the clock of {@link shouldAsk}: when the term began. */
  constructor(view: VenueSight, patienceMs: number, nowMs: number) {
    this.#view = view;
    this.#patienceMs = patienceMs;
    this.#askAtMs = nowMs + SETTLE_MS;
  }

  /** To be called a few times a second. True: ask now; it will not be for {@link AGAIN_MS}. */
  shouldAsk(nowMs: number, standbys: number): boolean {
    if (this.#patienceMs === 0 || !this.#isCutOff()) {
      this.#cutOffSinceMs = undefined;
      return false;
    }
    this.#cutOffSinceMs ??= nowMs;
    if (nowMs - this.#cutOffSinceMs < this.#patienceMs || nowMs < this.#askAtMs || standbys === 0)
      return false;
    this.#askAtMs = nowMs + AGAIN_MS;
    return true;
  }

  #isCutOff(): boolean {
    const view = this.#view;
    return (
      view.connection(0, VenueChannel.Orders) !== ConnectionState.Up &&
      view.instruments.every(({ index }) => view.book(index).state !== BookState.Valid)
    );
  }
}
