/** Keeps the armed faults, decides for each frame, request and event whether one applies, and counts what it did. */
import { errors, VenueError } from '../protocol/errors.js';
import type { Fault, FaultKind } from './schema.js';

/** What becomes of one market event. */
export type FrameFate = 'send' | 'drop' | 'twice' | 'hold' | 'corrupt' | 'truncate';

/** What becomes of one request. */
export interface RequestFate {
  /** Refuse it with this, unexecuted. */
  readonly refuse?: VenueError;
  /** Execute it, then answer with this instead. */
  readonly mask?: VenueError;
  /** Whether the mask is an HTML page, as a load balancer would send. */
  readonly html?: boolean;
  readonly execute: boolean;
  readonly answer: 'send' | 'lose' | 'close';
  readonly delayMs: number;
}

/** What becomes of one user-stream event. */
export interface EventFate {
  readonly drop: boolean;
  readonly delayMs: number;
}

const NORMAL: RequestFate = { execute: true, answer: 'send', delayMs: 0 };
const PROMPT: EventFate = { drop: false, delayMs: 0 };

/** An armed fault. */
export interface ArmedFault {
  readonly id: number;
  readonly fault: Fault;
  /** Applications left; Infinity when bounded by time only. */
  remaining: number;
  /** Milliseconds since 1970; Infinity when bounded by count only. */
  readonly expiresMs: number;
  applied: number;
}

/** Kinds that apply once, when given, and are never armed. */
const IMMEDIATE: ReadonlySet<FaultKind> = new Set<FaultKind>([
  'disconnect',
  'halfOpen',
  'ban',
  'fill',
  'cancel',
]);

const FRAME_FATES: Readonly<Partial<Record<FaultKind, FrameFate>>> = {
  gap: 'drop',
  duplicate: 'twice',
  reorder: 'hold',
  corrupt: 'corrupt',
  truncate: 'truncate',
};

/** Methods that place, change or cancel: what request faults hit when no `methods` are given. */
const ORDER_METHODS: ReadonlySet<string> = new Set([
  'order.place',
  'order.cancel',
  'order.cancelReplace',
  'order.amend.keepPriority',
  'openOrders.cancelAll',
]);

export class FaultInjector {
  readonly #nowMs: () => number;
  readonly #applied = new Map<FaultKind, number>();
  #armed: ArmedFault[] = [];
  #nextId = 1;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Whether anything is armed: lets the caller skip the questions below. */
  get active(): boolean {
    return this.#armed.length > 0;
  }

  static isImmediate(fault: Fault): boolean {
    return IMMEDIATE.has(fault.kind);
  }

  /** Arms `fault`. Neither count nor duration given: it applies once (clock skew, stalls and refusals: until cleared). */
  arm(fault: Fault): ArmedFault {
    const bounds = fault as { count?: number; durationMs?: number };
    const standing =
      fault.kind === 'clockSkew' || fault.kind === 'refuseConnections' || fault.kind === 'stallUserStream';
    const armed: ArmedFault = {
      id: this.#nextId++,
      fault,
      remaining: bounds.count ?? (standing || bounds.durationMs !== undefined ? Number.POSITIVE_INFINITY : 1),
      expiresMs:
        bounds.durationMs === undefined ? Number.POSITIVE_INFINITY : this.#nowMs() + bounds.durationMs,
      applied: 0,
    };
    this.#armed.push(armed);
    return armed;
  }

  /** Counts an application of a fault that is not armed. */
  count(kind: FaultKind): void {
    this.#applied.set(kind, (this.#applied.get(kind) ?? 0) + 1);
  }

  /** Disarms one fault, or all. Returns how many were armed. */
  clear(id?: number): number {
    const before = this.#armed.length;
    this.#armed = id === undefined ? [] : this.#armed.filter((armed) => armed.id !== id);
    return before - this.#armed.length;
  }

  /** The armed faults. */
  list(): readonly ArmedFault[] {
    this.#expire();
    return this.#armed;
  }

