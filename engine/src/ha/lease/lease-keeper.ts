import { HandoverQuestion } from './handover-question.js';
import { claimedRow, isHeldBy, predecessorOf, releasedRow, renewedRow, whyLost } from './keeper-rows.js';
import type {
  KeeperAction,
  KeeperIdentity,
  KeeperPhase,
  KeeperView,
  Predecessor,
  SentWrite,
  YieldRequest,
} from './keeper-types.js';
import { type LeaseRow, NOBODY } from './lease-row.js';
import type { WriteOutcome } from './lease-store.js';
import type { LeaseTiming } from './lease-timing.js';
import { Willingness } from './willingness.js';

export interface KeeperOptions {
  readonly identity: KeeperIdentity;
  readonly timing: LeaseTiming;
  /** A new unique text per call. */
  readonly nextWriteId: () => string;
  /** ISO time for people. */
  readonly wallClock: () => string;
  /** No claim takes a lower epoch, whatever the row says: a store that was lost must not bring an old one back. Default 0. */
  readonly epochFloor?: number;
  /** True: a handover that somebody else wrote into the row (`requested`) is begun. Default: it is taken out again. */
  readonly heedsRequests?: boolean;
}

const NEVER = Number.NEGATIVE_INFINITY;
/** After a read that failed; the table gets no second request at once. */
const RETRY_MS = 20;

/**
 * Decides who may run the engine. Pure: the monotonic time and what was observed enter, actions leave; it holds no timer
 * and does no I/O, so that a model can drive two of them through every order of events.
 *
 * Two facts keep two engines from running at once. The permission of a holder counts from BEFORE the renewal it rests on
 * was sent; an observer's patience counts from AFTER it received that renewal's version. And a claim is a compare-and-set
 * on that very version, so a renewal that was still on its way makes it fail.
 */
export class LeaseKeeper {
  readonly #identity: KeeperIdentity;
  readonly #timing: LeaseTiming;
  readonly #options: KeeperOptions;
  #phase: KeeperPhase = 'securing';
  #row: LeaseRow | undefined;
  /** When the row's version was first received; undefined before the first read. */
  #seenAtMs: number | undefined;
  /** The highest epoch ever seen: a deleted or restored row must not bring an old one back. */
  #highestEpoch = 0;
  #epoch = 0;
  #permittedUntilMs = NEVER;
  #nextAtMs = NEVER;
  #busy: 'read' | SentWrite | undefined;
  /** A write whose reply was lost: it counts if a read finds it. */
  #doubtful: SentWrite | undefined;
  #stopSerial = 0;
  #takenFrom: Predecessor = { expired: false };
  #yield: (YieldRequest & { readonly untilMs: number }) | undefined;
  #engineDead = false;
  readonly #will: Willingness;
  #lookAgain = false;
  readonly #question = new HandoverQuestion();

  constructor(options: KeeperOptions) {
    this.#options = options;
    this.#identity = options.identity;
    this.#timing = options.timing;
    this.#will = new Willingness(options.identity.host);
  }

  view(nowMs: number): KeeperView {
    return {
      phase: this.#phase,
      row: this.#row,
      leaseAgeMs: this.#seenAtMs === undefined ? Number.POSITIVE_INFINITY : nowMs - this.#seenAtMs,
      permittedUntilMs: this.#permittedUntilMs,
      unwilling: this.#unwilling(nowMs),
    };
  }

  /** To be called once, first: whatever engine an earlier agent left is ended before the lease is looked at. */
  begin(): KeeperAction[] {
    return this.#secure('the agent started');
  }

  /** A held host does not claim; one that leads goes on until it is asked to hand over. */
  hold(held: boolean, why = 'on hold'): void {
    this.#will.reluctance = held ? why : undefined;
  }

  /** While what it guards stands still, a holder does not renew and an observer does not claim. */
  stall(stalled: boolean): void {
    this.#will.stalled = stalled;
  }

