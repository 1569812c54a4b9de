import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { configDigest, resolveCredentials } from '../../src/config/index.js';
import { failure, load } from './load.js';

const CANARY = 'canary-9d41e7-do-not-print';
const folder = mkdtempSync(join(tmpdir(), 'tradewind-secrets-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const refer = (kind: string, apiKey: string, secret: string) =>
  load(`venue: {credentials: {kind: ${kind}, apiKey: ${apiKey}, secret: ${secret}}}`);

describe('a secret in the configuration', () => {
  it.each([
    `venue: {credentials: {apiKey: ${CANARY}, secret: {env: S}}}`,
    `venue: {credentials: {apiKey: {env: K}, secret: "${CANARY}"}}`,
    `api_key: ${CANARY}`,
    `apiSecret: ${CANARY}`,
    `venue: {api_key: ${CANARY}}`,
    `venue: {credentials: {passphrase: ${CANARY}, apiKey: {env: K}, secret: {env: S}}}`,
    `venue: {credentials: {apiKey: {env: "${CANARY}"}, secret: {env: S}}}`,
    `api_key: ${CANARY}\napi_key: again`,
    `log: {level: "-----BEGIN PRIVATE KEY-----${CANARY}"}`,
    `venue: {credentials: {apiKey: {value: ${CANARY}}, secret: {env: S}}}`,
  ])('is refused without being shown: %s', (yaml) => {
    const error = failure(yaml);
    expect(JSON.stringify([error.issues, error.message, error.stack])).not.toContain(CANARY);
  });

  it('is answered with what to do instead', () => {
    for (const yaml of [
      `api_secret: ${CANARY}`,
      `venue: {credentials: {apiKey: ${CANARY}, secret: {env: S}}}`,
    ]) {
      expect(failure(yaml).message).toContain('{env: NAME} or {file: PATH}');
    }
  });
});

describe('resolveCredentials', () => {
  const pem = '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----';

  it('gives nothing where nothing is referred to', () =>
    expect(resolveCredentials(load(''), {})).toBeUndefined());

  it('reads variables and files', () => {
    const file = join(folder, 'key.pem');
    writeFileSync(file, `${pem}\n`);
    expect(resolveCredentials(refer('ed25519', '{env: K}', `{file: "${file}"}`), { K: ' key ' })).toEqual({
      kind: 'ed25519',
      apiKey: 'key',
      secret: pem,
    });
  });

  it('names every reference that leads nowhere, and nothing else', () => {
    const empty = join(folder, 'empty');
    writeFileSync(empty, ' \n');
    const config = refer('hmac', '{env: ABSENT}', `{file: "${empty}"}`);
    expect(() => resolveCredentials(config, {})).toThrow(/ABSENT, which is not set[\s\S]*empty/);
    expect(() =>
      resolveCredentials(refer('hmac', '{env: A}', '{file: /nowhere/at-all}'), { A: 'x' }),
    ).toThrow(/ENOENT/);
  });

  it('wants a private key where the kind needs one, and does not print what it got', () => {
    const config = refer('ed25519', '{env: K}', '{env: S}');
    try {
      resolveCredentials(config, { K: 'k', S: CANARY });
      throw new Error('accepted');
    } catch (error) {
      expect((error as Error).message).toMatch(/no private key/);
      expect((error as Error).message).not.toContain(CANARY);
    }
    expect(resolveCredentials(refer('hmac', '{env: K}', '{env: S}'), { K: 'k', S: CANARY })?.secret).toBe(
      CANARY,
    );
  });
});

describe('configDigest', () => {
  it('is the same for every spelling and order, and differs for every change', () => {
    const a = configDigest(load('risk: {maxDailyLoss: 5.0, maxOpenOrders: 3}\nlog: {level: debug}'));
    const b = configDigest(load('log_level: DEBUG\nmax_open_orders: "3"\nmax_daily_loss: "5"'));
    const c = configDigest(load('log_level: DEBUG\nmax_open_orders: "3"\nmax_daily_loss: "5.1"'));
    expect(a).toBe(b);
    expect(a).not.toBe(c);
  });

  it('is the same wherever logs, metrics and files go: none of that trades', () => {
    const plain = configDigest(load('risk: {maxOpenOrders: 3}'));
    const moved = configDigest(
      load(
        'risk: {maxOpenOrders: 3}\nlog: {file: e.log}\ntelemetry: {port: 0}\nsession: {recordTo: e.bin, stateDir: s}',
      ),
    );
    expect(moved).toBe(plain);
  });
});
