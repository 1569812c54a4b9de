import type { Knob } from './knob-schema.js';

/** A setting that the profiles disagree about. */
export interface ProfileDifference {
  readonly knob: string;
  readonly title: string;
  readonly audited: string;
  readonly maxSpeed: string;
  /** What max-speed gives up in security or audit. */
  readonly relaxes: string;
}

/** Everything that `max-speed` has otherwise than `audited`. The table's loader sees to it that each has its price. */
export function profileDifferences(knobs: readonly Knob[]): ProfileDifference[] {
  return knobs.flatMap(({ id, title, wanted, relaxes }) =>
    relaxes === undefined
      ? []
      : [{ knob: id, title, audited: wanted.audited, maxSpeed: wanted['max-speed'], relaxes }],
  );
}