  /** Applications so far, per kind. */
  counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#applied);
  }

  #expire(): void {
    const now = this.#nowMs();
    if (this.#armed.some((armed) => armed.expiresMs <= now || armed.remaining <= 0)) {
      this.#armed = this.#armed.filter((armed) => armed.expiresMs > now && armed.remaining > 0);
    }
  }

  #use(armed: ArmedFault): void {
    armed.remaining--;
    armed.applied++;
    this.count(armed.fault.kind);
    if (armed.remaining <= 0) this.#expire();
  }

  /** For a market event of `symbol` (upper case) on a stream of type `stream` (`depth`, `trade`, ...). */
  frame(symbol: string, stream: string): FrameFate {
    if (this.#armed.length === 0) return 'send';
    this.#expire();
    for (const armed of this.#armed) {
      const fate = FRAME_FATES[armed.fault.kind];
      if (fate === undefined) continue;
      const fault = armed.fault as { symbol?: string; stream?: string };
      if (fault.symbol !== undefined && fault.symbol.toUpperCase() !== symbol) continue;
      // Unqualified, these break the stream that has a sequence to break.
      if ((fault.stream ?? 'depth') !== stream) continue;
      this.#use(armed);
      return fate;
    }
    return 'send';
  }

  /** For a call of `method` (WebSocket API name), on `symbol` when it has one. */
  request(method: string, symbol: string | undefined): RequestFate {
    if (this.#armed.length === 0) return NORMAL;
    this.#expire();
    for (const armed of this.#armed) {
      const fate = this.#requestFate(armed, method, symbol);
      if (fate === null) continue;
      this.#use(armed);
      return fate;
    }
    return NORMAL;
  }

  #requestFate(armed: ArmedFault, method: string, symbol: string | undefined): RequestFate | null {
    const fault = armed.fault;
    if (fault.kind === 'reject') {
      const places = method === 'order.place' || method === 'order.cancelReplace';
      if (!places || (fault.symbol !== undefined && fault.symbol !== symbol)) return null;
      const refuse = new VenueError(fault.status ?? 400, fault.code, fault.message);
      return { refuse, execute: false, answer: 'send', delayMs: 0 };
    }
    const methods = (fault as { methods?: readonly string[] }).methods;
    if (methods === undefined ? !ORDER_METHODS.has(method) : !methods.includes(method)) return null;
    switch (fault.kind) {
      case 'slowAck':
        return { execute: true, answer: 'send', delayMs: fault.delayMs };
      case 'lostAck':
        return { execute: true, answer: fault.close === true ? 'close' : 'lose', delayMs: 0 };
      case 'lostRequest':
        return { execute: false, answer: fault.close === true ? 'close' : 'lose', delayMs: 0 };
      case 'rateLimit':
        return {
          refuse: this.#rateLimited(fault.retryAfterSeconds ?? 1),
          execute: false,
          answer: 'send',
          delayMs: 0,
        };
      case 'serverError': {
        const mask = errors.timeout(fault.status ?? 504);
        const html = fault.html === true;
        return fault.executed === false
          ? { refuse: mask, html, execute: false, answer: 'send', delayMs: 0 }
          : { mask, html, execute: true, answer: 'send', delayMs: 0 };
      }
      default:
        return null;
    }
  }

  #rateLimited(retryAfter: number): VenueError {
    const now = this.#nowMs();
    return errors.tooMuchWeight(6_000, '1 MINUTE', retryAfter, {
      serverTime: Math.floor(now),
      retryAfter: Math.ceil(now + retryAfter * 1000),
    });
  }

  /** For a user-stream event: `execution` is the execution type of an executionReport, else undefined. */
  event(account: string, name: string, execution: string | undefined): EventFate {
    if (this.#armed.length === 0) return PROMPT;
    this.#expire();
    for (const armed of this.#armed) {
      const fault = armed.fault;
      if (fault.kind !== 'stallUserStream') continue;
      if (fault.account !== undefined && fault.account !== account) continue;
      if (
        fault.events !== undefined &&
        !fault.events.includes(name) &&
        !fault.events.includes(execution ?? '')
      )
        continue;
      this.#use(armed);
      return { drop: fault.drop === true || fault.delayMs === undefined, delayMs: fault.delayMs ?? 0 };
    }
    return PROMPT;
  }

  /** How far the venue's clock is off, in microseconds. */
  clockSkewUs(): number {
    if (this.#armed.length === 0) return 0;
    const now = this.#nowMs();
    let skew = 0;
    for (const armed of this.#armed) {
      if (armed.fault.kind !== 'clockSkew' || armed.expiresMs <= now) continue;
      if (armed.applied === 0) {
        armed.applied = 1;
        this.count('clockSkew');
      }
      skew += Math.round(armed.fault.offsetMs * 1000);
    }
    return skew;
  }

  /** Whether a new connection of this kind is to be cut. */
  refuses(kind: 'market' | 'wsapi' | 'rest'): boolean {
    if (this.#armed.length === 0) return false;
    this.#expire();
    for (const armed of this.#armed) {
      if (armed.fault.kind !== 'refuseConnections') continue;
      if (armed.fault.channel !== 'all' && armed.fault.channel !== kind) continue;
      this.#use(armed);
      return true;
    }
    return false;
  }
}
