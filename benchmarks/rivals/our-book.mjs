import { InstrumentBook } from '@tradewind/engine/book';
import { BinanceDecoder, DepthSynchronizer, FrameKind, SnapshotDecoder } from '@tradewind/engine/venues';

/** The engine's own way, as its market data session has it: sequence checked, levels in integers. */
export class OurBook {
  #decoder;
  #instrument;
  #snapshots = new SnapshotDecoder();
  #book = new InstrumentBook();
  #synchronizer = new DepthSynchronizer(0, {
    onBook: (update) => this.#book.apply(update),
    onFault: (_instrument, fault) => this.#book.setStatus(fault),
  });

  constructor(instrument) {
    this.#instrument = instrument;
    this.#decoder = new BinanceDecoder([instrument]);
    this.#synchronizer.start(0);
  }

  /** @param {Uint8Array} bytes a REST depth answer */
  onSnapshot(bytes) {
    this.#snapshots.decode(bytes, this.#instrument);
    this.#synchronizer.onSnapshot(this.#synchronizer.takeRequest(), this.#snapshots.snapshot, 0);
  }

  /** @param {Uint8Array} bytes a depth message of a combined stream */
  onMessage(bytes) {
    const decoder = this.#decoder;
    if (decoder.decode(bytes) === FrameKind.Depth)
      this.#synchronizer.onDelta(decoder.depth, decoder.previousId, 0);
  }

  /** `[price, size]` in the instrument's units, best first. */
  levels() {
    const { levels } = this.#book;
    return {
      bids: Array.from({ length: levels.bidCount }, (_, i) => [levels.bidPrice(i), levels.bidSize(i)]),
      asks: Array.from({ length: levels.askCount }, (_, i) => [levels.askPrice(i), levels.askSize(i)]),
    };
  }
}
