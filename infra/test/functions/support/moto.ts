import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from '@jest/globals';
import { freePort } from '../../agent/support/pair.js';

const installed = spawnSync('moto_server', ['--help'], { stdio: 'ignore' }).status === 0;

/** `test`, or a skipped one where moto_server, which stands in for AWS, is not on the PATH. Name it in the title. */
export const testWithMoto = installed ? test : test.skip;

/** moto_server on a free port of this machine; undefined where it is not installed. */
export async function startMoto(): Promise<{ config: MotoConfig; stop: () => Promise<void> } | undefined> {
  if (!installed) return undefined;
  const port = await freePort();
  const server: ChildProcess = spawn('moto_server', ['-H', '127.0.0.1', '-p', String(port)], {
    stdio: 'ignore',
    env: { ...process.env, AWS_DEFAULT_REGION: 'eu-west-1' },
  });
  const endpoint = `http://127.0.0.1:${port}`;
  const until = performance.now() + 60_000;
  for (;;) {
    try {
      await fetch(`${endpoint}/moto-api/data.json`);
      break;
    } catch {
      if (performance.now() > until) throw new Error('moto_server did not answer within 60 s');
      await sleep(100);
    }
  }
  const stop = async () => {
    server.kill('SIGKILL');
    await new Promise((resolve) => server.once('exit', resolve));
  };
  const credentials = { accessKeyId: 'x', secretAccessKey: 'x' };
  return { config: { endpoint, region: 'eu-west-1', credentials }, stop };
}

/** For any AWS client. */
export interface MotoConfig {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}
