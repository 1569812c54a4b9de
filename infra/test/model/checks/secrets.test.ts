import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parse } from 'yaml';
import { secretProblems } from '../../../model/checks/index.js';
import { EnvironmentError, parseEnvironment } from '../../../model/index.js';
import { patched, problemsIn } from '../patch.js';

const AKIA = `AKIA${'QWERTYUIOPASDFGH'}`;
const PEM = '-----BEGIN PRIVATE KEY-----';

const find = (text: string) => secretProblems(parse(text), text).map(({ path, line }) => line ?? path);

describe('secrets in clear text', () => {
  test.each([
    ['an access key id inside other text', `owner: team ${AKIA} here`, 'owner'],
    ['an access key id in a comment', `name: x # old key ${AKIA}`, 1],
    ['a PEM block in a comment', `name: x\n# ${PEM}\n`, 2],
    ['an AWS secret access key', 'desk: wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY', 'desk'],
    ['a token in a list', `list: [a, eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJlMTIz]`, 'list[1]'],
    ['a number named password', 'password: 123456', 'password'],
    ['a key in a query', 'runbooks: https://x.example/y?token=abcdefgh', 'runbooks'],
    ['a name in another spelling', 'api_key: short', 'api_key'],
  ])('%s', (_, text, where) => {
    expect(find(text)).toEqual([where]);
  });

  test.each([
    ['the name of a secret', 'venues: [{ id: binance, secret: binance-prod }]'],
    [
      'the ARN of a key for secrets',
      'keys: { existing: { secrets: "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab" } }',
    ],
    [
      'a commit in a URL',
      'runbooks: https://github.com/org/repo/blob/9f86d081884c7d659a2feaa0c55ad015a3bf4f1b/runbooks',
    ],
    [
      'the address of a pager',
      'observability: { pagerEndpoint: "https://api.pager.example/v1/integrate?apiKey=4f9c" }',
    ],
    ['an SSM parameter', 'image: /aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64'],
    [
      'a long SSM parameter',
      'hosts: { image: { parameter: /Platform/Images/TradingHost/AmazonLinux2023/x86_64/Golden-Latest } }',
    ],
    ['a section named secrets', 'secrets: { rotateEvery: 90d }'],
    [
      'an id',
      'connectionArn: arn:aws:codeconnections:us-east-1:111122223333:connection/1234abcd-12ab-34cd-56ef-1234567890ab',
    ],
  ])('%s is none', (_, text) => {
    expect(find(text)).toEqual([]);
  });

  test('are told of once, without a shape problem beside them, and are never shown', () => {
    const places = [
      'name',
      'account',
      'hosts.instanceType',
      'venues[0].secret',
      'recovery.rto',
      'engine.config',
      'network.zones[0]',
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(...places),
        fc
          .stringMatching(/^[A-Za-z0-9]{64}$/)
          .filter((key) => /[a-z]/.test(key) && /[A-Z]/.test(key) && /\d/.test(key)),
        (path, key) => {
          const problems = problemsIn(patched('dev-single', { [path]: key }));
          expect(problems.map((problem) => problem.path)).toEqual([path]);
          expect(JSON.stringify(problems)).not.toContain(key);
        },
      ),
      { numRuns: 15, endOnFailure: true },
    );
  });
});

describe("secrets in the engine's configuration", () => {
  const folder = mkdtempSync(join(tmpdir(), 'tradewind-secrets-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  const refuse = (engine: string) => {
    writeFileSync(join(folder, 'engine.yaml'), engine);
    const text = patched('dev-single', { 'engine.config': './engine.yaml' });
    try {
      parseEnvironment(text, join(folder, 'environment.yaml'));
      return [];
    } catch (error) {
      if (error instanceof EnvironmentError) return error.problems;
      throw error;
    }
  };

  test('are refused, naming the setting there', () => {
    const key = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789ab';
    const problems = refuse(
      `venue:\n  credentials:\n    apiKey: ${key}\n    secret: { env: BINANCE_SECRET }\n`,
    );
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ path: 'engine.config', value: './engine.yaml' });
    expect(problems[0]?.message).toBe('venue.credentials.apiKey holds an API key or secret in clear text');
    expect(problems[0]?.fix).toContain('{env: NAME}');
    expect(JSON.stringify(problems)).not.toContain(key);
  });

  test('are found in its comments', () => {
    expect(refuse(`# ${AKIA}\nvenue:\n  environment: simulator\n`)[0]?.message).toBe(
      'a line holds an AWS access key id in clear text',
    );
  });

  test('references are none', () => {
    const problems = refuse(
      'venue:\n  environment: simulator\n  credentials:\n    apiKey: { env: BINANCE_KEY }\n    secret: { file: /run/secrets/binance }\n',
    );
    expect(problems).toEqual([]);
  });

  test('an engine that would trade real money belongs into production, with a key', () => {
    const live =
      'venue:\n  environment: live\n  symbols: [BTCUSDT]\n  credentials:\n    apiKey: { env: K }\n    secret: { env: S }\ntrading: { paper: false, live: true, capital: 1000 }\nrisk: { maxDailyLoss: 100 }\n';
    const problems = refuse(live);
    expect(problems.map(({ path, message }) => `${path} ${message}`)).toEqual([
      "stage does not go with the engine's configuration, which trades real money",
    ]);
  });

  test('an engine that sends orders to a testnet needs a key there', () => {
    const testnet =
      'venue:\n  environment: testnet\n  symbols: [BTCUSDT]\n  credentials:\n    apiKey: { env: K }\n    secret: { env: S }\ntrading: { paper: false }\nrisk: { maxDailyLoss: 100 }\n';
    expect(refuse(testnet).map(({ path }) => path)).toEqual(['venues[0].secret']);
  });
});
