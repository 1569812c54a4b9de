import type { Prng } from './prng.js';

/** Excitation never exceeds this many times the base rate: outside pushes must not set off an avalanche. */
const CEILING = 12;

/**
 * When things happen: a self-exciting (Hawkes) process with exponential memory. Each arrival makes further arrivals
 * more likely for a while, so that activity comes in clusters as it does on real venues.
 *
 * Sampled by Ogata's thinning: between arrivals the intensity only falls, so its present value bounds it.
 */
export class HawkesClock {
  readonly #random: Prng;
  readonly #jump: number;
  readonly #decay: number;
  #excitation = 0;

  /** `branching` (below 1) is the expected number of arrivals one arrival causes, `memory` their mean delay in seconds. */
  constructor(random: Prng, branching: number, memory: number) {
    this.#random = random;
    this.#decay = 1 / memory;
    this.#jump = branching / memory;
  }

  /** Seconds to the next arrival, when `base` arrivals per second would come by themselves. */
  next(base: number): number {
    let elapsed = 0;
    this.#excitation = Math.min(this.#excitation, CEILING * base);
    for (;;) {
      const bound = base + this.#excitation;
      const step = this.#random.exponential(1 / bound);
      elapsed += step;
      this.#excitation *= Math.exp(-this.#decay * step);
      if (this.#random.uniform() * bound <= base + this.#excitation) break;
    }
    this.#excitation += this.#jump;
    return elapsed;
  }

  /** As if `arrivals` had just happened. */
  excite(arrivals: number): void {
    this.#excitation += this.#jump * arrivals;
  }
}
