import { setTimeout as sleep } from 'node:timers/promises';
import { resolvePairSecret } from '../config/index.js';
import { type LeaderSeen, Leadership, leasePlace, leaseTiming } from '../ha/index.js';
import { systemClock } from '../telemetry/index.js';
import { epochFloor } from './epoch.js';
import { type History, openHistory, optionsOf } from './history.js';
import { NodeJournal } from './node-journal.js';
import { PairMetrics } from './pair-metrics.js';
import type { PairNode } from './pair-node.js';
import { waitFor } from './process-guard.js';
import { type SessionResult, TradingSession } from './session.js';
import { venueExecution } from './session-venue.js';
import type { EngineContext } from './solo.js';
import { Standby } from './standby.js';
import type { PairStatus, SessionStatus } from './status.js';
import { TickToTrade } from './tick-to-trade.js';

/** The trading thread shows so often that it turns. */
const BEAT_MS = 10;
const SAMPLE_MS = 200;
/** A standby that has not accepted by then is not there. */
const GOODBYE_MS = 3_000;

/** What a role ends by. */
type Turn =
  | { readonly kind: 'lead'; readonly epoch: number }
  | { readonly kind: 'fenced'; readonly why: string }
  | { readonly kind: 'superseded'; readonly epoch: number }
  | { readonly kind: 'hand-over' }
  | { readonly kind: 'end' };

/** One side of a pair over its life: its lease, and the roles it has one after the other. */
export class PairMember {
  readonly #context: EngineContext;
  readonly #node: PairNode;
  readonly #leadership: Leadership;
  readonly #tickToTrade: TickToTrade;
  readonly #metrics: PairMetrics;
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #end: AbortSignal;
  #leader: LeaderSeen | undefined;
  #standby: Standby | undefined;
  #session: TradingSession | undefined;
  #turns: Turn[] = [];
  #onTurn: (() => void) | undefined;
  #handoverEnded: ((failed: string | undefined) => void) | undefined;
  readonly #startedMs = performance.now();
  /** As it was last, for the moment between two roles. */
  #lastStatus: SessionStatus | undefined;

  static async start(context: EngineContext, node: PairNode): Promise<PairMember> {
    const { config } = context.options.loaded;
    let member: PairMember | undefined;
    const leadership = await Leadership.start({
      place: leasePlace(config.ha.lease),
      node: node.name,
      timing: leaseTiming(config.ha.lease),
      epochFloor: epochFloor(systemClock.nowUs()),
      unwilling: 'starting',
      events: {
        promote: (epoch) => member?.turn({ kind: 'lead', epoch }),
        fenced: (why) => member?.fenced(why),
        handover: () => member?.turn({ kind: 'hand-over' }),
        handoverEnded: (result) => member?.handoverEnded(result),
        leader: (leader) => member?.follow(leader),
        tell: (what, detail) => context.telemetry.logger.info(`lease: ${what}`, detail),
        failed: (error) => {
          throw error;
        },
      },
    });
    member = new PairMember(context, node, leadership);
    return member;
  }

