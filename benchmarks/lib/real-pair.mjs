import { spawn } from 'node:child_process';
import { mkdtempSync, openSync, readSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { CLIENT_ORDER_ID_FORMATS, parseClientOrderId } from '@tradewind/engine/domain';

const CLI = fileURLToPath(new URL('../../engine/bin/tradewind.mjs', import.meta.url));
const PATIENCE_MS = 60_000;
const LOOK_MS = 5;

/** Wall clock in milliseconds, as the logs and the venue's ledger have it. */
export const wallMs = () => performance.timeOrigin + performance.now();

/** When a line of a log was written, the same. */
export const timeOf = ({ time }) => Date.parse(`${time.slice(0, 23)}Z`) + Number(time.slice(23, 26)) / 1_000;

/** Asks until there is an answer. */
export async function until(what, look) {
  for (const deadline = performance.now() + PATIENCE_MS; ; await sleep(LOOK_MS)) {
    const found = look();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > deadline) throw new Error(`${what}: not within ${PATIENCE_MS} ms`);
  }
}

/** A process whose standard output is lines, kept as they come. */
class LineProcess {
  lines = [];

  constructor(args) {
    const environment = Object.entries(process.env).filter(([name]) => !name.startsWith('TRADEWIND_'));
    this.child = spawn(process.execPath, [CLI, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: Object.fromEntries(environment),
    });
    this.ended = new Promise((resolve) => this.child.once('exit', resolve));
    createInterface({ input: this.child.stdout }).on('line', (line) => {
      if (!line.includes('"msg":"status"')) this.lines.push(line);
    });
  }

  async end(signal) {
    this.child.kill(signal);
    await this.ended;
  }
}

/** One engine of the pair; `said` finds a line of its log. */
export class EngineNode extends LineProcess {
  #read = 0;
  #log = [];

  get log() {
    for (; this.#read < this.lines.length; this.#read++) this.#log.push(JSON.parse(this.lines[this.#read]));
    return this.#log;
  }

  /** The first line with this message from line `from` on, and of this epoch if given. */
  said(message, from = 0, epoch = undefined) {
    return this.log.find(
      (line, i) => i >= from && line.msg === message && (epoch === undefined || line.epoch === epoch),
    );
  }

  /** The last epoch it said it leads under; 0: none. */
  get ledEpoch() {
    return this.log.findLast(({ msg }) => msg === 'leading')?.epoch ?? 0;
  }
}

/** Two engines as the command starts them, and a simulated venue that writes down what it was sent. */
export class RealPair {
  nodes = {};
  #folder = mkdtempSync(join(tmpdir(), 'tradewind-failover-'));
  #venue;
  #config;
  #ledger;
  #rest = '';
  /** Of each epoch that was heard of, when the venue took its first order: wall clock, ms. */
  firstOrders = new Map();

  static async start(lease) {
    const pair = new RealPair();
    await pair.#start(lease);
    return pair;
  }

  async #start(lease) {
    const at = (name) => join(this.#folder, name);
    this.#venue = new LineProcess(['sim', '--port', '0', '--unlimited', '--ledger', at('ledger')]);
    const venue = await until('the venue', () => this.#venue.lines[0]);
    const { rest, stream, wsApi, ed25519 } = JSON.parse(venue);
    writeFileSync(at('api-key'), ed25519.apiKey, { mode: 0o600 });
    writeFileSync(at('secret'), ed25519.privateKey, { mode: 0o600 });
    const credentials = { kind: 'ed25519', apiKey: { file: at('api-key') }, secret: { file: at('secret') } };
    const config = {
      venue: { endpoints: { rest, stream, wsApi }, credentials },
      strategies: ['BTCUSDT', 'ETHUSDT'].map((symbol) => ({
        ...{ symbol, orderSize: symbol === 'BTCUSDT' ? '0.001' : '0.02' },
        ...{ refreshIntervalMs: 50, orderTimeoutMs: '200ms' },
      })),
      telemetry: { port: 0 },
      session: { stateDir: at('state') },
      ha: { lease },
    };
    this.#config = at('engine.yaml');
    // JSON is YAML.
    writeFileSync(this.#config, JSON.stringify(config));
    this.#ledger = openSync(at('ledger'), 'r');
    await this.startNode('a');
    await until('a trades', () => this.looked().size > 0);
    await this.startNode('b');
    await this.followed('b');
  }

  startNode(name) {
    this.nodes[name] = new EngineNode(['paper', '--ha', '--node', name, '--config', this.#config]);
  }

  /** It could take over: follows, with market data of its own. */
  async followed(name) {
    const node = this.nodes[name];
    const is = (message) => () => node.said(message);
    await until(`${name} follows`, is('following the leader'));
    await until(`${name} has market data`, is('market data connected'));
  }

  /** Name of the node that leads, by the highest epoch that one said it leads under. */
  get leader() {
    return this.nodes.a.ledEpoch > this.nodes.b.ledEpoch ? 'a' : 'b';
  }

  get epoch() {
    return Math.max(this.nodes.a.ledEpoch, this.nodes.b.ledEpoch);
  }

  /** The first order of a later epoch than this one, undefined while there is none. */
  firstOrderAfter(epoch) {
    const later = [...this.looked()].filter(([of]) => of > epoch);
    return later.map(([of, atMs]) => ({ epoch: of, atMs })).sort((x, y) => x.atMs - y.atMs)[0];
  }

  /** {@link firstOrders}, after the ledger was read to its end. */
  looked() {
    const chunk = Buffer.alloc(1 << 16);
    for (let length = 1; length > 0; ) {
      length = readSync(this.#ledger, chunk, 0, chunk.length, null);
      const lines = (this.#rest + chunk.toString('latin1', 0, length)).split('\n');
      this.#rest = lines.pop();
      for (const line of lines) this.#take(JSON.parse(line));
    }
    return this.firstOrders;
  }

  #take([kind, us, , , , clientOrderId]) {
    if (kind !== 'N') return;
    const id = parseClientOrderId(CLIENT_ORDER_ID_FORMATS.binance, clientOrderId);
    if (id !== undefined && !this.firstOrders.has(id.epoch)) this.firstOrders.set(id.epoch, us / 1_000);
  }

  async close() {
    for (const node of Object.values(this.nodes)) await node.end('SIGKILL');
    await this.#venue?.end('SIGKILL');
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
