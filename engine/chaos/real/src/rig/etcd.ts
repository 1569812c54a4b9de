import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { findEtcd } from '../../../../../ci/etcd.mjs';
import { type Children, endChild } from './children.js';
import { freePorts } from './free-ports.js';
import { memoryFolder } from './memory.js';
import { until } from './waiting.js';

const START_MS = 30_000;
const END_MS = 2_000;
export const etcdProgram = findEtcd();

export interface Etcd {
  readonly port: number;
  stop(): Promise<void>;
}

/** One member with default settings. `reach`: its address as seen from the harness. */
export async function startEtcd(
  children: Children,
  folder: string,
  reach: string,
  namespace: string | undefined,
): Promise<Etcd> {
  const [port, peerPort] = await freePorts(2);
  // Nobody takes its power away here.
  const data = memoryFolder(folder, 'etcd');
  const removeData = children.removal(() => rmSync(data, { recursive: true, force: true }));
  const bind = namespace === undefined ? '127.0.0.1' : '0.0.0.0';
  const peer = `http://127.0.0.1:${peerPort}`;
  const flags = {
    'data-dir': data,
    name: 'one',
    'initial-cluster': `one=${peer}`,
    'log-level': 'warn',
    'listen-client-urls': `http://${bind}:${port}`,
    'advertise-client-urls': `http://${reach}:${port}`,
    'listen-peer-urls': peer,
    'initial-advertise-peer-urls': peer,
  };
  const child = children.spawn({
    command: etcdProgram!,
    args: Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value]),
    namespace,
    errorLog: join(folder, 'etcd.err'),
  });
  child.stdout!.resume();
  await until('etcd serves', START_MS, async () => {
    if (child.exitCode !== null) throw new Error(`etcd ended with code ${child.exitCode}: see ${folder}`);
    return await serves(`http://${reach}:${port}/health`);
  });
  return {
    port: port!,
    stop: async () => {
      await endChild(child, END_MS);
      removeData();
    },
  };
}

async function serves(url: string): Promise<boolean> {
  try {
    const reply = await fetch(url, { signal: AbortSignal.timeout(1_000) });
    return reply.ok;
  } catch {
    return false;
  }
}
