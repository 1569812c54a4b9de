import type { ChildProcess } from 'node:child_process';
import { copyFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Children, endChild } from './children.js';
import { CLI } from './engine-cli.js';
import { freePorts } from './free-ports.js';
import { venueConfig } from './load-config.js';
import { memoryFolder } from './memory.js';

const START_MS = 30_000;
const END_MS = 10_000;

export interface Venue {
  readonly child: ChildProcess;
  readonly port: number;
  /** In memory while it runs. */
  readonly ledger: string;
  /** Files with the keys of its account. */
  readonly apiKey: string;
  readonly secret: string;
  /** Ends it; the ledger is complete then, and in the run's folder. */
  stop(): Promise<void>;
}

/** URLs of a venue at an address. */
export function venueUrls(host: string, port: number) {
  const authority = `${host}:${port}`;
  return {
    rest: `http://${authority}`,
    stream: `ws://${authority}`,
    wsApi: `ws://${authority}/ws-api/v3`,
  };
}

/** The simulated venue as a process of its own, with a ledger and without rate limits. */
export async function startVenue(
  children: Children,
  folder: string,
  options: { readonly symbols: number; readonly seed: number; readonly namespace: string | undefined },
): Promise<Venue> {
  const config = join(folder, 'venue.yaml');
  const memory = memoryFolder(folder, 'ledger');
  const removeMemory = children.removal(() => rmSync(memory, { recursive: true, force: true }));
  let ledger = join(memory, 'ledger.jsonl');
  writeFileSync(config, JSON.stringify(venueConfig(options.symbols, options.seed), null, 2));
  const [port] = await freePorts(1);
  const host = options.namespace === undefined ? '127.0.0.1' : '0.0.0.0';
  const child = children.spawn({
    command: process.execPath,
    args: [
      CLI,
      ...['sim', '--config', config, '--host', host, '--port', `${port}`],
      ...['--unlimited', '--ledger', ledger],
    ],
    namespace: options.namespace,
    errorLog: join(folder, 'venue.err'),
  });
  const facts = await firstLine(child);
  const { ed25519 } = JSON.parse(facts) as { ed25519: { apiKey: string; privateKey: string } };
  const file = (name: string, text: string) => {
    const path = join(folder, name);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  };
  return {
    child,
    port: port!,
    get ledger() {
      return ledger;
    },
    apiKey: file('venue.key', ed25519.apiKey),
    secret: file('venue.secret', ed25519.privateKey),
    stop: async () => {
      await endChild(child, END_MS);
      if (ledger.startsWith(folder)) return;
      const kept = join(folder, 'ledger.jsonl');
      copyFileSync(ledger, kept);
      ledger = kept;
      removeMemory();
    },
  };
}

/** What a process says first on standard output. */
function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`the venue said nothing in ${START_MS} ms`)), START_MS);
    child.once('exit', (code) => reject(new Error(`the venue ended with code ${code}`)));
    createInterface({ input: child.stdout! }).once('line', (line) => {
      clearTimeout(timer);
      resolve(line);
    });
  });
}
