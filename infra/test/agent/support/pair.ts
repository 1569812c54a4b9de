import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import {
  createWriteStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import type { Server } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';
import { askAgent, type LeaseTiming } from '../../../agent/index.js';
import { bundleAgent } from '../../../functions/bundle.js';
import { infraPath } from '../../../model/paths.js';

export type HostName = 'primary' | 'standby';

/** One message of an engine, timed by this process's monotonic clock. */
export interface Heard {
  readonly atMs: number;
  readonly host: string;
  readonly pid: number;
  readonly kind: string;
}

export interface PairOptions {
  /** Over the agent's defaults. */
  readonly lease?: LeaseTiming;
  readonly engine?: Readonly<Record<string, unknown>>;
  /** As a host of a second Region. */
  readonly startHeld?: boolean;
  /** What the unit of a host runs; default: the sender. */
  readonly command?: (host: HostName, healthPort: number) => string;
}

const run = promisify(execFile);

/** A DynamoDB-compatible server over real sockets with the lease table in it. */
export async function startLeaseTable(table = 'lease') {
  const server: Server = dynalite({ createTableMs: 0 });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = new DynamoDBClient({
    endpoint,
    region: 'local',
    credentials: { accessKeyId: 'x', secretAccessKey: 'x' },
  });
  await client.send(
    new CreateTableCommand({
      TableName: table,
      KeySchema: [{ AttributeName: 'leaseKey', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'leaseKey', AttributeType: 'S' }],
      BillingMode: 'PAY_PER_REQUEST',
    }),
  );
  const stop = async () => {
    client.destroy();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { endpoint, client, table, stop };
}

/** Two agent processes from the bundled file, each with its own unit, over one lease table; and the venue that hears them. */
export class AgentPair {
  readonly heard: Heard[] = [];
  readonly #folder = mkdtempSync(join(tmpdir(), 'tradewind-pair-'));
  readonly #venue: Socket = createSocket('udp4');
  readonly #agents = new Map<HostName, ChildProcess>();
  readonly #options: PairOptions;
  #table!: Awaited<ReturnType<typeof startLeaseTable>>;
  #agentFile = '';

  private constructor(options: PairOptions) {
    this.#options = options;
  }

  static async open(options: PairOptions = {}): Promise<AgentPair> {
    const pair = new AgentPair(options);
    const { dir, file } = bundleAgent();
    pair.#agentFile = join(dir, file);
    pair.#table = await startLeaseTable();
    await new Promise<void>((resolve) => pair.#venue.bind(0, '127.0.0.1', resolve));
    pair.#venue.on('message', (message) => {
      const [host, pid, kind] = message.toString().split(' ');
      pair.heard.push({ atMs: performance.now(), host: host!, pid: Number(pid), kind: kind! });
    });
    for (const host of ['primary', 'standby'] as const) await pair.#prepare(host);
    return pair;
  }

  start(host: HostName): void {
    const folder = join(this.#folder, host);
    const agent = spawn(process.execPath, [this.#agentFile, 'run', '--config', join(folder, 'agent.json')], {
      env: {
        ...process.env,
        NODE_OPTIONS: '',
        UNIT_DIR: folder,
        AWS_ENDPOINT_URL_DYNAMODB: this.#table.endpoint,
        AWS_ACCESS_KEY_ID: 'x',
        AWS_SECRET_ACCESS_KEY: 'x',
        AWS_EC2_METADATA_DISABLED: 'true',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const log = createWriteStream(join(folder, 'agent.log'), { flags: 'a' });
    agent.stdout.pipe(log);
    agent.stderr.pipe(log);
    this.#agents.set(host, agent);
  }

  signal(host: HostName, signal: NodeJS.Signals): void {
    this.#agents.get(host)?.kill(signal);
  }

  exited(host: HostName): Promise<number | null> {
    const agent = this.#agents.get(host)!;
    if (agent.exitCode !== null) return Promise.resolve(agent.exitCode);
    return new Promise((resolve) => agent.once('exit', resolve));
  }

  /** Runs an `agent` command on a host; its JSON, or the error's text. */
  async command(host: HostName, ...args: string[]): Promise<Record<string, unknown> & { error?: string }> {
    const config = join(this.#folder, host, 'agent.json');
    try {
      const { stdout } = await run(
        process.execPath,
        [this.#agentFile, ...args, '--config', config, '--json'],
        {
          env: { ...process.env, NODE_OPTIONS: '' },
        },
      );
      return JSON.parse(stdout);
    } catch (error) {
      return { error: (error as { stderr?: string }).stderr ?? String(error) };
    }
  }

  /** What the host's agent says of itself; empty while it does not answer. */
  async status(host: HostName): Promise<Record<string, unknown>> {
    try {
      return await askAgent(join(this.#folder, host, 'sock'), { command: 'status' }, 5_000);
    } catch {
      return {};
    }
  }

  log(host: HostName): string {
    const file = join(this.#folder, host, 'agent.log');
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  }

  /** What the host's engine wrote. */
  engineLog(host: HostName): string {
    return readFileSync(join(this.#folder, host, 'engine.log'), 'utf8');
  }

  /** Process of the host's engine as its unit knows it. */
  enginePid(host: HostName): number {
    return Number(readFileSync(join(this.#folder, host, 'pid'), 'utf8'));
  }

  /** The first message of `host` after `afterMs`; rejects after `withinMs`. */
  async hears(host: HostName, afterMs: number, withinMs = 30_000): Promise<Heard> {
    const until = performance.now() + withinMs;
    for (;;) {
      const found = this.heard.find((heard) => heard.host === host && heard.atMs > afterMs);
      if (found) return found;
      if (performance.now() > until) {
        throw new Error(
          `no engine of ${host} within ${withinMs} ms\n${this.log('primary')}\n${this.log('standby')}`,
        );
      }
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }

  last(host: HostName): Heard {
    return this.heard.findLast((heard) => heard.host === host)!;
  }

  /** Pairs of messages in which two engines were heard alternately: the first engine spoke after the second had begun. */
  interleaved(): string[] {
    const firstOf = new Map<number, number>();
    const lastOf = new Map<number, number>();
    for (const { pid, atMs } of this.heard) {
      if (!firstOf.has(pid)) firstOf.set(pid, atMs);
      lastOf.set(pid, atMs);
    }
    const spans = [...firstOf].map(([pid, from]) => ({ pid, from, to: lastOf.get(pid)! }));
    return spans.flatMap((one) =>
      spans
        .filter((other) => other.pid !== one.pid && other.from >= one.from && other.from < one.to)
        .map((other) => `${one.pid} and ${other.pid} overlap by ${one.to - other.from} ms`),
    );
  }

  async close(): Promise<void> {
    for (const [host, agent] of this.#agents) {
      if (agent.exitCode !== null || agent.signalCode !== null) continue;
      agent.kill('SIGCONT');
      agent.kill('SIGKILL');
      await this.exited(host);
    }
    // The guards kill what is left once their agents are gone.
    await new Promise((resolve) => setTimeout(resolve, 300));
    this.#venue.close();
    await this.#table.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #prepare(host: HostName): Promise<void> {
    const folder = join(this.#folder, host);
    mkdirSync(folder);
    const port = await freePort();
    const support = infraPath('test', 'agent', 'support');
    const sender = `exec ${process.execPath} ${join(support, 'sender.mjs')} ${host} ${this.#venue.address().port} ${port}`;
    writeFileSync(join(folder, 'command'), `${this.#options.command?.(host, port) ?? sender}\n`);
    writeFileSync(
      join(folder, 'agent.json'),
      JSON.stringify({
        environment: 'test',
        host,
        instanceId: `i-${host}`,
        region: 'local',
        lease: { table: this.#table.table, ...this.#options.lease },
        engine: { url: `http://127.0.0.1:${port}`, probeEveryMs: 50, ...this.#options.engine },
        control: {
          socket: join(folder, 'sock'),
          holdFile: join(folder, 'hold'),
          releaseFile: join(folder, 'released'),
          startHeld: this.#options.startHeld ?? false,
        },
        systemctl: join(support, 'systemctl.sh'),
      }),
    );
  }
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
