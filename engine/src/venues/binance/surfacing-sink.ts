import type { EventSink } from '../../domain/index.js';

/**
 * An exception of the sink is a fault of the engine, none of the venue: where the network is awaited it must not be taken
 * for a request that failed, logged as that and tried again. So it is thrown where nobody here can catch it, as an uncaught
 * exception. What else the same turn has to tell is not handed to a sink that has just failed.
 */
export function surfacing(sink: EventSink): EventSink {
  let failed = false;
  return (event) => {
    if (failed) return;
    try {
      sink(event);
    } catch (error) {
      failed = true;
      queueMicrotask(() => {
        failed = false;
        throw error;
      });
    }
  };
}
