import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { renderUserData } from '../../delivery/index.js';
import { shippedPlan } from '../support/test-app.js';
import { HOST, has, isRoot, run } from './support/tools.js';

const script = join(HOST, 'bin', 'floating-address.sh');
const space = `twfloat${process.pid}`;
const root = mkdtempSync(join(tmpdir(), 'floating-'));
/** A user that every Linux has and that is not root. */
const user = 'nobody';

const inside = (...command: string[]) => run('ip', ['netns', 'exec', space, ...command]);

function makesNamespaces(): boolean {
  if (!isRoot || !has('ip')) return false;
  const made = run('ip', ['netns', 'add', space]).code === 0;
  if (made) run('ip', ['netns', 'delete', space]);
  return made;
}

const inNamespace = makesNamespaces() ? describe : describe.skip;

function floating(verb: string, environment = 'TRADEWIND_FLOATING_IP=10.20.32.20\n') {
  mkdirSync(join(root, 'etc', 'tradewind'), { recursive: true });
  writeFileSync(join(root, 'etc', 'tradewind', 'host.env'), environment);
  return inside('env', `TRADEWIND_ROOT=${root}`, `TRADEWIND_USER=${user}`, 'bash', script, verb);
}

/** The address the kernel would send from. */
function sourceOf(destination: string, uid: number): string | undefined {
  const { stdout } = inside('ip', '-4', 'route', 'get', destination, 'uid', String(uid));
  return / src (\S+)/.exec(stdout)?.[1];
}

inNamespace('the address that moves (needs root and network namespaces)', () => {
  const uid = Number(run('id', ['-u', user]).stdout);

  beforeAll(() => {
    expect(run('ip', ['netns', 'add', space]).code).toBe(0);
    for (const line of [
      'link set lo up',
      'link add ens5 type veth peer name router',
      'address add 10.20.32.10/20 dev ens5',
      'link set ens5 up',
      'link set router up',
      'route add default via 10.20.32.1 dev ens5',
    ]) {
      expect(inside('ip', ...line.split(' '))).toMatchObject({ code: 0, stderr: '' });
    }
  });

  afterAll(() => {
    run('ip', ['netns', 'delete', space]);
    rmSync(root, { recursive: true, force: true });
  });

  test('is what the engine leaves by, and nobody else', () => {
    expect(sourceOf('203.0.113.9', uid)).toBe('10.20.32.10');
    expect(floating('up')).toMatchObject({ code: 0, stderr: '' });
    expect(sourceOf('203.0.113.9', uid)).toBe('10.20.32.20');
    expect(sourceOf('203.0.113.9', 0)).toBe('10.20.32.10');
    expect(sourceOf('10.20.40.1', uid)).toBe('10.20.32.10');
  });

  test('is set once however often it is asked for, and gone afterwards', () => {
    expect(floating('up').code).toBe(0);
    const once = inside('ip', '-4', 'rule', 'show').stdout;
    expect(floating('up').code).toBe(0);
    expect(inside('ip', '-4', 'rule', 'show').stdout).toBe(once);
    expect(floating('down')).toMatchObject({ code: 0, stderr: '' });
    expect(sourceOf('203.0.113.9', uid)).toBe('10.20.32.10');
    expect(floating('down').code).toBe(0);
  });

  test('changes nothing where no address moves, and says what it takes', () => {
    const before = inside('ip', '-4', 'rule', 'show').stdout;
    expect(floating('up', 'TRADEWIND_HOST=primary\n')).toMatchObject({ code: 0, stdout: '', stderr: '' });
    expect(inside('ip', '-4', 'rule', 'show').stdout).toBe(before);
    expect(floating('sideways').code).toBe(1);
  });

  test('refuses to start an engine that could not leave', () => {
    inside('ip', 'route', 'delete', 'default');
    const { code, stderr } = floating('up');
    inside('ip', 'route', 'add', 'default', 'via', '10.20.32.1', 'dev', 'ens5');
    expect(code).toBe(1);
    expect(stderr).toContain('no default route');
  });
});

test.each([
  ['paper-tokyo', true],
  ['prod-tokyo', false],
] as const)('hosts of %s are told of one: %s', (name, expected) => {
  const plan = shippedPlan(name);
  for (const host of plan.hosts.hosts) {
    const text = renderUserData(plan, host, { journalVolumeId: 'vol-0123456789abcdef0' });
    expect(text.includes(`TRADEWIND_FLOATING_IP=${plan.hosts.floatingIp}`)).toBe(expected);
  }
});
