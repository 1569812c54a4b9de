import { setTimeout as sleep } from 'node:timers/promises';
import { latencySummary, summarizeSession } from '../backtest/index.js';
import type { Instrument } from '../domain/index.js';
import {
  FolderReplicaStore,
  type LeaderSeen,
  type Leadership,
  NOBODY,
  ReplicationClient,
} from '../ha/index.js';
import { type JournalRecord, SharedFolder } from '../journal/index.js';
import { systemClock } from '../telemetry/index.js';
import type { Venue } from '../venues/index.js';
import { type History, KEEPS_FREE_BYTES, openHistory } from './history.js';
import { JournalThreads } from './journal-threads.js';
import { instrumentsOf, loadSpecs, type SessionResult } from './session.js';
import { SessionError } from './session-error.js';
import { makeVenue } from './session-venue.js';
import type { EngineContext } from './solo.js';
import type { StandbyFitness } from './standby-readiness.js';
import { readStatus, type SessionStatus } from './status.js';
import type { TickToTrade } from './tick-to-trade.js';
import { WarmFeed } from './warm-feed.js';

/** Whether to claim is looked at this often. */
const WILL_MS = 20;
/** The venue is asked again after this long when it did not tell its instruments. */
const RETRY_MS = 1_000;

export interface StandbyParts {
  readonly leadership: Leadership;
  readonly node: string;
  readonly secret: string | undefined;
  readonly tickToTrade: TickToTrade;
  /** The venue has orders of ours of a later leader. */
  readonly onSuperseded: (epoch: number) => void;
  /** Called when its own journal can not be used any more: it can neither stand by nor lead. */
  readonly onUnfit: (error: Error) => void;
}

/** What a leader begins with. */
export interface Promotion {
  readonly history: History;
  readonly venue: Venue;
  /** Market data that is up; undefined when the venue's could not be had yet. */
  readonly warm: { readonly feed: WarmFeed; readonly instruments: readonly Instrument[] } | undefined;
  /** For its journal. Whoever takes the promotion ends them. */
  readonly threads: JournalThreads;
}

/**
 * A hot standby: applies the leader's records as they come, keeps market data of its own connected, and claims the lease
 * when it may, unless it is behind a leader that lives.
 */
export class Standby {
  readonly #context: EngineContext;
  readonly #parts: StandbyParts;
  readonly #venue: Venue;
  readonly #store: FolderReplicaStore;
  readonly #client: ReplicationClient;
  readonly #shared = new SharedFolder();
  /** They keep its folder, and wait for a term of leading as the venue's sessions do. */
  readonly #threads = new JournalThreads();
  readonly #feed = new WarmFeed(0, () => systemClock.nowUs());
  readonly #timer: NodeJS.Timeout;
  readonly #stopped = new AbortController();
  #history: History;
  #instruments: readonly Instrument[] | undefined;
  #differences = 0;
  #prepareAtMs = 0;
  #linkError = '';
  #warmUpError = '';
  /** Epoch of the last leader that began to trade. */
  #historyEpoch: number | undefined;
  #toldWithoutHistory = false;
  /** Somebody else leads, by the lease. */
  #hasLeader = false;
  #unfit: Error | undefined;

