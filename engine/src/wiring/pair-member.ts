import { resolvePairSecret } from '../config/index.js';
import { type LeaderSeen, Leadership, leasePlace, leaseTiming } from '../ha/index.js';
import { systemClock } from '../telemetry/index.js';
import { epochFloor } from './epoch.js';
import { type History, openHistory, optionsOf } from './history.js';
import { LeaderHealth } from './leader-health.js';
import { LeadingTerm } from './leading-term.js';
import { NodeJournal } from './node-journal.js';
import { PairMetrics } from './pair-metrics.js';
import type { PairNode } from './pair-node.js';
import { waitFor } from './process-guard.js';
import { RoleTurns, type Turn } from './role-turns.js';
import { type SessionResult, TradingSession } from './session.js';
import { venueExecution } from './session-venue.js';
import type { EngineContext } from './solo.js';
import { Standby } from './standby.js';
import { StandbyReadiness } from './standby-readiness.js';
import type { PairStatus, SessionStatus } from './status.js';
import { TakeoverStages } from './takeover-stages.js';
import { TickToTrade } from './tick-to-trade.js';

/** The trading thread shows so often that it turns. */
const BEAT_MS = 10;
const SAMPLE_MS = 200;
/** A standby that has not accepted by then is not there. */
const GOODBYE_MS = 3_000;

/** One side of a pair over its life: its lease, and the roles it has one after the other. */
export class PairMember {
  readonly #context: EngineContext;
  readonly #node: PairNode;
  readonly #leadership: Leadership;
  readonly #tickToTrade: TickToTrade;
  readonly #metrics: PairMetrics;
  readonly #readiness: StandbyReadiness;
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #end: AbortSignal;
  #leader: LeaderSeen | undefined;
  #standby: Standby | undefined;
  #session: TradingSession | undefined;
  #term: LeadingTerm | undefined;
  readonly #turns = new RoleTurns();
  /** What was recovered before the lease was looked at: the first role begins from it. */
  #recovered: History | undefined;
  /** Why the process ends, when that is not as asked. */
  #failure: unknown;
  readonly #startedMs = performance.now();
  /** As it was last, for the moment between two roles. */
  #lastStatus: SessionStatus | undefined;

