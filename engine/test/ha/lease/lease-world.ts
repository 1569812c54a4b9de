import {
  type KeeperAction,
  LeaseKeeper,
  type LeaseRow,
  type LeaseTiming,
  revoke,
  type WriteOutcome,
} from '../../../src/ha/lease/index.js';

/** What goes wrong, on the global clock. */
export interface Fault {
  readonly kind:
    | 'pause'
    | 'partition'
    | 'lossy'
    | 'slow'
    | 'kill'
    | 'handover'
    | 'fence'
    | 'unhealthy'
    | 'erase'
    /** The trading thread alone stands still. Only in process. */
    | 'stall';
  readonly host: number;
  readonly atMs: number;
  readonly forMs: number;
}

export interface WorldOptions {
  readonly hosts: number;
  readonly timing: LeaseTiming;
  readonly seed: number;
  readonly faults: readonly Fault[];
  readonly forMs: number;
  /** The first host's clock as slow, the others' as fast as `clockRatePpm` allows. Default: anything between. */
  readonly extremeClocks?: boolean;
  /**
   * Undefined: an agent that starts and kills an engine process through its guard. Else an engine that keeps its own lease:
   * a run is the time its gate is open, and the trading thread must beat within `stallMs`.
   */
  readonly inProcess?: { readonly stallMs: number; readonly mutation?: Mutation };
}

/** What a careless change could make of the gate's deadline. */
export type Mutation = 'no-self-fence' | 'counted-from-the-reply';

export interface Run {
  readonly host: number;
  readonly epoch: number;
  readonly fromMs: number;
  toMs: number;
}

interface Host {
  readonly index: number;
  readonly name: string;
  readonly rate: number;
  readonly offset: number;
  keeper: LeaseKeeper;
  /** Counts agent processes: what was meant for a dead one is dropped. */
  life: number;
  alive: boolean;
  pausedUntil: number;
  guardDeadline: number;
  run: Run | undefined;
  engineDying: boolean;
  /** In process: the lease thread lets the trading thread send. */
  open: boolean;
  stalledUntil: number;
  stalledFrom: number;
}

