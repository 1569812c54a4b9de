import { epochOf, type LedgerEntry } from './ledger.js';
import type { Judge, Violation } from './violation.js';

/** The beginning of a leader's trading, as the venue saw it. */
export interface Term {
  readonly epoch: number;
  /** When its first order was accepted, microseconds since 1970. */
  readonly firstOrderUs: number;
}

/**
 * No client order id is accepted twice; and once the first order of an epoch has arrived, nothing of an earlier epoch
 * does: no order, and no cancel over a connection that an earlier leader traded on.
 */
export class LeadershipJudge implements Judge {
  readonly violations: Violation[] = [];
  /** In the order in which they began to trade. */
  readonly terms: Term[] = [];
  readonly #accepted = new Set<string>();
  /** The latest epoch that placed an order over a connection. */
  readonly #epochOfPeer = new Map<string, number>();

  accept(entry: LedgerEntry): void {
    if (entry.kind === 'accepted') this.#onAccepted(entry.us, entry.clientOrderId);
    else if (entry.kind === 'request') this.#onRequest(entry);
  }

  #onAccepted(us: number, clientOrderId: string): void {
    if (this.#accepted.has(clientOrderId)) {
      this.violations.push({ check: 'order duplicated', us, detail: `${clientOrderId} was accepted twice` });
    }
    this.#accepted.add(clientOrderId);
    const epoch = epochOf(clientOrderId);
    if (epoch === undefined) return;
    if (epoch > (this.terms.at(-1)?.epoch ?? -1)) this.terms.push({ epoch, firstOrderUs: us });
  }

  #onRequest({ us, peer, method, clientOrderId, status }: LedgerEntry & { readonly kind: 'request' }): void {
    const places = method === 'order.place' || method === 'order.cancelReplace';
    const named = places ? epochOf(clientOrderId) : undefined;
    if (named !== undefined) {
      this.#epochOfPeer.set(peer, Math.max(named, this.#epochOfPeer.get(peer) ?? 0));
    }
    const epoch = named ?? this.#epochOfPeer.get(peer);
    const leader = this.terms.at(-1);
    if (epoch === undefined || leader === undefined || epoch >= leader.epoch) return;
    const late = ((us - leader.firstOrderUs) / 1000).toFixed(1);
    this.violations.push({
      check: 'two leaders',
      us,
      detail: `${method} ${clientOrderId} of epoch ${epoch} from ${peer} (answered ${status}) ${late} ms after the first order of epoch ${leader.epoch}`,
    });
  }
}
