import type { Prng } from './prng.js';

/** How the market is behaving. Multipliers are on the calm-to-normal scale; spreads in ticks. */
interface Regime {
  readonly volatility: number;
  readonly activity: number;
  readonly spreadMin: number;
  readonly spreadMax: number;
  /** Mean stay in seconds. */
  readonly stay: number;
}

const REGIMES: readonly Regime[] = [
  { volatility: 0.6, activity: 0.75, spreadMin: 1, spreadMax: 2, stay: 40 },
  { volatility: 1, activity: 1, spreadMin: 1, spreadMax: 4, stay: 30 },
  { volatility: 1.8, activity: 1.5, spreadMin: 2, spreadMax: 8, stay: 15 },
];

/** Seconds between bursts of momentum, and how long and far (bps) one goes. */
const BURST_EVERY = 20;
const BURST_SECONDS = 1.5;
const BURST_BPS = 3;

export interface FundamentalOptions {
  /** In price units. */
  readonly startPrice: number;
  /** Basis points per square root of a second. */
  readonly volatilityBps: number;
  /** Seconds in which half of a departure from the start price is expected to be gone. */
  readonly halfLife: number;
}

/**
 * What the asset is worth to the informed: a mean-reverting walk whose volatility depends on a regime that comes and
 * goes, with bursts of momentum. A statistic, hence in floating point; orders are rounded to the symbol's grid.
 */
export class Fundamental {
  readonly #random: Prng;
  readonly #reversion: number;
  readonly #volatility: number;
  /** Departure from the start price, in basis points. */
  #departure = 0;
  readonly #start: number;
  #regime = 1;
  #regimeLeft: number;
  #burstLeft = 0;
  #burstRate = 0;
  #nextBurst: number;

  constructor(random: Prng, options: FundamentalOptions) {
    this.#random = random;
    this.#start = options.startPrice;
    this.#volatility = options.volatilityBps;
    this.#reversion = Math.LN2 / options.halfLife;
    this.#regimeLeft = random.exponential(REGIMES[1]!.stay);
    this.#nextBurst = random.exponential(BURST_EVERY);
  }

  /** In price units. */
  get price(): number {
    return this.#start * Math.exp(this.#departure / 10_000);
  }

  /** Multiplier on the rate of arrivals. */
  get activity(): number {
    return REGIMES[this.#regime]!.activity * (this.#burstLeft > 0 ? 1.6 : 1);
  }

  /** -1, 0 or 1: where a burst is going. */
  get momentum(): number {
    return this.#burstLeft > 0 ? Math.sign(this.#burstRate) : 0;
  }

  /** How many ticks wide makers quote just now. */
  targetSpread(): number {
    const { spreadMin, spreadMax } = REGIMES[this.#regime]!;
    return spreadMin + this.#random.below(spreadMax - spreadMin + 1);
  }

  /** Moves on by `seconds`. */
  advance(seconds: number): void {
    this.#regimeLeft -= seconds;
    if (this.#regimeLeft <= 0) {
      this.#regime = (this.#regime + 1 + this.#random.below(REGIMES.length - 1)) % REGIMES.length;
      this.#regimeLeft = this.#random.exponential(REGIMES[this.#regime]!.stay);
    }
    this.#nextBurst -= seconds;
    if (this.#nextBurst <= 0) {
      this.#nextBurst = this.#random.exponential(BURST_EVERY);
      this.#burstLeft = BURST_SECONDS * (0.5 + this.#random.uniform());
      const size = this.#random.logNormal(BURST_BPS, 0.5);
      this.#burstRate =
        ((this.#random.chance(0.5) ? size : -size) / this.#burstLeft) * (this.#volatility > 0 ? 1 : 0);
    }
    let drift = -this.#departure * (1 - Math.exp(-this.#reversion * seconds));
    if (this.#burstLeft > 0) {
      drift += this.#burstRate * Math.min(seconds, this.#burstLeft);
      this.#burstLeft -= seconds;
    }
    const deviation = this.#volatility * REGIMES[this.#regime]!.volatility * Math.sqrt(seconds);
    this.#departure += drift + deviation * this.#random.normal();
  }
}
