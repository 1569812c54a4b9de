import { BookState, ConnectionState, type Instrument, nameOf, VenueChannel } from '../domain/index.js';
import type { KernelView } from '../kernel/index.js';
import type { Telemetry } from '../telemetry/index.js';

/** What `/ready` says of a session: every channel of the venue is up, every book can be traded on. */
export class SessionReadiness {
  readonly #view: KernelView;
  readonly #instruments: readonly Instrument[];
  readonly #venue: ReturnType<Telemetry['readiness']>;
  readonly #books: ReturnType<Telemetry['readiness']>;

  constructor(telemetry: Telemetry, view: KernelView, instruments: readonly Instrument[]) {
    this.#view = view;
    this.#instruments = instruments;
    this.#venue = telemetry.readiness('venue');
    this.#books = telemetry.readiness('books');
  }

  /** Off the line, a few times a second. */
  check(): void {
    const down = this.#notUp();
    if (down.length === 0) this.#venue.ready();
    else this.#venue.notReady(down.join(', '));
    const bad = this.#notValid();
    if (bad.length === 0 && this.#instruments.length > 0) this.#books.ready();
    else this.#books.notReady(bad.join(', ') || 'no instruments yet');
  }

  #notUp(): string[] {
    return Object.entries(VenueChannel)
      .filter(([, channel]) => this.#view.connection(0, channel) !== ConnectionState.Up)
      .map(([name, channel]) => `${name} ${nameOf(ConnectionState, this.#view.connection(0, channel))}`);
  }

  #notValid(): string[] {
    return this.#instruments
      .filter(({ index }) => this.#view.book(index).state !== BookState.Valid)
      .map(({ symbol, index }) => `${symbol} ${nameOf(BookState, this.#view.book(index).state)}`);
  }
}
