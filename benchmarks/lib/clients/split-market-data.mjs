/**
 * Several connectors as one: each has a part of the instruments and a connection of its own. An engine's configuration knows
 * one venue; this is how the cost of more of them on one trading thread is measured.
 */
export class SplitMarketData {
  #parts;
  #of = new Map();

  /** @param {readonly import('@tradewind/engine/venues').MarketDataPort[]} parts */
  constructor(parts) {
    this.#parts = parts;
  }

  loadInstruments(symbols) {
    return this.#parts[0].loadInstruments(symbols);
  }

  async start(instruments, sink) {
    const parts = this.#parts;
    for (const [i, { index }] of instruments.entries()) this.#of.set(index, parts[i % parts.length]);
    await Promise.all(
      parts.map((part) =>
        part.start(
          instruments.filter(({ index }) => this.#of.get(index) === part),
          sink,
        ),
      ),
    );
  }

  resync(instrument, fault) {
    this.#of.get(instrument)?.resync?.(instrument, fault);
  }

  async stop() {
    await Promise.all(this.#parts.map((part) => part.stop()));
  }
}
