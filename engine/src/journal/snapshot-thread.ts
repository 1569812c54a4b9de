import { Worker } from 'node:worker_threads';
import type { OptionsRecord } from './record.js';
import type { SnapshotReport } from './snapshot-maker.js';

export interface SnapshotThreadOptions {
  /** The journal's folder. */
  readonly folder: string;
  /** Records from one snapshot to the next. */
  readonly every: number;
  readonly today: OptionsRecord;
  /** Who tells what is durable. */
  readonly progress:
    | {
        /** Shared with the journal's thread (`makeSignals`), and the sequence that one began with. */
        readonly signals: SharedArrayBuffer;
        readonly start: number;
      }
    /** A standby's folder: memory of its `SharedFolder`. */
    | { readonly shared: SharedArrayBuffer };
}

/** What the thread tells. */
export type SnapshotNews =
  | { readonly kind: 'ready' }
  | { readonly kind: 'made'; readonly report: SnapshotReport; readonly ms: number }
  /** It tries again, and tells of the same reason once. */
  | { readonly kind: 'failed'; readonly why: string };

/** What it is told: to begin, and to end. */
export type ToSnapshotThread = SnapshotThreadOptions | 'stop';

/**
 * The thread that makes snapshots of a running engine's journal. It costs the trading thread nothing. Until {@link begin} its
 * code is loaded and it touches no folder.
 */
export class SnapshotThread {
  readonly #worker: Worker;
  readonly #ended: Promise<void>;
  #onNews: (news: SnapshotNews) => void = () => {};

  /** `kernelModule`: URL of a module whose export `makeKernel` is a `KernelFactory`; functions do not cross to another thread. */
  constructor(kernelModule: string) {
    this.#worker = new Worker(workerUrl(), { workerData: kernelModule, execArgv: [], name: 'snapshots' });
    this.#worker.on('message', (news: SnapshotNews) => this.#onNews(news));
    this.#worker.on('error', (error) =>
      this.#onNews({ kind: 'failed', why: `the thread ended: ${String(error)}` }),
    );
    this.#ended = new Promise((resolve) => this.#worker.once('exit', () => resolve()));
    this.#worker.unref();
  }

  /** To be called when there is a journal to follow, and again when another one goes on in its folder. */
  begin(options: SnapshotThreadOptions, onNews: (news: SnapshotNews) => void): void {
    this.#onNews = onNews;
    this.#tell(options);
  }

  /** Lets a snapshot that is being made be finished. */
  async stop(): Promise<void> {
    this.#tell('stop');
    await this.#ended;
  }

  #tell(message: ToSnapshotThread): void {
    this.#worker.postMessage(message);
  }
}

/** Tests run from the sources, and a worker needs JavaScript: theirs is the built one. */
function workerUrl(): URL {
  return import.meta.url.endsWith('.ts')
    ? new URL('../../dist/journal/snapshot-worker.js', import.meta.url)
    : new URL('./snapshot-worker.js', import.meta.url);
}