  /** Somebody knows that the lease has changed, or has to: the next tick looks, or renews, whatever the time. */
  lookNow(): void {
    if (this.#phase !== 'observing' && this.#phase !== 'leading') return;
    this.#nextAtMs = NEVER;
    this.#lookAgain = this.#busy !== undefined;
  }

  /** Asks the other side to take over. False when this host does not lead. */
  askHandover(): boolean {
    if (this.#phase !== 'leading') return false;
    this.#question.ask();
    this.lookNow();
    return true;
  }

  /** Takes the question back, e.g. because nobody answered. */
  cancelHandover(): void {
    this.#question.takeBack();
  }

  /** A handover was asked, here or through the row, and not yet taken back. */
  get handoverWanted(): boolean {
    return this.#question.wanted;
  }

  /** True once the other side has said that it is there and willing. */
  get handoverAccepted(): boolean {
    return this.#question.asked && this.#row?.handover === 'accepted';
  }

  /** To be called at least every `tickMs`. */
  tick(nowMs: number): KeeperAction[] {
    if (this.#phase === 'leading' || this.#phase === 'yielding') {
      if (nowMs >= this.#permittedUntilMs) {
        return this.#lose(nowMs, `not renewed for ${this.#timing.selfFenceMs} ms`);
      }
      if (this.#yield !== undefined && nowMs >= this.#yield.untilMs) {
        return this.#lose(nowMs, 'the engine did not stop in time');
      }
    }
    if (this.#busy !== undefined || nowMs < this.#nextAtMs) {
      // An expiry may fall between two reads.
      if (this.#busy === undefined && this.#phase === 'observing' && this.#mayClaim(nowMs)) {
        return this.#claim(nowMs);
      }
      return [];
    }
    if (this.#phase === 'securing') return this.#read(nowMs);
    if (this.#phase === 'observing') {
      return this.#mayClaim(nowMs) ? this.#claim(nowMs) : this.#read(nowMs);
    }
    if (this.#doubtful !== undefined || this.#seenAtMs === undefined) return this.#read(nowMs);
    if (this.#phase === 'yielding' && this.#engineDead) return this.#release(nowMs);
    return this.#will.stalled ? [] : this.#renew(nowMs);
  }

  /** The lease was read: the row, undefined when there is none, or an Error when it could not be read. */
  onRead(nowMs: number, result: LeaseRow | undefined | Error): KeeperAction[] {
    this.#busy = undefined;
    if (result instanceof Error) {
      this.#nextAtMs = nowMs + RETRY_MS;
      return this.#phase === 'observing' || this.#phase === 'securing' ? [] : this.tick(nowMs);
    }
    this.#observe(nowMs, result);
    this.#nextAtMs = this.#lookAgain ? NEVER : nowMs + this.#timing.observeEveryMs;
    this.#lookAgain = false;
    const mine = this.#settleDoubt(result);
    if (this.#phase === 'leading' || this.#phase === 'yielding') {
      const lost = whyLost(result, this.#identity, this.#epoch);
      if (mine?.purpose === 'release') return this.#released(nowMs);
      if (lost !== undefined) return this.#lose(nowMs, lost);
      if (this.#phase === 'leading') this.#question.heed(result?.handover, this.#options.heedsRequests);
      // Back to renewing: at once, for the question may have been asked because a renewal failed.
      this.#nextAtMs = NEVER;
      return [...(mine === undefined ? [] : [this.#permit()]), ...this.tick(nowMs)];
    }
    if (this.#phase !== 'observing') return [];
    if (mine?.purpose === 'claim') return this.#lead(nowMs, mine);
    if (
      result?.handover === 'asked' &&
      !isHeldBy(result, this.#identity) &&
      this.#unwilling(nowMs) === undefined
    ) {
      return this.#write(nowMs, 'accept', { ...result, handover: 'accepted' }, result);
    }
    return this.#mayClaim(nowMs) ? this.#claim(nowMs) : [];
  }

  /** The outstanding write ended. */
  onWritten(nowMs: number, outcome: WriteOutcome): KeeperAction[] {
    const sent = this.#busy;
    this.#busy = undefined;
    if (sent === undefined || sent === 'read') return [];
    if (outcome.kind !== 'stored') {
      // Only a read can tell what the row is now, or whether our own write is in it.
      this.#doubtful = outcome.kind === 'unknown' ? sent : undefined;
      this.#nextAtMs = nowMs;
      const why = outcome.kind === 'unknown' ? outcome.error : 'the version had moved on';
      const tell: KeeperAction = {
        kind: 'tell',
        what: `${sent.purpose} not confirmed`,
        detail: { outcome: outcome.kind, why, version: sent.row.version },
      };
      if ((this.#phase === 'leading' || this.#phase === 'yielding') && nowMs >= this.#permittedUntilMs) {
        return [tell, ...this.tick(nowMs)];
      }
      return [tell, ...this.#read(nowMs)];
    }
    this.#nextAtMs = nowMs + this.#timing.observeEveryMs;
    if (sent.purpose === 'accept') {
      // Our own answer is no sign of life of the holder: its time goes on.
      this.#row = sent.row;
      return [];
    }
    this.#observe(nowMs, sent.row);
    if (sent.purpose === 'claim') return this.#phase === 'observing' ? this.#lead(nowMs, sent) : [];
    if (sent.purpose === 'release') return this.#phase === 'yielding' ? this.#released(nowMs) : [];
    if (this.#phase !== 'leading' && this.#phase !== 'yielding') return [];
    return [...this.#renewed(sent), ...this.tick(nowMs)];
  }

  /** The promotion of `epoch` is done: start the engine if the lease is still the same one. */
  startEngine(nowMs: number, epoch: number): KeeperAction[] {
    if (this.#phase !== 'leading' || this.#epoch !== epoch || nowMs >= this.#permittedUntilMs) return [];
    this.#engineDead = false;
    return [{ kind: 'start-engine', epoch, deadlineMs: this.#permittedUntilMs }];
  }

  /** Gives the lease up once the engine is dead. Nothing happens when this host does not lead. */
  yieldLease(nowMs: number, request: YieldRequest): KeeperAction[] {
    if (this.#phase !== 'leading') {
      this.#will.quiet(nowMs + request.quietMs);
      return [];
    }
    this.#phase = 'yielding';
    this.#yield = { ...request, untilMs: nowMs + request.patienceMs };
    return [this.#stop(request.how, request.reason)];
  }

  /** The engine's process is certainly gone; `serial` names the stop that this answers. */
  onEngineDead(nowMs: number, serial: number): KeeperAction[] {
    if (serial !== this.#stopSerial) return [];
    if (this.#phase === 'securing') {
      this.#phase = 'observing';
      this.#nextAtMs = NEVER;
      return this.tick(nowMs);
    }
    if (this.#phase !== 'yielding') return [];
    this.#engineDead = true;
    this.#nextAtMs = NEVER;
    return this.tick(nowMs);
  }

  #unwilling(nowMs: number): string | undefined {
    return this.#will.unwilling(nowMs, this.#row?.fenced);
  }

  #mayClaim(nowMs: number): boolean {
    if (this.#seenAtMs === undefined || this.#doubtful !== undefined) return false;
    if (this.#unwilling(nowMs) !== undefined) return false;
    const row = this.#row;
    // A row that was deleted, or is older than what was seen here before, says nothing of a holder that does not know yet.
    const current = row !== undefined && row.epoch === this.#highestEpoch;
    // Our own old term: its engine is dead, for this phase is only entered then.
    if (current && isHeldBy(row, this.#identity)) return true;
    // A holder that let go did so after its engine died.
    if (current && row.holder === NOBODY) return true;
    return nowMs - this.#seenAtMs >= Math.max(row?.expireAfterMs ?? 0, this.#timing.expireAfterMs);
  }

  #observe(nowMs: number, row: LeaseRow | undefined): void {
    const changed = row?.version !== this.#row?.version || row?.writeId !== this.#row?.writeId;
    if (changed || this.#seenAtMs === undefined) this.#seenAtMs = nowMs;
    this.#row = row;
    if (row && row.holder !== NOBODY && !isHeldBy(row, this.#identity)) this.#will.taken();
    this.#highestEpoch = Math.max(this.#highestEpoch, row?.epoch ?? 0);
  }

  /** A read found the write whose reply was lost: it counts from when it was sent. */
  #settleDoubt(row: LeaseRow | undefined): SentWrite | undefined {
    const sent = this.#doubtful;
    if (sent === undefined) return undefined;
    this.#doubtful = undefined;
    if (row?.writeId !== sent.row.writeId) return undefined;
    const current = this.#phase === 'leading' || this.#phase === 'yielding';
    if (sent.purpose === 'renew' && current) this.#renewed(sent);
    return sent;
  }

  #read(nowMs: number): KeeperAction[] {
    this.#busy = 'read';
    this.#nextAtMs = nowMs + this.#timing.observeEveryMs;
    return [{ kind: 'read' }];
  }

  #write(
    nowMs: number,
    purpose: SentWrite['purpose'],
    row: LeaseRow,
    over: LeaseRow | undefined,
  ): KeeperAction[] {
    const next: LeaseRow = {
      ...row,
      version: (over?.version ?? 0) + 1,
      writeId: this.#options.nextWriteId(),
      updatedAt: this.#options.wallClock(),
    };
    if (purpose === 'claim') {
      this.#takenFrom = predecessorOf(over, this.#identity, this.#takenFrom);
    }
    this.#busy = { purpose, row: next, sentAtMs: nowMs, from: this.#takenFrom };
    return [{ kind: 'write', row: next, expected: over?.version }];
  }

  #claim(nowMs: number): KeeperAction[] {
    const over = this.#row;
    const epoch = Math.max(this.#highestEpoch + 1, this.#options.epochFloor ?? 0);
    return this.#write(nowMs, 'claim', claimedRow(this.#identity, this.#timing, epoch, over), over);
  }

  #renew(nowMs: number): KeeperAction[] {
    const over = this.#row!;
    return this.#write(
      nowMs,
      'renew',
      renewedRow(over, this.#identity, this.#question.next(over.handover)),
      over,
    );
  }

  #release(nowMs: number): KeeperAction[] {
    return this.#write(nowMs, 'release', releasedRow(this.#row!), this.#row);
  }

  #lead(nowMs: number, claim: SentWrite): KeeperAction[] {
    this.#permittedUntilMs = claim.sentAtMs + this.#timing.selfFenceMs;
    // Heard of it too late: the claim is our own old term now, and is made again.
    if (nowMs >= this.#permittedUntilMs) {
      this.#permittedUntilMs = NEVER;
      this.#nextAtMs = NEVER;
      return this.tick(nowMs);
    }
    this.#phase = 'leading';
    this.#epoch = claim.row.epoch;
    this.#engineDead = true;
    this.#takenFrom = { expired: false };
    this.#yield = undefined;
    this.#question.takeBack();
    this.#nextAtMs = claim.sentAtMs + this.#timing.renewEveryMs;
    return [
      { kind: 'tell', what: 'lease gained', detail: { epoch: this.#epoch, ...claim.from } },
      this.#permit(),
      { kind: 'promote', epoch: this.#epoch, from: claim.from },
    ];
  }

  #renewed(sent: SentWrite): KeeperAction[] {
    this.#question.stored(sent.row.handover);
    this.#permittedUntilMs = Math.max(this.#permittedUntilMs, sent.sentAtMs + this.#timing.selfFenceMs);
    // What is to be told has come up behind this renewal, or the lease can go.
    const isUrgent = this.#lookAgain || (this.#engineDead && this.#phase === 'yielding');
    this.#nextAtMs = isUrgent ? NEVER : sent.sentAtMs + this.#timing.renewEveryMs;
    this.#lookAgain = false;
    return [this.#permit()];
  }

  #permit(): KeeperAction {
    return { kind: 'permit', epoch: this.#epoch, deadlineMs: this.#permittedUntilMs };
  }

  #released(nowMs: number): KeeperAction[] {
    const { reason, quietMs, untilTaken } = this.#yield!;
    this.#will.quiet(nowMs + quietMs, untilTaken);
    this.#phase = 'observing';
    this.#permittedUntilMs = NEVER;
    this.#yield = undefined;
    this.#question.takeBack();
    return [{ kind: 'tell', what: 'lease released', detail: { epoch: this.#epoch, reason } }];
  }

  #lose(nowMs: number, reason: string): KeeperAction[] {
    // A host that was on its way out does not come back before its time.
    this.#will.quiet(nowMs + (this.#yield?.quietMs ?? 0));
    return [
      { kind: 'tell', what: 'lease lost', detail: { epoch: this.#epoch, reason } },
      ...this.#secure(reason),
    ];
  }

  #secure(reason: string): KeeperAction[] {
    this.#phase = 'securing';
    this.#permittedUntilMs = NEVER;
    this.#yield = undefined;
    this.#question.takeBack();
    return [this.#stop('kill', reason)];
  }

  #stop(how: 'graceful' | 'kill', reason: string): KeeperAction {
    this.#stopSerial += 1;
    this.#engineDead = false;
    return { kind: 'stop-engine', how, serial: this.#stopSerial, reason };
  }
}