/** mulberry32: small, seeded, good enough to choose delays. */
function random(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/**
 * Agents, their guards and engines, and one lease table on a simulated global clock that nobody in it can read. Host
 * clocks have any offset and a rate within `clockRatePpm`. Requests and replies are delayed, lost or reordered against
 * everything else; a request that its sender gave up may still be applied. Agents are paused (SIGSTOP), cut off, killed.
 */
export class LeaseWorld {
  readonly runs: Run[] = [];
  /** Epochs in the order in which claims were applied. */
  readonly epochs: number[] = [];
  readonly overlaps: string[] = [];
  row: LeaseRow | undefined;
  now = 0;
  readonly #hosts: Host[];
  readonly #options: WorldOptions;
  readonly #random: () => number;
  readonly #queue: { at: number; order: number; run: () => void }[] = [];
  /** The first row without a holder, as a backup would have it. */
  #released: LeaseRow | undefined;
  #order = 0;
  #writeIds = 0;

  constructor(options: WorldOptions) {
    this.#options = options;
    this.#random = random(options.seed);
    const spread = options.timing.clockRatePpm / 1e6;
    this.#hosts = Array.from({ length: options.hosts }, (_, index) => ({
      index,
      name: ['primary', 'standby', 'third'][index]!,
      rate: 1 + spread * (options.extremeClocks ? (index === 0 ? -1 : 1) : this.#random() * 2 - 1),
      offset: this.#random() * 1e9,
      keeper: this.#newKeeper(index),
      life: 0,
      alive: true,
      pausedUntil: 0,
      guardDeadline: Number.NEGATIVE_INFINITY,
      run: undefined,
      engineDying: false,
      open: false,
      stalledUntil: 0,
      stalledFrom: 0,
    }));
    for (const host of this.#hosts) {
      this.#startAgent(host);
      if (options.inProcess === undefined) this.#guardTick(host);
    }
    for (const fault of options.faults) this.#at(fault.atMs, () => this.#inject(fault));
  }

  /** Runs to the end; at each instant at most one engine runs, else `overlaps` says which did. */
  play(): void {
    for (;;) {
      const next = this.#take();
      if (next === undefined || next.at > this.#options.forMs) break;
      this.now = next.at;
      next.run();
    }
    this.now = this.#options.forMs;
    for (const host of this.#hosts) if (host.run) host.run.toMs = this.now;
  }

  #newKeeper(index: number, life = 0): LeaseKeeper {
    const host = ['primary', 'standby', 'third'][index]!;
    return new LeaseKeeper({
      identity: { host, instanceId: this.#options.inProcess ? `run-${index}-${life}` : `i-${index}` },
      timing: this.#options.timing,
      nextWriteId: () => {
        this.#writeIds += 1;
        return `w${this.#writeIds}`;
      },
      wallClock: () => '2026-01-01T00:00:00.000Z',
    });
  }

  #startAgent(host: Host): void {
    host.life += 1;
    host.alive = true;
    host.keeper = this.#newKeeper(host.index, host.life);
    host.open = false;
    this.#perform(host, host.keeper.begin());
    this.#agentTick(host, host.life);
  }

  #agentTick(host: Host, life: number): void {
    this.#at(this.now + this.#wait(host, this.#options.timing.tickMs * this.#random()), () => {
      if (host.life !== life || !host.alive) return;
      this.#inAgent(host, life, () => {
        host.keeper.stall(this.#standsStill(host));
        this.#perform(host, host.keeper.tick(this.#local(host)));
        if (host.keeper.handoverAccepted) {
          this.#perform(host, host.keeper.yieldLease(this.#local(host), this.#yield('graceful', 5_000)));
        }
        this.#agentTick(host, life);
      });
    });
  }

  #yield(how: 'graceful' | 'kill', quietMs: number) {
    return { how, quietMs, reason: 'asked', patienceMs: 4_000, untilTaken: how === 'graceful' };
  }

  #guardTick(host: Host): void {
    this.#at(this.now + this.#wait(host, this.#options.timing.tickMs * this.#random()), () => {
      if (host.run !== undefined && this.#local(host) >= host.guardDeadline) this.#killEngine(host);
      this.#guardTick(host);
    });
  }

  #perform(host: Host, actions: readonly KeeperAction[]): void {
    const life = host.life;
    for (const action of actions) {
      if (this.#options.inProcess !== undefined && this.#performInProcess(host, action)) continue;
      switch (action.kind) {
        case 'read':
          this.#request(
            host,
            () => this.row,
            (result) => host.keeper.onRead(this.#local(host), result),
          );
          break;
        case 'write':
          this.#request<WriteOutcome>(
            host,
            () => this.#apply(action.row, action.expected),
            (result) =>
              host.keeper.onWritten(
                this.#local(host),
                result instanceof Error ? { kind: 'unknown', error: result.message } : result,
              ),
          );
          break;
        case 'permit':
          this.#soon(host, () => {
            host.guardDeadline = Math.max(host.guardDeadline, action.deadlineMs);
          });
          break;
        case 'promote':
          this.#soon(host, () =>
            this.#inAgent(host, life, () =>
              this.#perform(host, host.keeper.startEngine(this.#local(host), action.epoch)),
            ),
          );
          break;
        case 'start-engine':
          this.#soon(host, () => this.#startEngine(host, action.epoch, action.deadlineMs));
          break;
        case 'stop-engine':
          this.#soon(host, () => {
            const linger = action.how === 'graceful' ? this.#random() * 2_000 : 0;
            // A permission given before does not outlive a kill.
            if (action.how === 'kill') host.guardDeadline = Number.NEGATIVE_INFINITY;
            this.#at(this.now + linger, () =>
              this.#killEngine(host, () =>
                this.#inAgent(host, life, () =>
                  this.#perform(host, host.keeper.onEngineDead(this.#local(host), action.serial)),
                ),
              ),
            );
          });
          break;
      }
    }
  }

  /** What the lease thread of an engine does; true when there is no more to do. */
  #performInProcess(host: Host, action: KeeperAction): boolean {
    const life = host.life;
    switch (action.kind) {
      case 'permit':
        host.guardDeadline = this.#mutated(host, action.deadlineMs);
        this.#closeAtDeadline(host);
        return true;
      case 'promote':
        host.open = true;
        this.#inMain(host, life, () => {
          if (host.open && this.#local(host) < host.guardDeadline) {
            this.#startEngine(host, action.epoch, host.guardDeadline);
            this.#closeAtDeadline(host);
          }
        });
        return true;
      case 'stop-engine': {
        const wasOpen = host.open;
        host.open = false;
        if (this.#options.inProcess?.mutation !== 'no-self-fence') this.#endRun(host);
        const heard = () => {
          this.#endRun(host);
          this.#perform(host, host.keeper.onEngineDead(this.#local(host), action.serial));
        };
        if (action.how === 'kill' && wasOpen) this.#inMain(host, life, heard);
        else heard();
        return true;
      }
      default:
        return false;
    }
  }

  #mutated(host: Host, deadlineMs: number): number {
    const { mutation } = this.#options.inProcess!;
    if (mutation === 'no-self-fence') return Number.POSITIVE_INFINITY;
    return mutation === undefined ? deadlineMs : this.#local(host) + this.#options.timing.selfFenceMs;
  }

  /** The gate closes by the clock alone. */
  #closeAtDeadline(host: Host): void {
    const deadline = host.guardDeadline;
    if (host.run === undefined || !Number.isFinite(deadline)) return;
    this.#at((deadline - host.offset) / host.rate, () => {
      if (host.guardDeadline === deadline) this.#endRun(host);
    });
  }

  #endRun(host: Host): void {
    if (host.run === undefined) return;
    host.run.toMs = this.now;
    host.run = undefined;
  }

  /** A message to the trading thread. */
  #inMain(host: Host, life: number, work: () => void): void {
    this.#at(this.now + this.#random() * 2, () =>
      this.#inAgent(host, life, () => {
        if (this.now >= host.stalledUntil) work();
        else this.#at(host.stalledUntil, () => this.#inMain(host, life, work));
      }),
    );
  }

  #standsStill(host: Host): boolean {
    const { inProcess } = this.#options;
    if (inProcess === undefined || this.now >= host.stalledUntil) return false;
    return (this.now - host.stalledFrom) * host.rate > inProcess.stallMs;
  }

  #apply(row: LeaseRow, expected: number | undefined): WriteOutcome {
    if (this.row?.version !== expected) return { kind: 'conflict' };
    if (row.epoch !== this.row?.epoch) this.epochs.push(row.epoch);
    if (row.holder === 'none') this.#released ??= row;
    this.row = row;
    return { kind: 'stored' };
  }

  #startEngine(host: Host, epoch: number, deadlineMs: number): void {
    if (host.run !== undefined || this.#local(host) >= deadlineMs) return;
    host.guardDeadline = Math.max(host.guardDeadline, deadlineMs);
    host.run = { host: host.index, epoch, fromMs: this.now, toMs: Number.POSITIVE_INFINITY };
    host.engineDying = false;
    this.runs.push(host.run);
    for (const other of this.#hosts) {
      if (other !== host && other.run !== undefined) {
        this.overlaps.push(
          `at ${this.now}: ${host.name} epoch ${epoch} and ${other.name} epoch ${other.run.epoch}`,
        );
      }
    }
  }

  #killEngine(host: Host, then: () => void = () => {}): void {
    const dying = host.run;
    if (this.#options.inProcess !== undefined) {
      this.#endRun(host);
      then();
      return;
    }
    this.#at(this.now + this.#options.timing.killMs * this.#random(), () => {
      if (dying !== undefined && host.run === dying) {
        dying.toMs = this.now;
        host.run = undefined;
      }
      then();
    });
  }

  #request<T>(host: Host, serve: () => T, done: (result: T | Error) => readonly KeeperAction[]): void {
    const life = host.life;
    let ended = false;
    const end = (result: T | Error) => {
      this.#inAgent(host, life, () => {
        if (ended) return;
        ended = true;
        this.#perform(host, done(result));
      });
    };
    const { requestTimeoutMs } = this.#options.timing;
    this.#at(this.now + requestTimeoutMs / host.rate, () => end(new Error('timeout')));
    if (this.#lost(host)) return;
    this.#at(this.now + this.#delay(host), () => {
      const result = serve();
      if (!this.#lost(host)) this.#at(this.now + this.#delay(host), () => end(result));
    });
  }

  /** Runs in the agent's process: at once, or when it is no longer paused. */
  #inAgent(host: Host, life: number, work: () => void): void {
    if (host.life !== life || !host.alive) return;
    if (this.now >= host.pausedUntil) work();
    else this.#at(host.pausedUntil, () => this.#inAgent(host, life, work));
  }

  /** A message from the agent to its guard. */
  #soon(host: Host, work: () => void): void {
    const life = host.life;
    this.#at(this.now + this.#random() * 2, () => {
      if (host.life === life) work();
    });
  }

  #inject(fault: Fault): void {
    const host = this.#hosts[fault.host % this.#hosts.length]!;
    const now = this.#local(host);
    if (fault.kind === 'pause') host.pausedUntil = Math.max(host.pausedUntil, this.now + fault.forMs);
    if (fault.kind === 'kill' && host.alive) {
      host.alive = false;
      // The guard sees its pipe close.
      host.guardDeadline = Number.NEGATIVE_INFINITY;
      this.#killEngine(host);
      this.#at(this.now + fault.forMs, () => this.#startAgent(host));
    }
    if (fault.kind === 'fence' && this.row !== undefined) {
      const { row } = this;
      const holds = row.holder === host.name;
      const next = { ...row, version: row.version + 1, fenced: host.name, writeId: `fence${this.now}` };
      this.#apply(holds ? revoke(next) : next, row.version);
      this.#at(this.now + fault.forMs, () => {
        const { fenced: _, ...rest } = this.row!;
        this.#apply({ ...rest, version: rest.version + 1, writeId: `unfence${this.now}` }, rest.version);
      });
    }
    // Somebody deletes the row, or puts back one that was saved earlier.
    if (fault.kind === 'erase') this.row = fault.host % 2 === 0 ? undefined : this.#released;
    if (fault.kind === 'stall') {
      if (this.now >= host.stalledUntil) host.stalledFrom = this.now;
      host.stalledUntil = Math.max(host.stalledUntil, this.now + fault.forMs);
    }
    if (!host.alive || this.now < host.pausedUntil) return;
    if (fault.kind === 'handover') host.keeper.askHandover();
    if (fault.kind === 'unhealthy')
      this.#perform(host, host.keeper.yieldLease(now, this.#yield('kill', fault.forMs)));
  }

  #active(kind: Fault['kind'], host: Host): boolean {
    return this.#options.faults.some(
      (fault) =>
        fault.kind === kind &&
        fault.host % this.#hosts.length === host.index &&
        this.now >= fault.atMs &&
        this.now < fault.atMs + fault.forMs,
    );
  }

  #lost(host: Host): boolean {
    if (this.#active('partition', host)) return true;
    return this.#active('lossy', host) && this.#random() < 0.4;
  }

  #delay(host: Host): number {
    // Slow: most requests outlive their timeout, and are applied all the same.
    const most = this.#active('slow', host)
      ? this.#options.timing.requestTimeoutMs * 8
      : Math.min(20, this.#options.timing.requestTimeoutMs / 4);
    return this.#random() * most;
  }

  #local(host: Host): number {
    return host.offset + host.rate * this.now;
  }

  /** A time of the host's clock as global milliseconds. */
  #wait(host: Host, localMs: number): number {
    return localMs / host.rate;
  }

  /** In the order of time, and of arrival within one instant. */
  #at(at: number, run: () => void): void {
    const entry = { at: Math.max(at, this.now), order: this.#order++, run };
    const heap = this.#queue;
    let index = heap.push(entry) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (before(heap[parent]!, entry)) break;
      heap[index] = heap[parent]!;
      index = parent;
    }
    heap[index] = entry;
  }

  #take() {
    const heap = this.#queue;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child += 1;
      if (before(last, heap[child]!)) break;
      heap[index] = heap[child]!;
      index = child;
    }
    heap[index] = last;
    return first;
  }
}

function before(a: { at: number; order: number }, b: { at: number; order: number }): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
