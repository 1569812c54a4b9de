import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { describe, expect } from '@jest/globals';
import { CLI, eventually, itBuilt } from '../e2e/support/engine-process.js';

const PROGRAM = `
  import { abortOnSignals } from ${JSON.stringify(new URL('signals.js', pathToFileURL(CLI)).href)};
  const signal = abortOnSignals();
  signal.addEventListener('abort', () => console.log('aborted'));
  setInterval(() => {}, 1000);
  console.log('ready');
`;

describe('abortOnSignals', () => {
  itBuilt(
    'ends in order on the first, hears a key press once, and ends by force on a later one',
    async () => {
      const child = spawn(process.execPath, ['--input-type=module', '-e', PROGRAM], { stdio: 'pipe' });
      let out = '';
      let err = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        out += text;
      });
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        err += text;
      });
      const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
      await eventually('ready', () => out.includes('ready'));
      // As a terminal and npm send them: at once, and to everybody.
      child.kill('SIGINT');
      child.kill('SIGTERM');
      await eventually('aborted', () => out.includes('aborted'));
      // What ends by force must not be taken for the same key press.
      await sleep(1_200);
      expect({ out, exit: child.exitCode }).toEqual({ out: 'ready\naborted\n', exit: null });
      child.kill('SIGINT');
      expect(await ended).toBe(130);
      expect(err).toBe('tradewind: ended by force; open orders were not verified\n');
    },
  );
});
