import { setTimeout as sleep } from 'node:timers/promises';
import { EventKind, type EventSink } from '../domain/index.js';
import type { Logger } from '../telemetry/index.js';
import type { ExecutionPort, VenueOpenOrder } from '../venues/index.js';

export interface ShutdownOptions {
  readonly sink: EventSink;
  readonly execution: ExecutionPort;
  /** Our orders the kernel believes may still be open. */
  readonly openOrders: () => number;
  readonly logger: Logger;
  /** For the whole of it, milliseconds. */
  readonly deadlineMs: number;
}

export interface ShutdownReport {
  /** True when the venue itself said that none of our orders is open. */
  readonly verified: boolean;
  /** Orders of ours the venue still lists; empty when verified. */
  readonly left: readonly VenueOpenOrder[];
  readonly detail: string;
  /** Nothing was verified because it is not this process's to end: another engine leads and has our orders. */
  readonly elsewhere?: true;
}

const POLL_MS = 10;

/**
 * Stops the strategies, waits for the kernel's cancels to be confirmed, then asks the venue: the answer of the venue,
 * not our own belief, decides. Whatever of ours it still lists is cancelled and asked about again until the deadline.
 */
export async function shutDown(options: ShutdownOptions): Promise<ShutdownReport> {
  const { sink, execution, logger } = options;
  const deadline = performance.now() + options.deadlineMs;
  try {
    sink({ kind: EventKind.StrategiesStopped, tsEvent: 0, tsInit: 0 });
  } catch (error) {
    // Whatever broke the engine must not keep us from the venue's list.
    logger.error('the engine could not stop its strategies', { error });
  }
  // The kernel's own cancels get half the time; after that the venue's list is the better guide.
  const half = performance.now() + options.deadlineMs / 2;
  while (options.openOrders() > 0 && performance.now() < half) await sleep(POLL_MS);

  let left: readonly VenueOpenOrder[] = [];
  let detail = 'the venue could not be asked before the deadline';
  while (performance.now() < deadline) {
    try {
      const open = await within(deadline, execution.openOrders());
      left = open.filter(({ own }) => own);
      if (left.length === 0) {
        logger.info('verified with the venue: none of our orders is open', { foreign: open.length });
        return { verified: true, left, detail: 'none of our orders is open at the venue' };
      }
      detail = `${left.length} of our orders are still open at the venue`;
      logger.warn('orders still open at the venue: cancelling again', { orders: left.length });
      await within(deadline, Promise.allSettled(left.map((order) => execution.cancelOpen(order))));
      await sleep(POLL_MS * 5);
    } catch (error) {
      detail = `the venue could not be asked: ${error instanceof Error ? error.message : String(error)}`;
      logger.warn('could not verify open orders with the venue', { error });
      await sleep(POLL_MS * 10);
    }
  }
  logger.error('shutdown could not be verified', {
    detail,
    orders: left.map((order) => order.clientOrderId),
  });
  return { verified: false, left, detail };
}

async function within<T>(deadline: number, work: Promise<T>): Promise<T> {
  const timeout = new AbortController();
  const late = sleep(Math.max(0, deadline - performance.now()), undefined, { signal: timeout.signal }).then(
    () => {
      throw new Error('no answer before the deadline');
    },
  );
  // When the work wins, the abandoned timer rejects with an AbortError nobody is waiting for.
  late.catch(() => {});
  try {
    return await Promise.race([work, late]);
  } finally {
    timeout.abort();
  }
}