  private constructor(context: EngineContext, node: PairNode, leadership: Leadership) {
    this.#context = context;
    this.#node = node;
    this.#leadership = leadership;
    const { telemetry, options, crashed } = context;
    this.#tickToTrade = new TickToTrade(telemetry.registry);
    this.#metrics = new PairMetrics(telemetry.registry);
    this.#end = AbortSignal.any([options.signal, crashed]);
    this.#timers.push(setInterval(() => leadership.heartbeat(), BEAT_MS));
    this.#timers.push(setInterval(() => this.#sample(), SAMPLE_MS));
    const end = () => this.turn({ kind: 'end' });
    if (this.#end.aborted) end();
    else this.#end.addEventListener('abort', end, { once: true });
    void waitFor(options.forMs, this.#end).then(end);
  }

  /** To the end of this process's part in the pair. */
  async run(): Promise<SessionResult> {
    const { options, telemetry, crashed } = this.#context;
    let result: SessionResult | undefined;
    let started = false;
    while (result === undefined) {
      const standby = new Standby(this.#context, this.#openHistory(), {
        ...{ leadership: this.#leadership, node: this.#node.name, tickToTrade: this.#tickToTrade },
        onSuperseded: (epoch) => {
          this.#leadership.stopSending();
          this.turn({ kind: 'superseded', epoch });
        },
        secret: resolvePairSecret(options.loaded.config, options.env),
      });
      this.#standby = standby;
      if (!started) {
        options.onStart?.({
          logger: telemetry.logger,
          telemetryPort: telemetry.port,
          status: () => this.#status(),
        });
      }
      started = true;
      if (this.#leader !== undefined) standby.follow(this.#leader);
      const turn = await this.#next('lead', 'end');
      this.#standby = undefined;
      result = turn.kind === 'lead' ? await this.#lead(standby, turn.epoch) : await standby.end();
    }
    if (crashed.aborted) throw crashed.reason;
    return result;
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await this.#leadership.close();
  }

  turn(turn: Turn): void {
    this.#turns.push(turn);
    this.#onTurn?.();
  }

  /** The lease must not come back to a side that has yet to find out where it stands, while the other one could lead. */
  fenced(why: string): void {
    this.#leadership.willing(false, 'starting anew');
    this.turn({ kind: 'fenced', why });
  }

  follow(leader: LeaderSeen): void {
    this.#leader = leader;
    this.#standby?.follow(leader);
  }

  handoverEnded(result: { readonly done: unknown } | { readonly failed: string }): void {
    const failed = 'failed' in result ? result.failed : undefined;
    if (failed !== undefined) this.#context.telemetry.logger.warn('handover failed', { why: failed });
    this.#handoverEnded?.(failed);
  }

  /** Waits for a turn of one of `kinds`; what else happens meanwhile has no meaning for the present role. */
  async #next(...kinds: readonly Turn['kind'][]): Promise<Turn> {
    for (;;) {
      const turn = this.#turns.shift();
      if (turn === undefined) {
        await new Promise<void>((resolve) => {
          this.#onTurn = resolve;
        });
        this.#onTurn = undefined;
      } else if (kinds.includes(turn.kind)) return turn;
    }
  }

  #openHistory(): History {
    const { options, telemetry } = this.#context;
    const { config } = options.loaded;
    return openHistory(`${this.#node.folder}/journal`, optionsOf(config, options.version), telemetry.logger);
  }

  /** The result when the process is to end, undefined when it goes on as a standby. */
  async #lead(standby: Standby, epoch: number): Promise<SessionResult | undefined> {
    const { options, telemetry } = this.#context;
    const { config, digest } = options.loaded;
    const { logger } = telemetry;
    const { history, venue, warm } = await standby.promote();
    const journal = await NodeJournal.open(history, {
      ...{ epoch, config, telemetry },
      replication: { node: this.#node.name, secret: resolvePairSecret(config, options.env) },
    });
    this.#leadership.announce(journal.addressFrom(config.ha.advertise));
    const { execution } = venueExecution(venue);
    const session = new TradingSession({
      ...{ config, configDigest: digest, version: options.version, telemetry, clock: systemClock },
      ...{ marketData: venue.marketData, execution, tickToTrade: this.#tickToTrade },
      ...{ kernel: history.kernel, takeEpoch: () => epoch, journal },
      ...(warm !== undefined && { warm }),
    });
    this.#session = session;
    try {
      if (!this.#leadership.promoted()) {
        logger.warn('the lease was lost before the takeover was done', { epoch });
        await session.abandon('the lease was lost before the takeover was done');
        return undefined;
      }
      logger.info('leading', { node: this.#node.name, epoch });
      let over = false;
      session.start().catch((error: unknown) => {
        // Whoever ended it knows.
        if (over) return;
        logger.error('session failed', { error });
        this.turn({ kind: 'end' });
      });
      const turn = await this.#next('fenced', 'superseded', 'hand-over', 'end');
      over = true;
      return await this.#stopLeading(session, journal, turn);
    } finally {
      this.#session = undefined;
      this.#leadership.announce(undefined);
    }
  }

  async #stopLeading(
    session: TradingSession,
    journal: NodeJournal,
    turn: Turn,
  ): Promise<SessionResult | undefined> {
    const { logger } = this.#context.telemetry;
    switch (turn.kind) {
      case 'fenced':
        logger.error('fenced: this process leads no more', { why: turn.why });
        await session.abandon(`the lease was lost: ${turn.why}`);
        return undefined;
      case 'superseded':
        // The lease says otherwise, but the venue has the last word on who sends.
        logger.error('the venue has orders of a later leader: this process leads no more', {
          epoch: turn.epoch,
        });
        await this.#leadership.release('superseded');
        await session.abandon(`epoch ${turn.epoch} leads`);
        return undefined;
      case 'hand-over':
        await this.#handOver(session, journal);
        return undefined;
      default:
        return await this.#sayGoodbye(session, journal);
    }
  }

  /** The last record goes to the other side, then the lease. Our orders stay where they are. */
  async #handOver(session: TradingSession, journal: NodeJournal): Promise<SessionResult> {
    this.#leadership.stopSending();
    session.freeze();
    await journal.flush(true);
    await this.#leadership.release('handover');
    return await session.abandon('handed over: our orders are the other engine’s now');
  }

  /** The process ends: the other side goes on if there is one, else everything is canceled. */
  async #sayGoodbye(session: TradingSession, journal: NodeJournal): Promise<SessionResult> {
    const { options } = this.#context;
    options.onStopping?.();
    if (journal.port.standbys > 0) {
      const failed = new Promise<string | undefined>((resolve) => {
        this.#handoverEnded = resolve;
      });
      this.#leadership.askHandover();
      const asked = new AbortController();
      const turn = await Promise.race([
        this.#next('hand-over', 'fenced'),
        failed.then(() => undefined),
        sleep(GOODBYE_MS, undefined, { signal: asked.signal }).catch(() => undefined),
      ]);
      asked.abort();
      if (turn?.kind === 'hand-over') return await this.#handOver(session, journal);
      if (turn?.kind === 'fenced') return await session.abandon(`the lease was lost: ${turn.why}`);
    }
    const result = await session.stop();
    await this.#leadership.release('stopping');
    return result;
  }

  #sample(): void {
    this.#metrics.sample(this.#pairStatus());
  }

  #pairStatus(): PairStatus {
    const { phase, epoch, leaseAgeMs, storeFailures } = this.#leadership.status();
    const isLeader = this.#session !== undefined;
    return {
      node: this.#node.name,
      role: isLeader ? 'leader' : 'standby',
      leader: this.#leader?.holder ?? '',
      ...{ phase, epoch, leaseAgeMs, storeFailures },
      lag: isLeader ? undefined : this.#standby?.lag,
    };
  }

  #status(): SessionStatus {
    const pair = this.#pairStatus();
    const elapsed = performance.now() - this.#startedMs;
    const now = this.#session?.status() ?? this.#standby?.status(elapsed) ?? this.#lastStatus!;
    this.#lastStatus = now;
    return { ...now, elapsedMs: elapsed, pair };
  }
}
