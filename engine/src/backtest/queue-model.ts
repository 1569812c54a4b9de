/**
 * Where a resting order stands in the queue of its price level, guessed from price-level data alone. Venues that publish
 * levels and not orders leave open whether a shrinking level lost quantity ahead of us or behind us; a model decides.
 * Models and names follow hftbacktest (its docs/order_fill.rst and Rigtorp, "Estimating order queue position").
 */
export interface QueuePosition {
  /** Displayed quantity ahead of the order, size units. Never negative. */
  ahead: number;
  /** Quantity traded at the level since its size last changed: that part of the next decrease is explained. */
  traded: number;
}

export interface QueueModel {
  /** The level's displayed size went from `previous` to `current`; changes `position.ahead`, never upward. */
  onLevelChange(position: QueuePosition, previous: number, current: number): void;
}

/** Shapes of the probability that a decrease happened behind us, for `back` behind and `front` ahead. */
export type ProbabilityProfile =
  /** `f(back) / (f(back) + f(front))`, f(x) = x^n or log(1 + x) */
  | 'power'
  | 'log'
  /** `f(back) / f(back + front)` */
  | 'power2'
  | 'log2'
  /** `1 - f(front / (front + back))` */
  | 'power3';

export type QueueModelOptions =
  | { readonly kind: 'risk-averse' }
  | {
      readonly kind: 'probability';
      readonly profile: ProbabilityProfile;
      /** n of the power profiles. Default 3. */
      readonly exponent?: number;
    };

/** The model `options` describes; risk averse without them. Throws a RangeError on an exponent that is not positive. */
export function queueModel(options: QueueModelOptions = { kind: 'risk-averse' }): QueueModel {
  if (options.kind === 'risk-averse') return RISK_AVERSE;
  return new ProbabilityQueueModel(probabilityBehind(options.profile, options.exponent ?? 3));
}

/** Every cancellation is behind us, until the level is smaller than what we thought ahead of us. */
const RISK_AVERSE: QueueModel = {
  onLevelChange(position, _previous, current) {
    position.traded = 0;
    position.ahead = Math.min(position.ahead, current);
  },
};

/** A decrease that trades do not explain is split by a probability; the part ahead moves us forward, rounded against us. */
class ProbabilityQueueModel implements QueueModel {
  readonly #behind: (front: number, back: number) => number;

  constructor(behind: (front: number, back: number) => number) {
    this.#behind = behind;
  }

  onLevelChange(position: QueuePosition, previous: number, current: number): void {
    const decrease = previous - current - position.traded;
    position.traded = 0;
    if (decrease > 0) {
      const front = position.ahead;
      const back = Math.max(0, previous - front);
      const behind = back === 0 ? 0 : front === 0 ? 1 : this.#behind(front, back);
      // What cannot have gone from behind us, because less stood there, went from ahead.
      const gone = (1 - behind) * decrease + Math.max(0, behind * decrease - back);
      position.ahead = Math.max(0, Math.ceil(front - gone));
    }
    position.ahead = Math.min(position.ahead, current);
  }
}

function probabilityBehind(profile: ProbabilityProfile, n: number): (front: number, back: number) => number {
  if (!(n > 0)) throw new RangeError(`queue model: the exponent must be positive, was ${n}`);
  switch (profile) {
    // x^n over a common total: the same quotient, and quantities in size units do not overflow a double.
    case 'power':
      return (front, back) => 1 / (1 + (front / back) ** n);
    case 'power2':
      return (front, back) => (back / (front + back)) ** n;
    case 'power3':
      return (front, back) => 1 - (front / (front + back)) ** n;
    case 'log':
      return (front, back) => Math.log1p(back) / (Math.log1p(back) + Math.log1p(front));
    case 'log2':
      return (front, back) => Math.log1p(back) / Math.log1p(back + front);
  }
}
