import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';

/** Built by `tsc -b`: the run replaces timers and clocks, which belong to this process here. */
const CHAOS = fileURLToPath(new URL('../../chaos/dist/chaos.js', import.meta.url));

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

function chaos(...args: string[]): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [CHAOS, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const keep = (chunk: Buffer) => {
      output += chunk.toString();
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output }));
  });
}

describe('a rule taken out is missed', () => {
  /** Mutation, a seed that finds it, and how. */
  it.each([['no-hold', '1', 'sent before its record was safe']])('%s', async (mutation, seed, invariant) => {
    const broken = await chaos('--seed', seed, '--mutation', mutation);
    expect(broken.output).toContain(`FAILED seed ${seed}: ${invariant}`);
    expect(broken.output).toContain(`npm run chaos -- --seed ${seed} --mutation ${mutation} --trace`);
    expect(broken.code).toBe(1);
    const whole = await chaos('--seed', seed);
    expect(whole.output).toContain('every invariant held');
    expect(whole.code).toBe(0);
  });
});

it('comes to the same end with the same seed, step for step', async () => {
  const [one, other] = await Promise.all([chaos('--seed', '3', '--trace'), chaos('--seed', '3', '--trace')]);
  expect(one.output).toBe(other.output);
  expect(one.output.split('\n').length).toBeGreaterThan(5);
});

it.each([
  [['--seed', 'x'], '--seed must be a positive integer'],
  [['--mutation', 'nothing', '--seed', '1'], '--mutation must be one of no-fencing'],
  [[], 'give --seed, --seeds or --mutations'],
])('%j is not understood', async (args, why) => {
  const { code, output } = await chaos(...(args as string[]));
  expect(output).toContain(why);
  expect(code).toBe(2);
});
