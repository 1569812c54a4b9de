import { randomBytes } from 'node:crypto';
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Durability } from '../options.js';
import type { Children } from './children.js';
import { type Etcd, etcdProgram, startEtcd } from './etcd.js';
import { LedgerWatch } from './ledger-watch.js';
import { type Lease, writeEngineConfig } from './load-config.js';
import { Network } from './network.js';
import { Node } from './node.js';
import { SmallDisk } from './small-disk.js';
import { startVenue, type Venue, venueUrls } from './venue.js';
import { nowUs, until } from './waiting.js';
import { WallClock } from './wall-clocks.js';

export interface RigOptions {
  /** Of this run alone. */
  readonly folder: string;
  readonly seed: number;
  readonly symbols: number;
  readonly durability: Durability;
  /** Engines and services on machines of their own. */
  readonly network?: boolean;
  /** Megabytes of the file system of each journal. */
  readonly diskMb?: number;
  /** Engines with wall clocks that can be set. */
  readonly clocks?: boolean;
  /** Of the journals; small ones are compressed once they are closed. */
  readonly segmentBytes?: number;
}

/** A fault as it was injected: what a failure is looked into with. */
export interface FaultEntry {
  /** Microseconds since 1970. */
  readonly us: number;
  readonly fault: string;
  readonly [detail: string]: unknown;
}

export type NodeName = 'a' | 'b';

const LOOPBACK = '127.0.0.1';
const START_MS = 60_000;
/** Records a standby may be behind and be called up to date: more come all the time. */
const CAUGHT_UP = 200;

/** A pair of engines, a venue and a lease store, each a process of its own. */
export class Rig {
  readonly folder: string;
  readonly stateDir: string;
  readonly durability: Durability;
  readonly lease: 'etcd' | 'file';
  readonly nodes: { readonly a: Node; readonly b: Node };
  readonly watch: LedgerWatch;
  readonly network: Network | undefined;
  readonly disks: { readonly a: SmallDisk; readonly b: SmallDisk } | undefined;
  readonly clocks: { readonly a: WallClock; readonly b: WallClock } | undefined;
  readonly faults: FaultEntry[] = [];
  readonly #venue: Venue;
  readonly #etcd: Etcd | undefined;

  /** Starts everything; resolves when one engine trades and the other follows. */
  static async start(children: Children, options: RigOptions): Promise<Rig> {
    mkdirSync(options.folder, { recursive: true });
    const network = options.network === true ? new Network(children) : undefined;
    const namespace = network?.namespaces.services;
    const reach = network?.addresses.services ?? LOOPBACK;
    const [etcd, venue] = await Promise.all([
      etcdProgram === undefined ? undefined : startEtcd(children, options.folder, reach, namespace),
      startVenue(children, options.folder, { ...options, namespace }),
    ]);
    const rig = new Rig(children, options, network, etcd, venue);
    rig.nodes.a.start();
    rig.nodes.b.start();
    const first = await rig.watch.nextLeader(0, START_MS);
    rig.log('started', { epoch: first.epoch, lease: rig.lease });
    await rig.settled(START_MS);
    return rig;
  }

