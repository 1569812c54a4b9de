import { BookFault, BookState, EventKind, type KernelEvent } from '../domain/index.js';
import type { KernelView } from '../kernel/index.js';
import type { MarketDataPort } from '../venues/index.js';
import type { EngineObserver } from './engine.js';

/**
 * Has a book rebuilt that only its reader can see to be broken: crossed levels, a top that the venue contradicts. The
 * connector sees an unbroken stream there, and the book would stay Invalid for good.
 */
export class BookGuard implements EngineObserver {
  readonly #view: KernelView;
  readonly #marketData: MarketDataPort;
  /** Instruments whose rebuild has been asked for and not answered by a snapshot yet. */
  readonly #asked: boolean[] = [];

  constructor(view: KernelView, marketData: MarketDataPort) {
    this.#view = view;
    this.#marketData = marketData;
  }

  onEvent(event: KernelEvent): void {
    switch (event.kind) {
      case EventKind.BookStatus:
        // The connector knows, and sends a snapshot.
        this.#asked[event.instrument] = event.fault !== BookFault.NONE;
        break;
      case EventKind.BookSnapshot:
        this.#asked[event.instrument] = false;
        this.#look(event.instrument);
        break;
      case EventKind.BookDelta:
      case EventKind.Quote:
        this.#look(event.instrument);
        break;
    }
  }

  #look(instrument: number): void {
    if (this.#asked[instrument] === true || instrument >= this.#view.instruments.length) return;
    const { state, fault } = this.#view.book(instrument);
    if (state !== BookState.Invalid) return;
    this.#asked[instrument] = true;
    // The connector may be in the middle of handing over this very event.
    setImmediate(() => this.#marketData.resync?.(instrument, fault));
  }
}
