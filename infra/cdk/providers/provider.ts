import type { Construct } from 'constructs';

/** Creates something in `scope` or refers to one that exists, as the environment says; whoever uses it can not tell. */
export interface Provider<T> {
  provide(scope: Construct): T;
}
