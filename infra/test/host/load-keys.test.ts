import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { shippedPlan } from '../support/test-app.js';
import { HOST, has, put, run } from './support/tools.js';

jest.setTimeout(60_000);

const MEMORY = '/dev/shm';
const KEY = { kind: 'ed25519', apiKey: 'AK-0123456789', secret: '-----BEGIN PRIVATE KEY-----\nMC4CAQ\n' };

describe('load-keys.sh (bash, node, a tmpfs at /dev/shm)', () => {
  const testLoad = has('bash') && existsSync(MEMORY) ? test : test.skip;
  let root: string;

  beforeEach(() => {
    root = mkdtempSync(join(existsSync(MEMORY) ? MEMORY : '/tmp', 'tradewind-keys-'));
    mkdirSync(join(root, 'run'));
    put(root, 'etc/tradewind/host.env', 'TRADEWIND_ENVIRONMENT=prod-tokyo\nAWS_REGION=ap-northeast-1\n');
    // The user is not on this machine.
    put(root, 'bin/chown', `#!/bin/sh\necho "$@" >>${root}/owners\n`, 0o755);
    aws(`cat <<'END'\n${JSON.stringify(KEY)}\nEND`);
    names('binance');
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const aws = (script: string) =>
    put(root, 'bin/aws', `#!/bin/sh\necho "$@" >>${root}/asked\n${script}\n`, 0o755);
  const names = (...keys: string[]) =>
    put(
      root,
      'etc/tradewind/engine.yaml',
      `# not read: /run/tradewind/keys/other/secret\n${keys
        .map(
          (key) =>
            `apiKey: { file: /run/tradewind/keys/${key}/api-key }\nsecret: { file: /run/tradewind/keys/${key}/secret }\n`,
        )
        .join('')}`,
    );
  const load = () =>
    run(join(HOST, 'bin/load-keys.sh'), [], {
      TRADEWIND_ROOT: root,
      PATH: `${root}/bin:${process.env.PATH}`,
    });
  const asked = () => (existsSync(join(root, 'asked')) ? readFileSync(join(root, 'asked'), 'utf8') : '');
  const keys = () =>
    existsSync(join(root, 'run/tradewind/keys')) ? readdirSync(join(root, 'run/tradewind/keys')) : [];
  const file = (path: string) => join(root, 'run/tradewind/keys', path);

  testLoad('puts both halves where the configuration looks, for the engine alone', () => {
    expect(load()).toEqual({ code: 0, stdout: 'load-keys: binance loaded\n', stderr: '' });
    expect(readFileSync(file('binance/api-key'), 'utf8')).toBe(KEY.apiKey);
    expect(readFileSync(file('binance/secret'), 'utf8')).toBe(KEY.secret);
    expect(statSync(file('binance/secret')).mode & 0o777).toBe(0o400);
    expect(statSync(file('binance/api-key')).mode & 0o777).toBe(0o400);
    expect(readFileSync(join(root, 'owners'), 'utf8')).toMatch(/^-R tradewind:tradewind .*\.load\.\w+\n$/);
    expect(keys()).toEqual(['binance']);
    expect(asked()).toContain(`--secret-id ${shippedPlan('prod-tokyo').names.secret('binance')} `);
    expect(asked()).toContain('--version-stage AWSCURRENT');
  });

  testLoad('asks nobody for what is there, so that a takeover does not wait', () => {
    load();
    rmSync(join(root, 'asked'));
    expect(load()).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(asked()).toBe('');
  });

  testLoad('has nothing to do without secrets, or without a configuration', () => {
    names();
    expect(load()).toEqual({ code: 0, stdout: '', stderr: '' });
    rmSync(join(root, 'etc/tradewind'), { recursive: true });
    expect(load()).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(asked()).toBe('');
  });

  testLoad.each<[string, string, string]>([
    [
      'unreachable',
      'echo "Connect timeout" >&2; exit 255',
      'could not be read: can this host reach Secrets Manager',
    ],
    ['cut off in the middle', 'printf \'{"apiKey":"AK-012\'', 'is no JSON with apiKey and secret'],
    ['without its second half', 'echo \'{"apiKey":"AK-0123456789"}\'', 'has no apiKey and secret'],
    [
      'not set yet',
      'echo \'{"state":"unset","placeholder":"hush-hush"}\'',
      'says how the first key comes in',
    ],
  ])('a secret that is %s leaves no half of a key, and a clear line', (_, script, message) => {
    aws(script);
    const { code, stdout, stderr } = load();
    expect(code).toBe(1);
    expect(stderr).toContain('load-keys: tradewind/prod-tokyo/venues/binance: ');
    expect(stderr).toContain(message);
    expect(stdout + stderr).not.toMatch(/AK-0|hush-hush/);
    expect(keys()).toEqual([]);
  });

  testLoad('replaces half of a key; keeps the ones that are whole when another fails', () => {
    load();
    rmSync(file('binance/secret'));
    expect(load().code).toBe(0);
    expect(readFileSync(file('binance/secret'), 'utf8')).toBe(KEY.secret);
    names('binance', 'coinbase');
    aws('exit 254');
    expect(load()).toMatchObject({ code: 1, stderr: expect.stringContaining('venues/coinbase') });
    expect(keys()).toEqual(['binance']);
  });

  testLoad('writes no key to a disk', () => {
    put(root, 'bin/stat', '#!/bin/sh\necho ext2/ext3\n', 0o755);
    expect(load()).toMatchObject({ code: 1, stderr: expect.stringContaining('is on a disk') });
    expect(keys()).toEqual([]);
    expect(asked()).toBe('');
  });
});
