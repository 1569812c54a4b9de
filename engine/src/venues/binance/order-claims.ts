import {
  CLIENT_ORDER_ID_FORMATS,
  type ClientOrderId,
  parseClientOrderId,
  type Side,
} from '../../domain/index.js';
import type { Logger } from '../../telemetry/index.js';
import type { ResumeState } from '../port.js';
import { CANCEL_SUFFIX } from './client-id-reader.js';
import type { ExecutionMetrics } from './execution-metrics.js';
import type { OrderRegistry } from './order-registry.js';

/** Whose an order with our prefix is. */
export const Claim = {
  /** The connector or the kernel knows it. */
  Known: 0,
  /** An earlier run sent it and did not live to tell: to be adopted. */
  Unknown: 1,
  /** Somebody under a higher epoch sent it: not ours to touch. */
  Superior: 2,
} as const;
export type Claim = (typeof Claim)[keyof typeof Claim];

/** Most orders of a symbol remembered so as to be reported once each. */
const REPORTED_KEPT = 4_096;
const FORMAT = CLIENT_ORDER_ID_FORMATS.binance;

/** Our numbers in a client order id, or in the id our cancel gave the order. */
export function ownIdOf(clientOrderId: string): ClientOrderId | undefined {
  const id = clientOrderId.endsWith(CANCEL_SUFFIX)
    ? clientOrderId.slice(0, -CANCEL_SUFFIX.length)
    : clientOrderId;
  return parseClientOrderId(FORMAT, id);
}

export interface ClaimOptions {
  readonly registry: OrderRegistry;
  readonly metrics: ExecutionMetrics;
  readonly logger: Logger;
  /** Called once for each epoch above ours that is seen. */
  readonly onSuperseded?: ((epoch: number) => void) | undefined;
}

type Before = Pick<ResumeState, 'epoch' | 'knows' | 'knowsFill'>;

/** Whose orders the venue tells of: ours, those of a leader after us, or somebody else's. What is not ours is told once. */
export class OrderClaims {
  readonly #options: ClaimOptions;
  #resume: Before | undefined;
  /** Highest epoch told of as above ours. */
  #superior = 0;
  /** By symbol, whose own the ids are: venue order ids of what is not ours to touch. */
  readonly #reported = new Map<string, Set<number>>();

  constructor(options: ClaimOptions) {
    this.#options = options;
  }

  /** Without it nothing but the registry is known, and no epoch is too high. */
  set resume(resume: Before | undefined) {
    this.#resume = resume;
  }

  of(epoch: number, sequence: number): Claim {
    const resume = this.#resume;
    if (resume !== undefined && epoch > resume.epoch) return Claim.Superior;
    if (this.#options.registry.find(epoch, sequence) !== undefined) return Claim.Known;
    return resume?.knows(epoch, sequence) === true ? Claim.Known : Claim.Unknown;
  }

  /** Whether the kernel has booked a fill that this process did not tell it of. */
  hasBooked(instrument: number, side: Side, tradeId: number): boolean {
    return this.#resume?.knowsFill(instrument, side, String(tradeId)) === true;
  }

  /** Whether this order has been reported as not ours: asked first, it saves making text of its names. */
  hasReported(symbol: string, orderId: number): boolean {
    return this.#reported.get(symbol)?.has(orderId) === true;
  }

  /** An order that is not ours, open or filled. */
  foreign(orderId: number, symbol: string, clientOrderId: string): void {
    if (!this.#isNew(symbol, orderId)) return;
    const { metrics, logger } = this.#options;
    metrics.foreignOrders.add(1);
    logger.warn('an order that is not ours: it is left alone', { symbol, orderId, clientOrderId });
  }

  /** An order under a higher epoch: somebody else leads, and we should not be sending. */
  superior(orderId: number, epoch: number, symbol: string): void {
    const { metrics, logger, onSuperseded } = this.#options;
    if (this.#isNew(symbol, orderId)) {
      metrics.superseding.add(1);
      logger.error('an order of a later leader: this process has been superseded', {
        ...{ symbol, orderId, epoch },
        ownEpoch: this.#resume?.epoch,
      });
    }
    if (epoch <= this.#superior) return;
    this.#superior = epoch;
    onSuperseded?.(epoch);
  }

  #isNew(symbol: string, orderId: number): boolean {
    let reported = this.#reported.get(symbol);
    if (reported === undefined) {
      reported = new Set();
      this.#reported.set(symbol, reported);
    }
    if (reported.has(orderId)) return false;
    reported.add(orderId);
    if (reported.size > REPORTED_KEPT) {
      for (const oldest of reported) {
        reported.delete(oldest);
        break;
      }
    }
    return true;
  }
}
