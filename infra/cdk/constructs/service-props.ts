import type { EnvironmentPlan } from '../../model/index.js';
import type { KeyRefs, NetworkRefs } from '../refs.js';

/** What each of the optional data services is made from. */
export interface ServiceProps<T> {
  readonly plan: EnvironmentPlan;
  readonly keys: KeyRefs;
  readonly network: NetworkRefs;
  /** Its section of the environment file. */
  readonly settings: T;
}

type Data = EnvironmentPlan['config']['data'];

export type PostgresProps = ServiceProps<NonNullable<Data['postgres']>>;
export type RedisProps = ServiceProps<NonNullable<Data['redis']>>;
export type KafkaProps = ServiceProps<NonNullable<Data['kafka']>>;
