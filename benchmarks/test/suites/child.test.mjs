import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, it } from '@jest/globals';

const CHILD = new URL('../../lib/child.mjs', import.meta.url).href;

let folder;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tradewind-child-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('a process that is gone is told to who waits for it, and by no call that nobody waits for', () => {
  const module = join(folder, 'engine.mjs');
  writeFileSync(
    module,
    `import { serve } from '${CHILD}';
     serve({ start() {}, pace: () => new Promise(() => {}), die: () => process.exit(3) });`,
  );
  const script = `
    import { Child } from '${CHILD}';
    const child = await Child.start(new URL('${pathToFileURL(module)}'));
    child.call('pace');
    await child.call('die').catch(({ message }) => console.log(message));
    child.call('cut');
    await child.stop();
    await new Promise((resolve) => setTimeout(resolve, 10));
    console.log('reported');`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  expect(stdout).toBe('a process of the benchmark ended with 3\nreported\n');
  expect(status).toBe(0);
});
