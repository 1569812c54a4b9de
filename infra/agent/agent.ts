import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import {
  type KeeperAction,
  LeaseKeeper,
  type LeaseStore,
  PlannedHandover,
  type Predecessor,
  type YieldRequest,
} from '@tradewind/engine/ha/lease';
import type { Log } from '../shared/index.js';
import type { AgentConfig } from './config.js';
import type { ControlRequest } from './control.js';
import { EngineHealth, FlapLimiter, type HealthVerdict } from './engine-health.js';
import type { GuardOrder, GuardReport } from './guard.js';
import type { EngineLook } from './health-probe.js';
import type { AgentReadings } from './metrics.js';
import type { UnitState } from './unit-control.js';

/** What the agent acts through. */
export interface AgentPorts {
  readonly store: LeaseStore;
  /** Monotonic milliseconds, the same clock as the guard's. */
  readonly clock: () => number;
  readonly orderGuard: (order: GuardOrder) => void;
  readonly lookAtEngine: () => Promise<EngineLook>;
  readonly unitState: () => Promise<UnitState>;
  /** The awaited steps of a promotion. */
  readonly promote: (epoch: number, from: Predecessor, wanted: () => boolean) => Promise<void>;
  readonly log: Log;
}

/** A handover somebody waits for. */
interface Handover {
  readonly plan: PlannedHandover;
  readonly resolve: (result: Record<string, unknown>) => void;
  readonly reject: (error: Error) => void;
}

/** A guard is a Node process of its own and takes its time to start, milliseconds. Nothing is started before it speaks. */
const GUARD_START_MS = 30_000;
/** Beyond the engine's own grace: for the kill and its confirmation. */
const STOP_SLACK_MS = 3_000;

/**
 * One host's agent: drives the {@link LeaseKeeper} by timer, performs what it decides, watches the engine's health, and
 * answers the `agent` commands. Whatever starts or kills the engine goes through the guard.
 */
export class Agent {
  readonly #config: AgentConfig;
  readonly #ports: AgentPorts;
  readonly #keeper: LeaseKeeper;
  readonly #flaps: FlapLimiter;
  readonly #timers: NodeJS.Timeout[] = [];
  #health: EngineHealth | undefined;
  #verdict: HealthVerdict | 'stopped' = 'stopped';
  #looking = false;
  #handover: Handover | undefined;
  #guardSpoke = false;
  #awaitsRelease: boolean;
  #guardSilenceMs = 0;
  #tickedAtMs: number;
  #stopped: (() => void) | undefined;

  /** Called when the guard is gone: the caller kills the engine and ends this process. */
  onGuardLost: (why: string) => void = () => {};

