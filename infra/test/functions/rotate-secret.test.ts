import { randomUUID } from 'node:crypto';
import {
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { exchangeKeySchema } from '../../functions/rotate-secret/exchange-key.js';
import { rotateEnvironment } from '../../functions/rotate-secret/handler.js';
import { SecretVersions } from '../../functions/rotate-secret/secret-versions.js';
import { judgeVenueReport } from '../../functions/rotate-secret/venue-verdict.js';
import { startMoto, testWithMoto } from './support/moto.js';
import { IPS, RotationWorld, TOKEN } from './support/rotation-world.js';

/** The rotation as it should go: asked, registered, done. */
async function rotated(world: RotationWorld): Promise<void> {
  expect(await world.attempt()).toContain('no new key is recorded');
  expect(await world.registerAsAsked()).toBeUndefined();
  expect(await world.attempt()).toBe('done');
}

describe('a rotation', () => {
  test('asks for a registration with the Elastic IPs, tries the key, moves it, reloads the passive host first', async () => {
    const world = new RotationWorld('primary');
    await rotated(world);
    expect(world.messages[0]).toContain(`restricted to ${IPS.primary}, ${IPS.standby}`);
    expect(world.reloads).toEqual(['standby', 'primary']);
    expect(world.secrets.labels.get('AWSCURRENT')).toBe(TOKEN);
    expect(world.secrets.labels.get('AWSPREVIOUS')).toBe('v0');
    expect(world.messages.at(-1)).toContain('Leave the old one at the venue until 2026-01-08');
    expect(world.refusedOrders).toEqual([]);
    expect(world.allUseNewKey).toBe(true);

    const other = new RotationWorld('standby');
    await rotated(other);
    expect(other.reloads).toEqual(['primary', 'standby']);
  });

  test('says when the old key may be deleted, once, and only after the overlap', async () => {
    const world = new RotationWorld();
    await rotated(world);
    const told = world.messages.length;
    await world.run({ Step: 'sweep', SecretId: 'binance' });
    expect(world.messages).toHaveLength(told);
    world.day = 7;
    await world.run({ Step: 'sweep', SecretId: 'binance' });
    await world.run({ Step: 'sweep', SecretId: 'binance' });
    expect(world.messages.slice(told)).toEqual([expect.stringContaining('may now be deleted at the venue')]);
    world.venue.delete(world.oldApiKey);
    world.trade('after the old key was deleted');
    expect(world.refusedOrders).toEqual([]);
  });

  test('no order fails at any instant, wherever the function is cut off and however often it is tried again', async () => {
    const whole = new RotationWorld();
    await rotated(whole);
    const { calls } = whole;
    expect(calls).toBeGreaterThan(30);
    let crashes = 0;
    for (let call = 0; call < calls; call += 1) {
      for (const when of ['before', 'after'] as const) {
        const world = new RotationWorld();
        world.crashAt = { call, when };
        const outcomes: string[] = [];
        // Secrets Manager tries again; the operator answers each new message; the sweep runs every day.
        for (let round = 0; round < 6 && !world.allUseNewKey; round += 1) {
          outcomes.push(await world.attempt());
          outcomes.push((await world.registerAsAsked()) ?? 'registered');
          outcomes.push((await world.run({ Step: 'sweep', SecretId: 'binance' })) ?? 'swept');
          world.day += 1;
        }
        const label = `crash ${when} call ${call}: ${outcomes.join(' | ')}`;
        crashes += outcomes.filter((outcome) => outcome === 'crash').length;
        expect([label, world.refusedOrders]).toEqual([label, []]);
        expect([label, world.allUseNewKey]).toEqual([label, true]);
      }
    }
    expect(crashes).toBeGreaterThan(calls);
  });

  test('a host that does not reload leaves both keys valid; the other is not touched, and the sweep completes it', async () => {
    const world = new RotationWorld('primary');
    await world.attempt();
    await world.registerAsAsked();
    world.reloadFails = 'standby';
    expect(await world.attempt()).toContain('host standby: did not take up version');
    expect(world.reloads).toEqual([]);
    world.reloadFails = undefined;
    await world.run({ Step: 'sweep', SecretId: 'binance' });
    expect(world.reloads).toEqual(['standby', 'primary']);
    expect(world.refusedOrders).toEqual([]);
  });

  test('refuses a key that may withdraw, one not recorded with every Elastic IP, and one nobody tried', async () => {
    const world = new RotationWorld();
    await world.attempt();
    await world.registerAsAsked(true);
    expect(await world.attempt()).toContain('withdrawals: this key may withdraw');
    expect(world.secrets.labels.get('AWSCURRENT')).toBe('v0');
    expect(
      await world.run({ Step: 'finishSecret', SecretId: 'binance', ClientRequestToken: TOKEN }),
    ).toContain('was not tried at the venue; run testSecret first');
    const half = {
      Step: 'register',
      SecretId: 'binance',
      apiKey: 'abcdefgh',
      publicKey: 'x',
      ipAllowList: [IPS.primary],
    };
    expect(await world.run(half)).toContain(`lacks ${IPS.standby}: add it at the venue`);
    expect(await world.run({ ...half, ipAllowList: Object.values(IPS) })).toContain(
      'is not the one that was generated',
    );
    expect(world.refusedOrders).toEqual([]);
  });

  test('asks once a day, however often it is tried', async () => {
    const world = new RotationWorld();
    for (let attempt = 0; attempt < 5; attempt += 1) await world.attempt();
    expect(world.messages).toHaveLength(1);
    world.day = 1;
    await world.attempt();
    expect(world.messages).toHaveLength(2);
    expect(world.messages[1]).toBe(world.messages[0]);
  });

  test('no private key is in any log line, message or tag', async () => {
    const world = new RotationWorld();
    await rotated(world);
    const said = [...world.lines, ...world.messages, ...world.secrets.tags.values()].join('\n');
    expect(said).not.toContain('PRIVATE KEY');
    for (const value of world.secrets.values.values()) {
      const { secret } = JSON.parse(value);
      const body = /KEY-----\n(.+)\n/.exec(secret ?? '')?.[1];
      if (body !== undefined) expect(said).not.toContain(body);
    }
  });
});

test('a report without the checks that matter is a refusal', () => {
  expect(judgeVenueReport('not json')).toEqual([expect.stringContaining('no JSON')]);
  const account = { name: 'account', ok: true, detail: 'no credentials: market data only' };
  expect(judgeVenueReport(JSON.stringify([account]))).toEqual([
    'account: the key did not reach the check',
    'withdrawals: was not checked; run an engine whose venue check does',
  ]);
});

test('a wrong environment names each variable and what to set', () => {
  expect(() => rotateEnvironment({ HOSTS: '{"primary":"x"}', OVERLAP_DAYS: '0' })).toThrow(
    /TOPIC_ARN missing: set it to the SNS topic.*HOSTS .*primary: write an id like i-0123.*OVERLAP_DAYS "0": give the old key at least one day/,
  );
});

describe('the versions of a secret', () => {
  let moto: Awaited<ReturnType<typeof startMoto>>;
  beforeAll(async () => {
    moto = await startMoto();
  }, 90_000);
  afterAll(() => moto?.stop());

  testWithMoto(
    '(moto_server) a candidate does not change what hosts read; moving the label does, and keeps the old one',
    async () => {
      const client = new SecretsManagerClient(moto!.config);
      const key = { kind: 'hmac', apiKey: 'old-api-key', secret: 'old-secret', ipAllowList: [IPS.primary] };
      const { VersionId: old } = await client.send(
        new CreateSecretCommand({ Name: 'binance', SecretString: JSON.stringify(key) }),
      );
      const versions = new SecretVersions(client, 'binance');
      const token = randomUUID();
      expect(await versions.read(exchangeKeySchema, 'AWSPENDING', token)).toBeUndefined();
      await versions.put({ ...key, apiKey: 'new-api-key' }, 'AWSPENDING', token);
      expect(await versions.read(exchangeKeySchema, 'AWSCURRENT')).toEqual(key);
      expect(await versions.read(exchangeKeySchema, 'AWSPENDING', token)).toMatchObject({
        apiKey: 'new-api-key',
      });
      await versions.makeCurrent(token, old);
      expect(await versions.read(exchangeKeySchema, 'AWSCURRENT')).toMatchObject({ apiKey: 'new-api-key' });
      const { SecretString } = await client.send(
        new GetSecretValueCommand({ SecretId: 'binance', VersionStage: 'AWSPREVIOUS' }),
      );
      expect(JSON.parse(SecretString!)).toEqual(key);
      await versions.tag({ 'tradewind:tested-version': token });
      const { Tags } = await client.send(new DescribeSecretCommand({ SecretId: 'binance' }));
      expect(Tags).toContainEqual({ Key: 'tradewind:tested-version', Value: token });
      client.destroy();
    },
    30_000,
  );
});
