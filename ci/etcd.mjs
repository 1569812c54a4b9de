// A real etcd for tests and drills: one member on free ports of the loopback interface, its data in a temporary folder.
import { spawn } from 'node:child_process';
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

const START_MS = 30_000;

/** Path of the `etcd` program (Debian: package etcd-server), undefined where it is not installed. */
export function findEtcd() {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/bin', '/usr/local/bin'];
  return folders
    .map((folder) => join(folder, 'etcd'))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/** Starts one member; resolves with its client URL and process once it serves. `stop` kills it and removes its data. */
export async function startEtcd() {
  const program = findEtcd();
  if (program === undefined) throw new Error('etcd is not installed: apt-get install etcd-server');
  const dir = mkdtempSync(join(tmpdir(), 'tradewind-etcd-'));
  const [clientPort, peerPort] = await Promise.all([freePort(), freePort()]);
  const endpoint = `http://127.0.0.1:${clientPort}`;
  const peer = `http://127.0.0.1:${peerPort}`;
  const args = [
    '--data-dir',
    dir,
    '--name',
    'one',
    '--initial-cluster',
    `one=${peer}`,
    '--log-level',
    'warn',
  ];
  for (const flag of ['--listen-client-urls', '--advertise-client-urls']) args.push(flag, endpoint);
  for (const flag of ['--listen-peer-urls', '--initial-advertise-peer-urls']) args.push(flag, peer);
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk) => {
    said = (said + chunk).slice(-4_000);
  });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  const stop = async () => {
    child.kill('SIGCONT');
    child.kill('SIGKILL');
    await exited;
    rmSync(dir, { recursive: true, force: true });
  };
  const until = performance.now() + START_MS;
  while (!(await serves(endpoint))) {
    if (child.exitCode !== null || performance.now() > until) {
      await stop();
      throw new Error(`etcd did not start: ${said.trim()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return { endpoint, child, stop };
}

async function serves(endpoint) {
  try {
    const reply = await fetch(`${endpoint}/health`, { signal: AbortSignal.timeout(1_000) });
    return reply.ok && (await reply.json()).health === 'true';
  } catch {
    return false;
  }
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