  private constructor(
    children: Children,
    options: RigOptions,
    network: Network | undefined,
    etcd: Etcd | undefined,
    venue: Venue,
  ) {
    const { folder } = options;
    this.folder = folder;
    this.stateDir = join(folder, 'state');
    this.durability = options.durability;
    this.lease = etcd === undefined ? 'file' : 'etcd';
    this.network = network;
    this.#venue = venue;
    this.#etcd = etcd;
    this.watch = new LedgerWatch(venue.ledger);
    const pair = join(folder, 'pair.secret');
    writeFileSync(pair, randomBytes(32).toString('hex'), { mode: 0o600 });
    const both = <T>(make: (name: NodeName) => T) => ({ a: make('a'), b: make('b') });
    const { diskMb } = options;
    this.disks =
      diskMb === undefined
        ? undefined
        : both((name) => new SmallDisk(children, join(this.stateDir, name), diskMb));
    this.clocks = options.clocks === true ? both((name) => new WallClock(folder, name)) : undefined;
    this.nodes = both((name) => {
      const at = network?.addresses[name];
      const lease: Lease =
        etcd === undefined
          ? { kind: 'file' }
          : { kind: 'etcd', endpoint: `http://${at?.lease ?? LOOPBACK}:${etcd.port}` };
      const config = writeEngineConfig(folder, name, {
        ...{ symbols: options.symbols, stateDir: this.stateDir, durability: options.durability, lease },
        venue: venueUrls(at?.venue ?? LOOPBACK, venue.port),
        keys: { apiKey: venue.apiKey, secret: venue.secret, pair },
        listen: `${at?.listen ?? LOOPBACK}:0`,
        telemetryHost: network === undefined ? LOOPBACK : '0.0.0.0',
        segmentBytes: options.segmentBytes,
      });
      return new Node(children, {
        ...{ name, folder, config, namespace: network?.namespaces[name] },
        env: this.clocks?.[name].environment ?? {},
        telemetryHost: at?.harness ?? LOOPBACK,
      });
    });
  }

  get ledger(): string {
    return this.#venue.ledger;
  }

  journalOf(name: NodeName): string {
    return join(this.stateDir, name, 'journal');
  }

  /** The one that trades, and the other; by the epoch of the last orders at the venue. */
  roles(): { readonly leader: NodeName; readonly standby: NodeName } | undefined {
    const { epoch } = this.watch;
    if (epoch === 0) return undefined;
    if (this.nodes.a.ledEpoch === epoch) return { leader: 'a', standby: 'b' };
    if (this.nodes.b.ledEpoch === epoch) return { leader: 'b', standby: 'a' };
    return undefined;
  }

  /** Waits until one engine trades and the other is its standby, as far as it can be. */
  async settled(patienceMs: number): Promise<{ readonly leader: NodeName; readonly standby: NodeName }> {
    return await until(
      'an engine trades and the other follows',
      patienceMs,
      async () => {
        const roles = this.roles();
        if (roles === undefined || !this.nodes[roles.leader].isRunning) return undefined;
        return (await this.#follows(roles.standby)) ? roles : undefined;
      },
      25,
    );
  }

  async #follows(name: NodeName): Promise<boolean> {
    if (!this.nodes[name].isStandby) return false;
    const metrics = await this.nodes[name].metrics();
    return (metrics?.get('tradewind_replication_lag_records') ?? Number.POSITIVE_INFINITY) <= CAUGHT_UP;
  }

  /** Notes a fault or what came of it, with the time. */
  log(fault: string, detail: Readonly<Record<string, unknown>> = {}): void {
    const entry = { us: nowUs(), fault, ...detail };
    this.faults.push(entry);
    appendFileSync(join(this.folder, 'faults.jsonl'), `${JSON.stringify(entry)}\n`);
  }

  /** Ends the standby, then the leader, then the venue, each in order. Gives the engines' exit codes. */
  async stop(): Promise<Record<NodeName, number | null>> {
    const { leader, standby } = await this.settled(START_MS);
    const codes = { a: null, b: null } as Record<NodeName, number | null>;
    codes[standby] = await this.nodes[standby].stop();
    codes[leader] = await this.nodes[leader].stop();
    this.log('stopped', { leader, codes });
    return codes;
  }

  /** Whatever still runs or is mounted. */
  async close(): Promise<void> {
    for (const node of Object.values(this.nodes)) {
      node.signal('SIGCONT');
      await node.kill().catch(() => {});
    }
    await this.#venue.stop();
    this.watch.close();
    await this.#etcd?.stop();
    this.network?.remove();
  }

  /** After the journals were read. */
  unmount(): void {
    for (const disk of Object.values(this.disks ?? {})) disk.unmount();
  }
}
