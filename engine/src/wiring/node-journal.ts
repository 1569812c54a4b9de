import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../config/index.js';
import { startJournal } from '../ha/index.js';
import {
  type Durability,
  encodeOptions,
  type JournalThread,
  type LiveJournal,
  type LiveJournalOptions,
  type SnapshotThread,
} from '../journal/index.js';
import { systemClock, type Telemetry } from '../telemetry/index.js';
import { type History, KEEPS_FREE_BYTES } from './history.js';
import { JournalMetrics } from './journal-metrics.js';
import { JournalThreads, logSnapshot } from './journal-threads.js';
import type { SessionJournal } from './session.js';
import { SessionError } from './session-error.js';

const FLUSH_MS = 1_000;
const POLL_MS = 1;
/** How long an address that is in use is waited for. */
const FREE_MS = 3_000;
const RETRY_MS = 50;

export interface NodeJournalOptions {
  readonly config: Config;
  readonly epoch: number;
  readonly telemetry: Telemetry;
  /** Where a standby is served; absent for an engine by itself. */
  readonly replication?: { readonly node: string; readonly secret: string | undefined };
  /** Started beforehand; the journal's own from now on, even when it can not be opened. */
  readonly threads?: JournalThreads | undefined;
}

/** The journal of a session: written on a thread of its own, snapshots made on another. */
export class NodeJournal implements SessionJournal {
  readonly port: LiveJournal;
  readonly durability: Durability;
  readonly backlogBytes: number;
  readonly maxHoldUs: number;
  readonly #snapshots: SnapshotThread;
  readonly #metrics: JournalMetrics;
  readonly #host: string;

  /** Continues a history. Throws a SessionError when the folder or the address can not be used. */
  static async open(history: History, options: NodeJournalOptions): Promise<NodeJournal> {
    const { config, epoch, telemetry, replication } = options;
    const { logger } = telemetry;
    const { durability, ringBytes, segmentBytes, commitIntervalMs, retainBytes, compress } = config.journal;
    const listen = parseAddress(config.ha.listen);
    const threads = options.threads ?? new JournalThreads();
    try {
      const port = await startWhenFree(threads.journal, {
        ...{ folder: history.disk.path, at: history.position, epoch },
        ...{ durability, ringBytes, segmentBytes, commitIntervalMs, retainBytes, compress },
        keepFreeBytes: KEEPS_FREE_BYTES,
        ...(replication !== undefined && { replication: { ...listen, ...replication } }),
        onFailure: (why) => {
          if (why === undefined) logger.info('the journal is written again');
          else logger.error('the journal can not be written: new orders are denied', { why });
        },
        onStandby: (node, isConnected, why) => {
          if (isConnected) logger.info('a standby follows', { node });
          else logger.warn('a standby is gone', { node, why });
        },
      });
      port.appendOptions(encodeOptions(history.options), systemClock.nowUs());
      return new NodeJournal(port, threads.snapshots, history, options, listen.host);
    } catch (error) {
      await threads.discard();
      const why = error instanceof Error ? error.message : String(error);
      throw new SessionError(`journal.dir ${history.disk.path}, ha.listen ${config.ha.listen}: ${why}`);
    }
  }

  private constructor(
    port: LiveJournal,
    snapshots: SnapshotThread,
    history: History,
    options: NodeJournalOptions,
    host: string,
  ) {
    const { config, telemetry } = options;
    this.port = port;
    this.durability = config.journal.durability;
    this.backlogBytes = config.journal.backlogBytes;
    this.maxHoldUs = config.journal.maxHoldMs * 1000;
    this.#host = host;
    this.#metrics = new JournalMetrics(telemetry.registry, port);
    this.#snapshots = snapshots;
    snapshots.begin(
      {
        folder: history.disk.path,
        every: config.journal.snapshotEvery,
        today: history.options,
        progress: { signals: port.signalMemory, start: history.position.sequence },
      },
      (news) => logSnapshot(news, telemetry.logger),
    );
  }

  /** Where standbys find it: `advertise` if given, else where it listens. Undefined when it serves none. */
  addressFrom(advertise: string | undefined): string | undefined {
    const { replicationPort } = this.port;
    if (replicationPort === undefined) return undefined;
    return advertise ?? `${this.#host.includes(':') ? `[${this.#host}]` : this.#host}:${replicationPort}`;
  }

  onSafe(listener: () => void): void {
    this.port.onSafe(listener);
  }

  sample(): void {
    this.#metrics.sample();
  }

  /**
   * Resolves once everything appended is on this device, and with `replicated` on the standby's as far as one follows;
   * false when that took too long.
   */
  async flush(replicated: boolean): Promise<boolean> {
    const { port } = this;
    const last = port.appended;
    const deadline = performance.now() + FLUSH_MS;
    const isDone = () => port.synced >= last && (!replicated || port.standbys === 0 || port.acked >= last);
    while (!isDone()) {
      if (performance.now() > deadline) return false;
      port.settle();
      port.want(last);
      await sleep(POLL_MS);
    }
    return true;
  }

  async close(stateHash: string | undefined): Promise<void> {
    await this.#snapshots.stop();
    if (stateHash !== undefined) {
      await this.port.close(stateHash, systemClock.nowUs());
      return;
    }
    // Not sealed: the history goes on elsewhere, from the last record that is there.
    await this.flush(false);
    await this.port.kill();
  }
}

/** The other one of a pair on one machine may be about to let go of an address that both are told to use. */
async function startWhenFree(prepared: JournalThread, options: LiveJournalOptions): Promise<LiveJournal> {
  const deadline = performance.now() + FREE_MS;
  for (let thread: JournalThread | undefined = prepared; ; thread = undefined) {
    try {
      return await startJournal(options, thread);
    } catch (error) {
      if (!String(error).includes('EADDRINUSE') || performance.now() > deadline) throw error;
      await sleep(RETRY_MS);
    }
  }
}

function parseAddress(address: string): { readonly host: string; readonly port: number } {
  const colon = address.lastIndexOf(':');
  return { host: address.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(address.slice(colon + 1)) };
}