  static async start(context: EngineContext, node: PairNode): Promise<PairMember> {
    const { config } = context.options.loaded;
    let member: PairMember | undefined;
    // Before the lease: who can not go on from its journal must not lead, nor take an epoch its journal is beyond.
    const history = openNodeHistory(context, node);
    const leadership = await Leadership.start({
      place: leasePlace(config.ha.lease),
      node: node.name,
      timing: leaseTiming(config.ha.lease),
      epochFloor: Math.max(epochFloor(systemClock.nowUs()), history.position.epoch + 1),
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
    member = new PairMember(context, node, leadership, history);
    return member;
  }

  private constructor(context: EngineContext, node: PairNode, leadership: Leadership, history: History) {
    this.#recovered = history;
    this.#context = context;
    this.#node = node;
    this.#leadership = leadership;
    const { telemetry, options, crashed } = context;
    this.#tickToTrade = new TickToTrade(telemetry.registry);
    this.#metrics = new PairMetrics(telemetry.registry);
    this.#readiness = new StandbyReadiness(telemetry);
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
      const standby = this.#standBy();
      if (!started) {
        options.onStart?.({
          logger: telemetry.logger,
          telemetryPort: telemetry.port,
          status: () => this.#status(),
        });
      }
      started = true;
      const turn = await this.#turns.next('lead', 'end', 'unfit');
      if (turn.kind === 'lead') {
        result = await this.#lead(standby, turn.epoch);
        continue;
      }
      if (turn.kind === 'unfit') this.#failure = turn.error;
      options.onStopping?.();
      result = await standby.end();
    }
    const { summary, shutdown } = result;
    telemetry.logger.info('summary', { summary, shutdown: shutdown.detail });
    if (crashed.aborted) throw crashed.reason;
    if (this.#failure !== undefined) throw this.#failure;
    return result;
  }

  #standBy(): Standby {
    const { options } = this.#context;
    const history = this.#recovered ?? openNodeHistory(this.#context, this.#node);
    this.#recovered = undefined;
    const standby = new Standby(this.#context, history, {
      ...{ leadership: this.#leadership, node: this.#node.name, tickToTrade: this.#tickToTrade },
      secret: resolvePairSecret(options.loaded.config, options.env),
      onSuperseded: (epoch) => {
        this.#leadership.stopSending();
        this.turn({ kind: 'superseded', epoch });
      },
      onUnfit: (error) => this.turn({ kind: 'unfit', error }),
    });
    this.#standby = standby;
    if (this.#leader !== undefined) standby.follow(this.#leader);
    return standby;
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await this.#leadership.close();
  }

  turn(turn: Turn): void {
    this.#turns.push(turn);
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
    if (failed !== undefined) this.turn({ kind: 'kept' });
  }

  /** The result when the process is to end, undefined when it goes on as a standby. */
  async #lead(standby: Standby, epoch: number): Promise<SessionResult | undefined> {
    const { options, telemetry } = this.#context;
    const { config, digest } = options.loaded;
    const { logger } = telemetry;
    const stages = new TakeoverStages();
    const { history, venue, warm, threads } = await standby.promote();
    stages.done('history');
    const journal = await NodeJournal.open(history, {
      ...{ epoch, config, telemetry, threads },
      replication: { node: this.#node.name, secret: resolvePairSecret(config, options.env) },
    });
    stages.done('journal');
    this.#leadership.announce(journal.addressFrom(config.ha.advertise));
    const { execution } = venueExecution(venue);
    const session = new TradingSession({
      ...{ config, configDigest: digest, version: options.version, telemetry, clock: systemClock },
      ...{ marketData: venue.marketData, execution, tickToTrade: this.#tickToTrade },
      ...{ kernel: history.kernel, journal },
      takeEpoch: () => {
        this.#leadership.trading();
        return epoch;
      },
      ...(warm !== undefined && { warm }),
    });
    this.#session = session;
    this.#standby = undefined;
    const { view } = history.kernel;
    const health = new LeaderHealth(view, execution, config.ha.handOverCutOffAfterMs, performance.now());
    const term = new LeadingTerm({
      ...{ epoch, session, journal, health, stages, logger },
      onUp: () => this.#metrics.tookOver(stages.ms),
      onFailed: (error) => {
        this.#failure = error;
        this.turn({ kind: 'end' });
      },
      onCutOff: () => this.#leadership.askHandover(),
      onAiling: (why) => this.turn({ kind: 'ailing', why }),
    });
    this.#term = term;
    try {
      if (!this.#leadership.promoted()) {
        logger.warn('the lease was lost before the takeover was done', { epoch });
        await session.abandon('the lease was lost before the takeover was done');
        return undefined;
      }
      stages.done('session');
      logger.info('leading', { node: this.#node.name, epoch, ...stages.ms });
      term.start();
      const turn = await this.#turns.next('fenced', 'superseded', 'hand-over', 'ailing', 'end');
      term.end();
      return await this.#stopLeading(session, journal, turn);
    } finally {
      this.#lastStatus = session.status();
      this.#session = undefined;
      this.#term = undefined;
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
        await this.#giveUp(session, turn.why);
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
      case 'ailing':
        logger.error('this side does not go on leading', { why: turn.why });
        if ((await this.#offer(session, journal)) === undefined) await this.#stop(session, turn.why);
        return undefined;
      default:
        return await this.#sayGoodbye(session, journal);
    }
  }

  /** The lease is gone: whoever has it now has our orders too. */
  async #giveUp(session: TradingSession, why: string): Promise<SessionResult> {
    this.#context.telemetry.logger.error('fenced: this process leads no more', { why });
    return await session.abandon(`the lease was lost: ${why}; our open orders are for whoever leads next`);
  }

  /** The last record goes to the other side, then the lease. Our orders stay where they are. */
  async #handOver(session: TradingSession, journal: NodeJournal): Promise<SessionResult> {
    this.#leadership.stopSending();
    session.freeze();
    if (!(await journal.flush(true))) {
      this.#context.telemetry.logger.warn(
        'the other engine does not have our last records: it asks the venue for what they tell',
      );
    }
    await this.#leadership.release('handover');
    return await session.abandon('handed over: our orders are the other engine’s now', true);
  }

  /** The process ends: the other side goes on if there is one, else everything is canceled. */
  async #sayGoodbye(session: TradingSession, journal: NodeJournal): Promise<SessionResult> {
    this.#context.options.onStopping?.();
    const left = journal.port.standbys > 0 ? await this.#offer(session, journal) : undefined;
    return left ?? (await this.#stop(session, 'stopping'));
  }

  /** Asks the other side to take over. Undefined when it does not: this side still leads. */
  async #offer(session: TradingSession, journal: NodeJournal): Promise<SessionResult | undefined> {
    this.#leadership.askHandover();
    const late = setTimeout(() => this.turn({ kind: 'kept' }), GOODBYE_MS);
    const turn = await this.#turns.next('hand-over', 'fenced', 'kept');
    clearTimeout(late);
    switch (turn.kind) {
      case 'hand-over':
        return await this.#handOver(session, journal);
      case 'fenced':
        return await this.#giveUp(session, turn.why);
      default:
        return undefined;
    }
  }

  async #stop(session: TradingSession, why: string): Promise<SessionResult> {
    const result = await session.stop();
    await this.#leadership.release(why);
    return result;
  }

  #sample(): void {
    this.#metrics.sample(this.#pairStatus());
    if (this.#session === undefined && this.#standby !== undefined)
      this.#readiness.check(this.#standby.fitness);
    this.#term?.check(performance.now());
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
    // Between two roles: as the last one left it.
    const now = this.#session?.status() ?? this.#standby?.status(elapsed) ?? this.#lastStatus!;
    return { ...now, elapsedMs: elapsed, pair };
  }
}

function openNodeHistory({ options, telemetry }: EngineContext, node: PairNode): History {
  const { config } = options.loaded;
  return openHistory(`${node.folder}/journal`, optionsOf(config, options.version), telemetry.logger);
}
