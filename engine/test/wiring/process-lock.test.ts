import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { HeldError, lockHolder, takeProcessLock } from '../../src/wiring/process-lock.js';

const folder = mkdtempSync(join(tmpdir(), 'tradewind-lock-'));
afterAll(() => rmSync(folder, { recursive: true }));
let count = 0;
const fresh = () => join(folder, `${count++}`, 'lock');

/** A process that lives until it is killed. */
async function living(): Promise<{ pid: number; end(): Promise<void> }> {
  const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  await once(child, 'spawn');
  return {
    pid: child.pid!,
    async end() {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

const ticks = (pid: number) => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
};

describe('takeProcessLock', () => {
  it('is held until it is given back, and names its holder', () => {
    const path = fresh();
    const release = takeProcessLock(path);
    expect(lockHolder(path)).toBe(process.pid);
    expect(() => takeProcessLock(path)).toThrow(HeldError);
    expect(() => takeProcessLock(path)).toThrow(`held by process ${process.pid}`);
    release();
    expect(lockHolder(path)).toBeUndefined();
    takeProcessLock(path)();
    expect(existsSync(path)).toBe(false);
  });

  it('breaks the lock of a process that was killed', async () => {
    const path = fresh();
    takeProcessLock(path)();
    const other = await living();
    writeFileSync(path, `${other.pid} ${ticks(other.pid)}\n`);
    expect(() => takeProcessLock(path)).toThrow(`held by process ${other.pid}`);
    await other.end();
    expect(lockHolder(path)).toBeUndefined();
    takeProcessLock(path)();
  });

  it('is not fooled by a process id that serves another process now', async () => {
    const path = fresh();
    takeProcessLock(path)();
    const other = await living();
    writeFileSync(path, `${other.pid} 1\n`);
    takeProcessLock(path)();
    await other.end();
  });

  it('takes a lock that says nothing for that of nobody', () => {
    const path = fresh();
    takeProcessLock(path)();
    for (const text of ['', 'rubbish', '-1 5', '99999999999 1']) {
      writeFileSync(path, text);
      takeProcessLock(path)();
    }
  });

  it('does not take away what somebody else has taken since', () => {
    const path = fresh();
    const release = takeProcessLock(path);
    writeFileSync(path, '1 1\n');
    release();
    expect(readFileSync(path, 'utf8')).toBe('1 1\n');
  });

  it('goes to one of many that break a dead lock at once', () => {
    const path = fresh();
    takeProcessLock(path)();
    writeFileSync(path, '999999 1\n');
    const script = `
      import { takeProcessLock } from ${JSON.stringify(new URL('../../dist/wiring/process-lock.js', import.meta.url).href)};
      try { takeProcessLock(${JSON.stringify(path)}); console.log('got'); } catch (error) { console.log(error.name); }
      setTimeout(() => {}, 1500);`;
    const racers = Array.from({ length: 4 }, () => `"$0" --input-type=module -e "$1" &`).join(' ');
    const { stdout } = spawnSync('sh', ['-c', `${racers} wait`, process.execPath, script], {
      encoding: 'utf8',
    });
    expect(stdout.trim().split('\n').sort()).toEqual(['HeldError', 'HeldError', 'HeldError', 'got']);
  }, 30_000);
});
