import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { fileURLToPath } from 'node:url';
import type { LeasePlace, LeaseTiming } from '../../../../src/ha/index.js';

/** What a side said, timed by this process's clock. */
export interface Heard {
  readonly atMs: number;
  readonly node: string;
  readonly pid: number;
  readonly kind: string;
  readonly epoch?: number;
  /** When it asked its gate, milliseconds of a clock that all processes share. */
  readonly askedMs?: number;
  readonly why?: string;
  readonly what?: string;
  readonly from?: { readonly host?: string; readonly expired: boolean };
  readonly result?: { readonly done?: Record<string, unknown>; readonly failed?: string };
}

const NODE = fileURLToPath(new URL('./lease-node.mjs', import.meta.url));

/** Real processes over one lease, and the venue that hears what they send. */
export class LeasePair {
  readonly heard: Heard[] = [];
  readonly #venue: Socket = createSocket('udp4');
  readonly #place: LeasePlace;
  readonly #timing: LeaseTiming | undefined;
  readonly #nodes = new Map<string, ChildProcess>();

  private constructor(place: LeasePlace, timing: LeaseTiming | undefined) {
    this.#place = place;
    this.#timing = timing;
  }

  static async open(place: LeasePlace, timing?: LeaseTiming): Promise<LeasePair> {
    const pair = new LeasePair(place, timing);
    pair.#venue.on('message', (message) => {
      pair.heard.push({ atMs: performance.now(), ...JSON.parse(message.toString()) });
    });
    await new Promise<void>((resolve) => pair.#venue.bind(0, '127.0.0.1', resolve));
    return pair;
  }

  /** Starts a side; resolves when its lease thread runs. */
  async start(node: string, more: Record<string, unknown> = {}): Promise<void> {
    const { port } = this.#venue.address();
    const options = { place: this.#place, node, port, timing: this.#timing, ...more };
    const child = spawn(process.execPath, [NODE, JSON.stringify(options)], {
      stdio: ['pipe', 'inherit', 'inherit'],
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    this.#nodes.set(node, child);
    await this.hears((heard) => heard.kind === 'started' && heard.pid === child.pid);
  }

  say(node: string, line: string): void {
    this.#nodes.get(node)!.stdin!.write(`${line}\n`);
  }

  signal(node: string, signal: NodeJS.Signals): void {
    this.#nodes.get(node)!.kill(signal);
  }

  exited(node: string): Promise<void> {
    const child = this.#nodes.get(node)!;
    if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
    return new Promise((resolve) => child.once('exit', () => resolve()));
  }

  /** The first thing heard from index `from` on that fits. Rejects with all that was told when it does not come. */
  async hears(fits: (heard: Heard) => boolean, from = 0, withinMs = 30_000): Promise<Heard> {
    const until = performance.now() + withinMs;
    for (let index = from; ; ) {
      for (; index < this.heard.length; index += 1) if (fits(this.heard[index]!)) return this.heard[index]!;
      if (performance.now() > until) {
        const told = this.heard.filter(({ kind }) => kind !== 'order').map((heard) => JSON.stringify(heard));
        throw new Error(`not heard within ${withinMs} ms of:\n${told.join('\n')}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }

  /** The next order of `node` from now on. */
  order(node: string): Promise<Heard> {
    return this.hears((heard) => heard.kind === 'order' && heard.node === node, this.heard.length);
  }

  /** Orders of an epoch that passed their gate after one of a later epoch had passed its own. */
  late(): Heard[] {
    // When the first order of each epoch asked its gate.
    const begun = new Map<number, number>();
    for (const { kind, epoch = 0, askedMs = 0 } of this.heard) {
      if (kind === 'order' && !begun.has(epoch)) begun.set(epoch, askedMs);
    }
    return this.heard.filter(
      ({ kind, epoch = 0, askedMs = 0 }) =>
        kind === 'order' && [...begun].some(([later, since]) => later > epoch && askedMs >= since),
    );
  }

  async close(): Promise<void> {
    for (const [node, child] of this.#nodes) {
      child.kill('SIGCONT');
      child.kill('SIGKILL');
      await this.exited(node);
    }
    this.#venue.close();
  }
}
