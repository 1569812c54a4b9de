export type Topic =
  | 'placement'
  | 'availability'
  | 'recovery'
  | 'hosts'
  | 'network'
  | 'venues'
  | 'records'
  | 'second Region'
  | 'operations';

/** What a choice in an environment file entails, right or wrong: printed whenever it is checked or synthesized. */
export interface Consequence {
  readonly topic: Topic;
  /** The setting and its value, e.g. `placement.standby: same-group`. */
  readonly choice: string;
  /** A sentence without its period. */
  readonly consequence: string;
  /** `irreversible`: can not be taken back once deployed. `warning`: a risk or a cost somebody should want. */
  readonly severity: 'info' | 'warning' | 'irreversible';
}

/** Says consequences of one topic. */
export function about(topic: Topic) {
  return (severity: Consequence['severity'], choice: string, consequence: string): Consequence => ({
    topic,
    choice,
    consequence,
    severity,
  });
}
