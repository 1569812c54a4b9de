import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from '@jest/globals';

const COMMAND = fileURLToPath(new URL('../../profile/profile.mjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'profile-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function profile(...args) {
  return spawnSync(process.execPath, [COMMAND, ...args], { cwd: folder, encoding: 'utf8' });
}

describe('npm run profile', () => {
  it.each([
    [['nothing'], /nothing called nothing; there are: book, .*gate:book/],
    [[], /one name, please/],
    [['gone.cpuprofile'], /gone\.cpuprofile: ENOENT/],
    [['gate:book', '--for', 'ever'], /--for: a duration such as 5s, was ever/],
  ])('refuses %j with exit code 2', (args, message) => {
    const { status, stderr } = profile(...args);
    expect(stderr).toMatch(message);
    expect(status).toBe(2);
  });

  it('writes a profile and a page that holds all it needs, and tells where the time went', () => {
    const { status, stdout, stderr } = profile('gate:encode', '--for', '300ms');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/in itself +with calls +function/);
    expect(stdout).toMatch(/by room: .*venues \d/);
    const at = (name) => readFileSync(join(folder, '.tradewind', 'profiles', name), 'utf8');
    const { nodes, samples, timeDeltas } = JSON.parse(at('gate-encode.cpuprofile'));
    expect(nodes.length).toBeGreaterThan(1);
    expect(samples.length).toBe(timeDeltas.length);
    const page = at('gate-encode.html');
    expect(page).not.toMatch(/(src|href)="/);
    const data = JSON.parse(/type="application\/json">([^<]*)</.exec(page)[1]);
    const path = join('.tradewind', 'profiles', 'gate-encode.cpuprofile');
    expect(profile(path, '--out', 'again').stdout).toMatch(/by room: .*venues \d/);
    expect(JSON.stringify(data.tree)).toMatch(/place venues\/binance\/order-encoder.js/);
  });
});
