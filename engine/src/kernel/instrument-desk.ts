import { InstrumentBook } from '../book/index.js';
import {
  type BinaryReader,
  type BinaryWriter,
  BookState,
  type Instrument,
  type StateHash,
} from '../domain/index.js';
import type { StrategyHost } from './strategy-host.js';

/** All the kernel keeps for one instrument: its book, the last mark taken from it, and who wants to hear of it. */
export class InstrumentDesk {
  /** Replaced when the venue changes the rules. */
  instrument: Instrument;
  readonly book = new InstrumentBook();
  readonly hosts: StrategyHost[] = [];
  #bid = 0;
  #ask = 0;

  constructor(instrument: Instrument) {
    this.instrument = instrument;
  }

  /** True when the book is one to mark by and its top is not the one last marked. */
  takeMark(): boolean {
    const { state, bid, ask } = this.book;
    if (state !== BookState.Valid || bid === 0 || ask === 0) return false;
    if (bid === this.#bid && ask === this.#ask) return false;
    this.#bid = bid;
    this.#ask = ask;
    return true;
  }

  forget(host: StrategyHost): void {
    const at = this.hosts.indexOf(host);
    if (at >= 0) this.hosts.splice(at, 1);
  }

  hashInto(hash: StateHash): void {
    hashDefinition(this.instrument, hash);
    this.book.hashInto(hash);
    hash.int(this.#bid).int(this.#ask);
  }

  save(out: BinaryWriter): void {
    this.book.save(out);
    out.number(this.#bid);
    out.number(this.#ask);
    out.u32(this.hosts.length);
    for (const { index } of this.hosts) out.u32(index);
  }

  /** `hostAt`: today's host for an index of back then; undefined for one that has not been told of the instrument. */
  load(input: BinaryReader, hostAt: (index: number) => StrategyHost | undefined): void {
    this.book.load(input);
    this.#bid = input.integer('bid', 0);
    this.#ask = input.integer('ask', 0);
    for (let left = input.u32(); left > 0; left--) {
      const host = hostAt(input.u32());
      if (host?.wants(this.instrument)) this.hosts.push(host);
    }
  }
}

/** Every rule of the instrument: the same events mean something else under other rules. */
function hashDefinition(instrument: Instrument, hash: StateHash): void {
  const { index, venue, id, base, quote } = instrument;
  hash.int(index).int(venue).text(id).text(base).text(quote);
  hash.int(instrument.pricePrecision).int(instrument.sizePrecision);
  hash.int(instrument.priceIncrement).int(instrument.sizeIncrement);
  hash.int(instrument.minPrice).int(instrument.maxPrice);
  hash.int(instrument.minQuantity).int(instrument.maxQuantity);
  hash.big(instrument.minNotional).big(instrument.maxNotional);
}
