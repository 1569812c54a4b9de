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

/** Seconds on a quiet machine; a run of the whole suite is none. */
const PATIENCE_MS = 180_000;

describe('a rule taken out is missed', () => {
  it.each([['no-fencing'], ['no-self-fence'], ['no-deduplication'], ['no-torn-tail-rule'], ['no-hold']])(
    '%s',
    async (mutation) => {
      const { code, output } = await chaos('--mutations', '--mutation', mutation);
      const found = /found with seed (\d+) \(.*?\): ([a-z-]+): /.exec(output);
      expect(found?.[2]).toBe(mutation);
      expect(code).toBe(0);
      // The rule back in its place, the same seed shows nothing: it was the rule that was missed.
      const whole = await chaos('--seed', found![1]!, '--aim', mutation);
      expect(whole.output).toContain('every invariant held');
      expect(whole.code).toBe(0);
    },
    PATIENCE_MS,
  );
});

it(
  'says how to see a failing seed again, and shows the same',
  async () => {
    const broken = await chaos('--seed', '1', '--mutation', 'no-hold');
    expect(broken.output).toContain('FAILED seed 1: sent before its record was safe');
    expect(broken.output).toContain('npm run chaos -- --seed 1 --mutation no-hold --trace');
    expect(broken.code).toBe(1);
  },
  PATIENCE_MS,
);

it(
  'comes to the same end with the same seed, step for step',
  async () => {
    const one = await chaos('--seed', '3', '--trace');
    const other = await chaos('--seed', '3', '--trace');
    expect(one.output).toBe(other.output);
    expect(one.output.split('\n').length).toBeGreaterThan(5);
  },
  PATIENCE_MS,
);

it.each([
  [['--seed', 'x'], '--seed must be a positive integer'],
  [['--mutation', 'nothing', '--seed', '1'], '--mutation must be one of no-fencing'],
  [[], 'give --seed, --seeds or --mutations'],
])('%j is not understood', async (args, why) => {
  const { code, output } = await chaos(...(args as string[]));
  expect(output).toContain(why);
  expect(code).toBe(2);
});
