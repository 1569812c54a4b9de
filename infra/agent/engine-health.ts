import type { EngineLook } from './health-probe.js';

export interface HealthLimits {
  /** A started engine has so long until its first healthy answer, milliseconds. */
  readonly startGraceMs: number;
  /** An engine that was healthy and is not for so long is given up, milliseconds. */
  readonly unhealthyAfterMs: number;
}

/** systemd begins a queued start well within this time. */
const QUEUED_START_MS = 1_000;

/** `dead`: its process is gone. `hung`: it is there and does not turn. */
export type HealthVerdict = 'fine' | 'starting' | 'doubtful' | 'hung' | 'dead';

/** Judges the engine from when it was started and how it answered. Pure; times are monotonic milliseconds. */
export class EngineHealth {
  readonly #limits: HealthLimits;
  readonly #startedAtMs: number;
  #healthyAtMs: number | undefined;
  #ready = false;

  constructor(limits: HealthLimits, startedAtMs: number) {
    this.#limits = limits;
    this.#startedAtMs = startedAtMs;
  }

  /** `processAlive` is asked of systemd only when `/health` did not answer; undefined when that is not known. */
  judge(nowMs: number, look: EngineLook, processAlive: boolean | undefined): HealthVerdict {
    this.#ready = look.healthy && look.ready;
    if (look.healthy) {
      this.#healthyAtMs = nowMs;
      return 'fine';
    }
    // A queued start shows as inactive until systemd gets to it.
    const settled = this.#healthyAtMs !== undefined || nowMs - this.#startedAtMs >= QUEUED_START_MS;
    if (!look.answered && processAlive === false && settled) return 'dead';
    if (this.#healthyAtMs === undefined) {
      return nowMs - this.#startedAtMs >= this.#limits.startGraceMs ? 'hung' : 'starting';
    }
    return nowMs - this.#healthyAtMs >= this.#limits.unhealthyAfterMs ? 'hung' : 'doubtful';
  }

  get ready(): boolean {
    return this.#ready;
  }

  /** Since the engine last answered well, milliseconds; since its start before that. */
  gapMs(nowMs: number): number {
    return nowMs - (this.#healthyAtMs ?? this.#startedAtMs);
  }
}

export interface FlapLimits {
  /** First pause of this host after it gave the lease up for its engine's health; doubled each time, milliseconds. */
  readonly coolDownMs: number;
  /** So many times within `windowMs`; then the host goes on hold and a person decides. */
  readonly maxReleases: number;
  readonly windowMs: number;
}

/** Keeps two hosts with the same sick engine from passing the lease to and fro for ever. */
export class FlapLimiter {
  readonly #limits: FlapLimits;
  #releases: number[] = [];

  constructor(limits: FlapLimits) {
    this.#limits = limits;
  }

  /** Counts one release; how long to stay quiet now, or `hold`. */
  onRelease(nowMs: number): { readonly quietMs: number } | 'hold' {
    const { windowMs, maxReleases, coolDownMs } = this.#limits;
    this.#releases = [...this.#releases.filter((at) => nowMs - at < windowMs), nowMs];
    if (this.#releases.length >= maxReleases) return 'hold';
    return { quietMs: coolDownMs * 2 ** (this.#releases.length - 1) };
  }

  /** A person looked at it. */
  forgive(): void {
    this.#releases = [];
  }
}