  constructor(context: EngineContext, history: History, parts: StandbyParts) {
    this.#context = context;
    this.#parts = parts;
    this.#history = history;
    const { telemetry, options } = context;
    const { config } = options.loaded;
    this.#venue = this.#makeVenue();
    this.#store = new FolderReplicaStore(
      history.disk,
      {
        ...{ segmentBytes: config.journal.segmentBytes, keepFreeBytes: KEEPS_FREE_BYTES },
        shared: this.#shared,
      },
      history.position,
    );
    this.#threads.keep(history, this.#shared, config, telemetry.logger);
    this.#client = new ReplicationClient({
      store: this.#store,
      node: parts.node,
      secret: parts.secret,
      listener: {
        onRecord: (record) => this.#apply(record),
        onReset: () => this.#reset(),
        onStreaming: () =>
          telemetry.logger.info('following the leader', { leader: this.#client.sink?.leader }),
      },
      nowUs: () => systemClock.nanos() / 1000,
      whyNot: () => this.#whyNotFollow(),
      onError: (error) => this.#onLinkError(error),
    });
    this.#timer = setInterval(() => {
      this.#decideWill();
      // The file of the next segment, while there is nothing better to do.
      if (this.lag === 0) this.#prepare();
    }, WILL_MS);
    void this.#warmUp();
  }

  /** Whether it could take over. */
  get fitness(): StandbyFitness {
    return {
      unwilling: this.#unwilling(),
      instruments: this.#instruments?.length ?? 0,
      books: this.#feed.valid,
    };
  }

  /** Records the leader has told of that are not here; undefined while it is not heard. */
  get lag(): number | undefined {
    const { sink } = this.#client;
    return sink?.isStreaming === true ? sink.lagRecords : undefined;
  }

  /** Who leads, as the lease says. */
  follow({ holder, address, historyEpoch }: LeaderSeen): void {
    this.#historyEpoch = historyEpoch;
    this.#hasLeader = holder !== this.#parts.node && holder !== NOBODY;
    // What was said before may not hold any more, now that this is known.
    this.#decideWill();
    if (!this.#hasLeader || address === undefined) return;
    const colon = address.lastIndexOf(':');
    this.#client.follow(address.slice(0, colon).replace(/^\[|\]$/g, ''), Number(address.slice(colon + 1)));
  }

  status(elapsedMs: number): SessionStatus {
    const { view } = this.#history.replay.kernel;
    const { bookUpdates, quotes, trades } = view.counters;
    return readStatus(view, elapsedMs, bookUpdates + quotes + trades, this.#parts.tickToTrade.histogram);
  }

  /** Ends standing by, to lead. */
  async promote(): Promise<Promotion> {
    this.#stop();
    try {
      if (this.#unfit !== undefined) throw this.#unfit;
      if (this.#isStale()) this.#reset();
      this.#store.close();
    } catch (error) {
      await this.#threads.discard();
      throw error;
    }
    const { replay, disk, options } = this.#history;
    const history = { disk, replay, options, kernel: replay.finish(), position: this.#store.position };
    const instruments = this.#instruments;
    const threads = this.#threads;
    if (instruments === undefined) return { history, venue: this.#venue, warm: undefined, threads };
    if (isFitting(history, instruments)) {
      return { history, venue: this.#venue, warm: { feed: this.#feed, instruments }, threads };
    }
    await this.#disconnect();
    return { history, venue: this.#makeVenue(), warm: undefined, threads };
  }

  /** Ends altogether. */
  async end(): Promise<SessionResult> {
    const isLed = this.#isLed();
    try {
      this.#stop();
      if (this.#unfit === undefined) this.#store.close();
    } catch (error) {
      // The next start closes the segment.
      this.#context.telemetry.logger.warn('the journal was not closed', { error });
    }
    await Promise.all([this.#disconnect(), this.#threads.discard()]);
    const { replay } = this.#history;
    const { openCount } = replay.kernel.view.orders;
    const nobody =
      openCount === 0 ? 'nothing is open' : `nobody leads: ${openCount} orders may be open at the venue`;
    const whose = isLed ? 'the other engine goes on' : nobody;
    const { tickToTrade } = this.#parts;
    return {
      summary: summarizeSession(replay.kernel.view, {
        ...{ messages: 0, bookUpdates: 0, wallMs: 0 },
        tickToTradeUs: latencySummary(tickToTrade.histogram),
        stateHash: replay.kernel.stateHash(),
      }),
      shutdown: {
        ...{ verified: false, left: [] },
        ...((isLed || openCount === 0) && { elsewhere: true }),
        detail: `stood by: nothing was sent, and ${whose}`,
      },
    };
  }

  #makeVenue(): Venue {
    const { telemetry, where, credentials, options } = this.#context;
    const { leadership, tickToTrade, onSuperseded } = this.#parts;
    const fence = { maySend: () => leadership.gate.open(), onSuperseded };
    return makeVenue(options.loaded.config, where, credentials, telemetry, systemClock, tickToTrade, fence);
  }

  async #disconnect(): Promise<void> {
    const { marketData, execution } = this.#venue;
    await Promise.race([Promise.allSettled([marketData.stop(), execution?.stop()]), sleep(500)]);
  }

  #stop(): void {
    this.#stopped.abort();
    clearInterval(this.#timer);
    this.#client.close();
  }

  #prepare(): void {
    if (performance.now() < this.#prepareAtMs) return;
    try {
      this.#store.prepare();
    } catch {
      // The segment in use still has room; when it has not, the write will say so.
      this.#prepareAtMs = performance.now() + RETRY_MS;
    }
  }

  #apply(record: JournalRecord): void {
    const { replay } = this.#history;
    replay.apply(record);
    if (replay.differences === this.#differences) return;
    this.#differences = replay.differences;
    this.#context.telemetry.logger.error('the leader decided otherwise than this engine would have', {
      differences: replay.differences,
      report: replay.reports.at(-1),
    });
  }

  /** What keeps it from following: a full disk, or one that can not be read at the moment. */
  #whyNotFollow(): string | undefined {
    try {
      this.#store.lookForRoom();
      if (this.#store.full !== undefined) return `the journal's disk is full: ${this.#store.full}`;
      if (this.#isStale()) this.#reset();
      return undefined;
    } catch (error) {
      return `the journal can not be used: ${(error as Error).message}`;
    }
  }

  /** What was applied is not what the folder holds: something failed half way. */
  #isStale(): boolean {
    return this.#history.replay.sequence !== this.#store.position.sequence;
  }

  /** The same reason again and again is told once. */
  #onLinkError({ message }: Error): void {
    if (this.#store.failure !== undefined) this.#endUnfit(this.#store.failure);
    if (message === this.#linkError) return;
    this.#linkError = message;
    this.#context.telemetry.logger.warn('not following the leader', { why: message });
  }

  /** What was applied is not the history any more. */
  #reset(): void {
    const { options, disk } = this.#history;
    try {
      this.#shared.anew(() => {
        this.#store.release();
        this.#history = openHistory(disk.path, options, this.#context.telemetry.logger);
      });
    } catch (error) {
      // Damage. What else goes wrong, as on a full disk, may go better before the next connection.
      if (error instanceof SessionError) this.#endUnfit(error);
      throw error;
    }
  }

  /** No record may be added to this journal any more: a new start finds out what is in it. */
  #endUnfit(error: Error): void {
    if (this.#unfit !== undefined) return;
    this.#unfit = error;
    this.#stop();
    this.#parts.onUnfit(error);
  }

  /** Connects to the venue's market data and keeps the books. */
  async #warmUp(): Promise<void> {
    const { telemetry, options } = this.#context;
    const { marketData } = this.#venue;
    while (!this.#stopped.signal.aborted) {
      try {
        const specs = await loadSpecs({ config: options.loaded.config, marketData });
        // Who has the leader's instruments knows the indexes that the leader gave them.
        while (!this.#stopped.signal.aborted && !this.#knowsHistory()) await sleep(WILL_MS);
        if (this.#stopped.signal.aborted) return;
        const instruments = instrumentsOf(this.#history.replay.kernel.view, specs);
        this.#instruments = instruments;
        // What a takeover would else wait for. It writes nothing at the venue.
        this.#venue.execution?.prepare?.(instruments);
        await this.#feed.start(marketData, instruments);
        return;
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        if (why !== this.#warmUpError) telemetry.logger.warn('standing by without market data', { why });
        this.#warmUpError = why;
        await sleep(RETRY_MS, undefined, { signal: this.#stopped.signal }).catch(() => {});
      }
    }
  }

  /** The leader's records are here, or there is no living leader to wait for. */
  #knowsHistory(): boolean {
    return this.#isLed() ? this.lag === 0 : true;
  }

  /** Somebody else renews the lease: one that has not for so long does not send any more. */
  #isLed(): boolean {
    const { selfFenceMs } = this.#context.options.loaded.config.ha.lease;
    return this.#hasLeader && this.#parts.leadership.status().leaseAgeMs < selfFenceMs;
  }

  #decideWill(): void {
    if (this.#stopped.signal.aborted) return;
    const { leadership } = this.#parts;
    const why = this.#unwilling();
    if (why === undefined) leadership.willing(true);
    else leadership.willing(false, why);
  }

  /** Why this side would not take over: it is behind a leader that lives, who would else hand over to a past that is gone. */
  #unwilling(): string | undefined {
    const { lag } = this;
    const isLed = this.#isLed();
    const { counters } = this.#history.replay.kernel.view;
    if (this.#historyEpoch !== undefined && counters.events === 0) return this.#withoutHistory();
    // While nobody leads it does: cancels need no journal.
    if (isLed && this.#store.full !== undefined) return 'its disk is full';
    if (lag === undefined && isLed) return 'not following the leader';
    if (lag !== undefined && lag > 0 && (isLed || this.#isHeard())) return 'behind the leader';
    if (this.#instruments === undefined) return 'without market data';
    // It may be cut off from the venue, which whoever leads need not be. Where nobody leads something is better than nothing.
    if (!isLed) return undefined;
    if (this.#feed.valid === 0) return 'without a good book';
    return this.#venue.execution?.connected === false ? 'without its sessions at the venue' : undefined;
  }

  /**
   * Somebody has traded, and this side knows nothing of it: to lead would be to forget positions and limits. Whoever has
   * the journal leads, or a person says that it is gone.
   */
  #withoutHistory(): string {
    if (!this.#isLed() && !this.#toldWithoutHistory) {
      this.#toldWithoutHistory = true;
      const { disk } = this.#history;
      this.#context.telemetry.logger.error(
        'not claiming the lease: engines have traded under it, and the journal here is empty. Start the engine that has it, ' +
          'restore it (tradewind journal restore), or remove the lease to begin anew with positions of 0',
        { journal: disk.path, historyEpoch: this.#historyEpoch },
      );
    }
    return 'without the history of those who led before';
  }

  /** What the leader sent before it died is still coming in. */
  #isHeard(): boolean {
    const { selfFenceMs } = this.#context.options.loaded.config.ha.lease;
    const silentUs = this.#client.sink?.silentUs(systemClock.nanos() / 1000);
    return silentUs !== undefined && silentUs < selfFenceMs * 1000;
  }
}

/** Whether the indexes the instruments were given are the kernel's. */
function isFitting({ kernel }: History, instruments: readonly Instrument[]): boolean {
  return instrumentsOf(kernel.view, instruments).every(({ index }, i) => index === instruments[i]!.index);
}