  constructor(config: AgentConfig, ports: AgentPorts) {
    this.#config = config;
    this.#ports = ports;
    this.#tickedAtMs = ports.clock();
    const { table: _, ...timing } = config.lease;
    this.#keeper = new LeaseKeeper({
      identity: { host: config.host, instanceId: config.instanceId },
      timing,
      nextWriteId: randomUUID,
      wallClock: () => new Date().toISOString(),
    });
    this.#awaitsRelease = awaitsRelease(config);
    this.#keeper.hold(this.#awaitsRelease || existsSync(config.control.holdFile));
    const { coolDownMs, maxReleases, flapWindowMs: windowMs } = config.engine;
    this.#flaps = new FlapLimiter({ coolDownMs, maxReleases, windowMs });
  }

  start(): void {
    this.#perform(this.#keeper.begin());
    this.#timers.push(
      setInterval(() => this.#tick(), this.#config.lease.tickMs),
      setInterval(() => void this.#watchEngine(), this.#config.engine.probeEveryMs),
    );
  }

  /** Ends the engine gracefully, lets the lease go, and resolves when both are done or the lease is lost. */
  async stop(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#stopped = resolve;
      this.#yield('graceful', 'the agent was asked to stop', Number.POSITIVE_INFINITY);
      this.#afterActions();
    });
    for (const timer of this.#timers) clearInterval(timer);
  }

  /** For CloudWatch. */
  readings(host: AgentReadings['host']): AgentReadings {
    const now = this.#ports.clock();
    const { phase, row, leaseAgeMs } = this.#keeper.view(now);
    const known = Number.isFinite(leaseAgeMs);
    return {
      leaseAgeMs: known ? leaseAgeMs : undefined,
      heartbeatGapMs: this.#health?.gapMs(now) ?? 0,
      isLeader: phase === 'leading' || phase === 'yielding',
      epoch: known ? (row?.epoch ?? 0) : undefined,
      engineReady: this.#health?.ready ?? false,
      awaitsRelease: this.#config.control.startHeld ? this.#awaitsRelease : undefined,
      host,
    };
  }

  onGuardReport(report: GuardReport): void {
    this.#guardSpoke = true;
    this.#guardSilenceMs = 0;
    const { log, clock } = this.#ports;
    switch (report.kind) {
      case 'alive':
        return;
      case 'started':
        log.info('engine started', { epoch: report.epoch });
        // Watched from now on, unless it was told to stop in the meantime.
        if (this.#verdict === 'starting') this.#health = new EngineHealth(this.#config.engine, clock());
        return;
      case 'refused':
        log.error('engine not started', { epoch: report.epoch, why: report.why });
        this.#yield('kill', report.why, this.#config.engine.coolDownMs);
        return;
      case 'overdue':
        log.error('the guard killed the engine: its permission had run out', { lateMs: report.lateMs });
        return;
      case 'dead':
        log.info('engine dead', { clean: report.clean });
        this.#handover?.plan.onEngineDead(clock());
        this.#perform(this.#keeper.onEngineDead(clock(), report.serial));
    }
  }

  async answer(request: ControlRequest): Promise<Record<string, unknown>> {
    const { instanceId, control } = this.#config;
    const { holdFile, startHeld, releaseFile, handoverQuietMs } = control;
    switch (request.command) {
      case 'status':
        return this.status();
      case 'hold':
        this.#holdByHand(request.reason);
        return this.status();
      case 'resume':
        rmSync(holdFile, { force: true });
        // On the disk before this host may lead by it.
        if (startHeld) writeFileSync(releaseFile, `${instanceId}\n`, { flush: true });
        this.#awaitsRelease = false;
        this.#keeper.hold(false);
        this.#flaps.forgive();
        return this.status();
      case 'release':
        this.#holdByHand('released by hand');
        if (!this.#yield('graceful', 'released by hand', handoverQuietMs)) {
          throw new Error(`${this.#config.host} does not hold the lease; it is on hold now`);
        }
        return this.#releasedOrLost();
      case 'handover':
        return this.#beginHandover();
    }
  }

  /** For people and scripts. */
  status(): Record<string, unknown> {
    const now = this.#ports.clock();
    const view = this.#keeper.view(now);
    return {
      environment: this.#config.environment,
      host: this.#config.host,
      instanceId: this.#config.instanceId,
      phase: view.phase,
      holder: view.row?.holder ?? null,
      epoch: view.row?.epoch ?? null,
      version: view.row?.version ?? null,
      fenced: view.row?.fenced ?? null,
      leaseAgeMs: Number.isFinite(view.leaseAgeMs) ? Math.round(view.leaseAgeMs) : null,
      permittedForMs: Math.max(0, Math.round(view.permittedUntilMs - now)) || 0,
      unwilling: view.unwilling ?? null,
      engine: this.#verdict,
      engineReady: this.#health?.ready ?? false,
    };
  }

  /** Held by hand, a host that starts held waits for a person again, as at its first start. */
  #holdByHand(reason: string): void {
    const { holdFile, startHeld, releaseFile } = this.#config.control;
    writeFileSync(holdFile, `${reason}\n`);
    rmSync(releaseFile, { force: true });
    this.#awaitsRelease = startHeld;
    this.#keeper.hold(true);
  }

  #tick(): void {
    const now = this.#ports.clock();
    // Only time in which this process ran counts: after a pause the guard's reports are still to be read.
    this.#guardSilenceMs += Math.min(now - this.#tickedAtMs, 2 * this.#config.lease.tickMs);
    this.#tickedAtMs = now;
    // It is needed when this process stalls: silent for as long as a permission lasts, it is no guard.
    const patienceMs = this.#guardSpoke ? this.#config.lease.selfFenceMs : GUARD_START_MS;
    if (this.#guardSilenceMs > patienceMs) this.onGuardLost(`silent for ${patienceMs} ms`);
    this.#perform(this.#keeper.tick(now));
    this.#driveHandover(now);
  }

  #perform(actions: readonly KeeperAction[]): void {
    const { store, clock, orderGuard, log } = this.#ports;
    for (const action of actions) {
      switch (action.kind) {
        case 'read':
          store.read().then(
            (row) => this.#perform(this.#keeper.onRead(clock(), row)),
            (error) => {
              log.warn('lease not read', { error });
              this.#perform(
                this.#keeper.onRead(clock(), error instanceof Error ? error : new Error(String(error))),
              );
            },
          );
          break;
        case 'write':
          void store
            .write(action.row, action.expected)
            .then((outcome) => this.#perform(this.#keeper.onWritten(clock(), outcome)));
          break;
        case 'promote':
          void this.#promote(action.epoch, action.from);
          break;
        case 'permit':
          orderGuard({ kind: 'permit', deadlineMs: action.deadlineMs });
          break;
        case 'start-engine':
          this.#verdict = 'starting';
          orderGuard({ kind: 'start', epoch: action.epoch, deadlineMs: action.deadlineMs });
          break;
        case 'stop-engine':
          this.#health = undefined;
          this.#verdict = 'stopped';
          log.info('stopping the engine', { how: action.how, reason: action.reason });
          orderGuard({
            kind: 'stop',
            how: action.how,
            serial: action.serial,
            graceMs: this.#config.engine.gracefulStopMs,
          });
          break;
        case 'tell':
          log.info(action.what, action.detail);
          if (action.what === 'lease released') this.#handover?.plan.onReleased(clock());
      }
    }
    if (actions.length > 0) this.#afterActions();
  }

  #afterActions(): void {
    const { phase } = this.#keeper.view(this.#ports.clock());
    if (phase === 'observing') this.#stopped?.();
  }

  async #promote(epoch: number, from: Predecessor): Promise<void> {
    const leads = () => {
      const { phase, row } = this.#keeper.view(this.#ports.clock());
      return phase === 'leading' && row?.epoch === epoch;
    };
    await this.#ports.promote(epoch, from, leads);
    this.#perform(this.#keeper.startEngine(this.#ports.clock(), epoch));
  }

  async #watchEngine(): Promise<void> {
    const health = this.#health;
    if (health === undefined || this.#looking) return;
    this.#looking = true;
    try {
      const look = await this.#ports.lookAtEngine();
      const alive = look.answered ? true : await this.#processAlive();
      // Stopped, or another engine, by the time the answer is here.
      if (health !== this.#health) return;
      this.#verdict = health.judge(this.#ports.clock(), look, alive);
      if (this.#verdict === 'dead' || this.#verdict === 'hung') this.#giveUp(this.#verdict);
    } finally {
      this.#looking = false;
    }
  }

  async #processAlive(): Promise<boolean | undefined> {
    try {
      return (await this.#ports.unitState()) === 'alive';
    } catch (error) {
      this.#ports.log.warn('the state of the engine unit is not known', { error });
      return undefined;
    }
  }

  #giveUp(verdict: 'dead' | 'hung'): void {
    const next = this.#flaps.onRelease(this.#ports.clock());
    const reason = `the engine is ${verdict}`;
    if (next === 'hold') {
      const { maxReleases, flapWindowMs } = this.#config.engine;
      this.#ports.log.error('on hold: the engine failed too often here', { maxReleases, flapWindowMs });
      writeFileSync(
        this.#config.control.holdFile,
        `${reason}, ${maxReleases} times within ${flapWindowMs} ms\n`,
      );
      this.#keeper.hold(true);
    }
    this.#yield('kill', reason, next === 'hold' ? 0 : next.quietMs);
  }

  /** False when this host did not lead. */
  #yield(how: YieldRequest['how'], reason: string, quietMs: number): boolean {
    const now = this.#ports.clock();
    const leading = this.#keeper.view(now).phase === 'leading';
    const patienceMs = (how === 'graceful' ? this.#config.engine.gracefulStopMs : 0) + STOP_SLACK_MS;
    this.#perform(this.#keeper.yieldLease(now, { how, reason, quietMs, patienceMs }));
    return leading;
  }

  async #releasedOrLost(): Promise<Record<string, unknown>> {
    await new Promise<void>((resolve) => {
      const look = setInterval(() => {
        if (this.#keeper.view(this.#ports.clock()).phase === 'yielding') return;
        clearInterval(look);
        resolve();
      }, this.#config.lease.tickMs);
    });
    return this.status();
  }

  #beginHandover(): Promise<Record<string, unknown>> {
    const { host } = this.#config;
    if (this.#handover !== undefined) throw new Error('a handover is under way');
    if (!this.#keeper.askHandover()) {
      const holder = this.#keeper.view(this.#ports.clock()).row?.holder ?? 'nobody';
      throw new Error(`${host} does not hold the lease, ${holder} does: ask there`);
    }
    return new Promise((resolve, reject) => {
      const plan = new PlannedHandover(host, this.#config.control, this.#ports.clock());
      this.#handover = { plan, resolve, reject };
    });
  }

  #driveHandover(now: number): void {
    if (this.#handover === undefined) return;
    const { plan, resolve, reject } = this.#handover;
    const { phase, row } = this.#keeper.view(now);
    const step = plan.look(now, { phase, row, accepted: this.#keeper.handoverAccepted });
    if (step === 'wait') return;
    if (step === 'let-go') {
      this.#yield('graceful', 'handover', this.#config.control.handoverQuietMs);
      return;
    }
    this.#handover = undefined;
    if ('done' in step) resolve(step.done);
    else {
      this.#keeper.cancelHandover();
      reject(new Error(step.failed));
    }
  }
}

/**
 * Whether this host starts held and nobody has released it. It is released by a file that names its own instance: a volume
 * that was restored or taken over from another host releases nothing, and without a file nobody leads.
 */
function awaitsRelease({ instanceId, control }: Pick<AgentConfig, 'instanceId' | 'control'>): boolean {
  const { startHeld, releaseFile } = control;
  if (!startHeld) return false;
  return !existsSync(releaseFile) || readFileSync(releaseFile, 'utf8').trim() !== instanceId;
}
