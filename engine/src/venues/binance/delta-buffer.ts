import type { BookUpdate } from '../../domain/index.js';

export interface BufferedDelta {
  readonly update: BookUpdate;
  /** `pu` of a futures event, -1 on spot. */
  readonly previousId: number;
}

/**
 * Copies of the deltas that arrive while a snapshot is on its way. Bounded: when full, the oldest go first, which costs
 * nothing but the right to use a snapshot as old as they are.
 */
export class DeltaBuffer {
  readonly #deltas: BufferedDelta[] = [];
  readonly #maxDeltas: number;
  readonly #maxLevels: number;
  #levels = 0;

  constructor(maxDeltas: number, maxLevels: number) {
    this.#maxDeltas = maxDeltas;
    this.#maxLevels = maxLevels;
  }

  get first(): BufferedDelta | undefined {
    return this.#deltas[0];
  }

  /** Update id after the newest delta; -1 when there is none. */
  get lastId(): number {
    return this.#deltas.at(-1)?.update.lastId ?? -1;
  }

  push(update: BookUpdate, previousId: number): void {
    this.#deltas.push({ update: copy(update), previousId });
    this.#levels += levelsOf(update);
    while (
      this.#deltas.length > this.#maxDeltas ||
      (this.#levels > this.#maxLevels && this.#deltas.length > 1)
    ) {
      this.#levels -= levelsOf(this.#deltas.shift()!.update);
    }
  }

  /** Gives all of them, oldest first, and keeps none. */
  drain(): readonly BufferedDelta[] {
    this.#levels = 0;
    return this.#deltas.splice(0);
  }

  clear(): void {
    this.drain();
  }
}

function levelsOf(update: BookUpdate): number {
  return update.bidCount + update.askCount;
}

function copy(update: BookUpdate): BookUpdate {
  return {
    ...update,
    bidPrices: update.bidPrices.slice(0, update.bidCount),
    bidSizes: update.bidSizes.slice(0, update.bidCount),
    askPrices: update.askPrices.slice(0, update.askCount),
    askSizes: update.askSizes.slice(0, update.askCount),
  };
}
