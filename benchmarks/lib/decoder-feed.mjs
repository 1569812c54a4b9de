import { BinanceDecoder, DepthSynchronizer, FrameKind, SnapshotDecoder } from '@tradewind/engine/venues';
import { LapStream, makeLap } from './venue/lap.mjs';

/** The symbols of so many instruments, each as long as BTCUSDT. */
export const symbolsOf = (count) => [
  'BTCUSDT',
  ...Array.from({ length: count - 1 }, (_, i) => `T${String(i).padStart(3, '0')}USD`),
];

/** As many instruments as are asked for, by the rules of one. */
export const specsOf = (spec, count) =>
  symbolsOf(count).map((symbol) => ({ ...spec, symbol, base: symbol.slice(0, 4), quote: symbol.slice(4) }));

/**
 * The connector's decoder and synchronizers without its socket: frames of several instruments in turn, again and again, as
 * the events the kernel is told.
 */
export class DecoderFeed {
  #decoder;
  #synchronizers;
  #stream;
  #sink;
  #next = 0;

  /**
   * @param {readonly { kind: string, bytes: Uint8Array }[]} items
   * @param {readonly import('@tradewind/engine/domain').Instrument[]} instruments
   * @param {(event: import('@tradewind/engine/domain').KernelEvent) => void} sink
   */
  constructor(items, instruments, sink) {
    this.#sink = sink;
    this.#decoder = new BinanceDecoder(instruments);
    const laps = instruments.map(({ symbol }) => makeLap(items, symbol));
    this.#stream = new LapStream(laps);
    const snapshots = new SnapshotDecoder();
    this.#synchronizers = instruments.map((instrument, i) => {
      const synchronizer = new DepthSynchronizer(instrument.index, {
        onBook: sink,
        onFault: (index, fault) => {
          if (this.#next > 0) throw new Error(`the book of ${instruments[index].symbol} broke: ${fault}`);
        },
      });
      synchronizer.start(0);
      snapshots.decode(laps[i].snapshot, instrument);
      synchronizer.onSnapshot(synchronizer.takeRequest(), snapshots.snapshot, 0);
      return synchronizer;
    });
  }

  /** Of a round. */
  get messages() {
    return this.#stream.messages;
  }

  /** Decodes the next message and tells what it says. */
  step() {
    if (this.#next === this.#stream.messages) {
      this.#stream.nextRound();
      this.#next = 0;
    }
    const frame = this.#stream.payload(this.#next++);
    const decoder = this.#decoder;
    switch (decoder.decode(frame)) {
      case FrameKind.Depth:
        this.#synchronizers[decoder.depth.instrument].onDelta(decoder.depth, decoder.previousId, 0);
        break;
      case FrameKind.Quote:
        this.#sink(decoder.quote);
        break;
      case FrameKind.Trade:
        this.#sink(decoder.trade);
        break;
      default:
        throw new Error('a frame that is no market data');
    }
  }
}
