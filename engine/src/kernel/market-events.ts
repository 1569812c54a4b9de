import {
  BookFault,
  BookState,
  type BookStatus,
  type BookUpdate,
  type Quote,
  type Trade,
} from '../domain/index.js';
import type { InstrumentDesk } from './instrument-desk.js';
import type { KernelParts } from './kernel-parts.js';

/** What the market does: to the books, then portfolio and risk, then the strategies. */
export class MarketEvents {
  readonly #parts: KernelParts;

  constructor(parts: KernelParts) {
    this.#parts = parts;
  }

  onBookUpdate(event: BookUpdate): void {
    const { counters } = this.#parts;
    counters.bookUpdates++;
    const desk = this.#parts.find(event.instrument);
    if (desk === undefined) return;
    const before = desk.book.state;
    if (!desk.book.apply(event)) return;
    counters.bookUpdatesApplied++;
    this.#onChanged(desk, before);
  }

  onQuote(event: Quote): void {
    this.#parts.counters.quotes++;
    const desk = this.#parts.find(event.instrument);
    if (desk === undefined) return;
    const before = desk.book.state;
    if (desk.book.applyQuote(event)) this.#onChanged(desk, before);
  }

  onTrade(event: Trade): void {
    this.#parts.counters.trades++;
    const desk = this.#parts.find(event.instrument);
    if (desk === undefined) return;
    for (let i = 0; i < desk.hosts.length; i++) desk.hosts[i]!.onTrade(event);
  }

  onBookStatus(event: BookStatus): void {
    const desk = this.#parts.find(event.instrument);
    if (desk !== undefined) this.#setStatus(desk, event.fault);
  }

  /** The market data of `venue` is down: its books are of the past. */
  disconnect(venue: number): void {
    const { desks } = this.#parts;
    for (let i = 0; i < desks.length; i++) {
      const desk = desks[i]!;
      if (desk.instrument.venue === venue) this.#setStatus(desk, BookFault.DISCONNECTED);
    }
  }

  /** The same for every venue. */
  disconnectAll(): void {
    const { desks } = this.#parts;
    for (let i = 0; i < desks.length; i++) this.#setStatus(desks[i]!, BookFault.DISCONNECTED);
  }

  /** Books silent for too long are stale from now on. */
  checkStale(): void {
    const { desks, clock, counters, staleAfterUs } = this.#parts;
    for (let i = 0; i < desks.length; i++) {
      const desk = desks[i]!;
      if (!desk.book.checkStale(clock.now, staleAfterUs)) continue;
      counters.booksStale++;
      for (let k = 0; k < desk.hosts.length; k++) desk.hosts[k]!.onBook(i);
    }
  }

  #setStatus(desk: InstrumentDesk, fault: BookFault): void {
    const before = desk.book.state;
    if (desk.book.setStatus(fault)) this.#onChanged(desk, before);
  }

  #onChanged(desk: InstrumentDesk, before: BookState): void {
    const { counters, portfolio, gate, clock } = this.#parts;
    const { book, hosts } = desk;
    const { index } = desk.instrument;
    if (book.state === BookState.Invalid && before !== BookState.Invalid) counters.booksInvalidated++;
    if (desk.takeMark()) {
      portfolio.mark(index, book.bid, book.ask);
      gate.killSwitch.onMark(clock.now, index, book.bid, book.ask);
    }
    for (let i = 0; i < hosts.length; i++) hosts[i]!.onBook(index);
  }
}
