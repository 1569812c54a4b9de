import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { describeEnvironment, environmentReference } from '../../model/environment-reference.js';
import { infraPath, repositoryPath } from '../../model/index.js';
import { environmentJsonSchema } from '../../model/json-schema.js';
import { ENVIRONMENTS } from '../support/test-app.js';
import { patched } from './patch.js';

const schemaFile = infraPath('environments', 'environment.schema.json');
const page = repositoryPath('docs', 'environments.md');
const [BEGIN, END] = ['<!-- settings: generated -->', '<!-- settings: end -->'];

/** The part of JSON schema validation that other makers' tools agree on. */
async function validator() {
  const { default: ajv } = await import('ajv');
  const Ajv = (ajv as unknown as { default?: typeof ajv }).default ?? ajv;
  return new (
    Ajv as unknown as new (
      options: object,
    ) => {
      compile(schema: object): ((value: unknown) => boolean) & { errors?: unknown };
    }
  )({ strict: false, allErrors: true, validateFormats: false }).compile(environmentJsonSchema());
}

const hasAjv = await import('ajv').then(
  () => true,
  () => false,
);
const withAjv = hasAjv ? test : test.skip;

describe('the JSON schema', () => {
  test('is the committed one (UPDATE_GENERATED=1 rewrites it)', () => {
    const text = `${JSON.stringify(environmentJsonSchema(), null, 2)}\n`;
    if (process.env.UPDATE_GENERATED === '1') writeFileSync(schemaFile, text);
    expect(JSON.parse(readFileSync(schemaFile, 'utf8'))).toEqual(JSON.parse(text));
  });

  test('describes every leaf', () => {
    const lacking: string[] = [];
    const walk = (node: Record<string, unknown>, path: string): void => {
      const children = Object.entries((node.properties ?? {}) as Record<string, Record<string, unknown>>);
      for (const [name, child] of children) walk(child, path === '' ? name : `${path}.${name}`);
      for (const option of (node.anyOf ?? []) as Record<string, unknown>[]) {
        if (option.properties) walk(option, path);
      }
      const items = node.items as Record<string, unknown> | undefined;
      if (items?.properties) walk(items, `${path}[]`);
      if (children.length === 0 && path !== '' && !path.endsWith(']') && !node.description)
        lacking.push(path);
    };
    walk(environmentJsonSchema(), '');
    expect(lacking).toEqual([]);
  });

  withAjv.each(ENVIRONMENTS)('accepts %s, says ajv', async (name) => {
    const validate = await validator();
    validate(parse(readFileSync(infraPath('environments', `${name}.yaml`), 'utf8')));
    expect(validate.errors).toBeNull();
  });

  withAjv('refuses what the loader refuses for its shape, says ajv', async () => {
    const validate = await validator();
    for (const patch of [
      { stage: 'production' },
      { 'hosts.instancetype': 'c7i.large' },
      { 'recovery.rpo': undefined },
      { 'recovery.rto': '5 seconds' },
      { 'network.zones': [] },
      { account: 111122223333 },
    ]) {
      expect([patch, validate(parse(patched('dev-single', patch)))]).toEqual([patch, false]);
    }
  });
});

describe('the reference', () => {
  test('is the one in docs/environments.md (UPDATE_DOCS=1 rewrites it)', () => {
    const text = readFileSync(page, 'utf8');
    const begin = text.indexOf(BEGIN) + BEGIN.length;
    const end = text.indexOf(END);
    expect(begin).toBeGreaterThan(BEGIN.length);
    expect(end).toBeGreaterThan(begin);
    const generated = `\n\n${environmentReference()}\n\n`;
    if (process.env.UPDATE_DOCS === '1') {
      writeFileSync(page, text.slice(0, begin) + generated + text.slice(end));
    } else expect(text.slice(begin, end)).toBe(generated);
  });

  test('has every setting once', () => {
    const paths = describeEnvironment().map(({ path }) => path);
    expect(new Set(paths).size).toBe(paths.length);
    expect(paths).toEqual(
      expect.arrayContaining([
        'hosts.journalVolume.iops',
        'venues[].secret',
        'hosts.image.parameter',
        'dr.mode',
      ]),
    );
  });

  test('says type, bounds and default', () => {
    const row = (path: string) => describeEnvironment().find((one) => one.path === path);
    expect(row('ha.lease.expire')).toMatchObject({ type: 'duration, 300ms to 60s', fallback: '`2500ms`' });
    expect(row('stage')).toMatchObject({ type: '`dev`, `paper`, `prod`', fallback: '', optional: false });
    expect(row('hosts.enaQueues')).toMatchObject({ type: 'whole number, 1 to 32', optional: true });
    expect(row('hosts.rootVolume')).toMatchObject({ type: 'section', fallback: 'its own defaults' });
  });
});
