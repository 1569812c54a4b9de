import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { capabilities, infraPath } from '../../model/index.js';

describe('refresh-capabilities', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tradewind-capabilities-'));
    cpSync(infraPath('test', 'data', 'saved'), folder, { recursive: true });
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const refresh = (...args: string[]) => {
    const out = join(folder, 'result.out');
    const script = infraPath('data', 'refresh-capabilities.mjs');
    const { status, stderr } = spawnSync(process.execPath, [script, ...args, '--out', out], {
      encoding: 'utf8',
    });
    return { status, stderr, read: () => JSON.parse(readFileSync(out, 'utf8')) };
  };

  test('makes of saved answers what is committed', () => {
    const { status, read } = refresh(folder, '--date', '2026-05-20');
    expect(status).toBe(0);
    const { types, regions, date } = read();
    expect(date).toBe('2026-05-20');
    expect(regions).toEqual({
      'ap-northeast-1': ['apne1-az1', 'apne1-az2', 'apne1-az4'],
      'us-west-1': ['usw1-az1', 'usw1-az3'],
    });
    expect(Object.keys(types)).toEqual(['c7i.4xlarge', 'm8azn.metal-12xl', 't3.micro']);
    for (const [name, made] of Object.entries(types as Record<string, { zones: object }>)) {
      const committed = capabilities().types[name];
      const zones = Object.fromEntries(
        Object.entries(committed?.zones ?? {}).filter(([prefix]) => ['apne1', 'usw1'].includes(prefix)),
      );
      expect({ name, ...made }).toEqual({ name, ...committed, zones });
    }
  });

  test('leaves out accelerators, flex types, old generations and what no zone offers', () => {
    const { types } = refresh(folder).read();
    for (const name of ['g6.xlarge', 'c7i-flex.large', 'm4.large']) expect(types).not.toHaveProperty([name]);
  });

  test('refuses zone names, broken files and missing ones, naming the file', () => {
    const offerings = join(folder, 'offerings-us-west-1.json');
    const named = { InstanceTypeOfferings: [{ InstanceType: 'c7i.4xlarge', Location: 'us-west-1a' }] };
    writeFileSync(offerings, JSON.stringify(named));
    expect(refresh(folder)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('us-west-1a is no zone id; use --location-type'),
    });
    writeFileSync(offerings, '{');
    expect(refresh(folder)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('offerings-us-west-1.json: is no JSON'),
    });
    writeFileSync(offerings, '{}');
    expect(refresh(folder).stderr).toContain('has no list InstanceTypeOfferings');
    expect(refresh(join(folder, 'absent'))).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('absent'),
    });
    expect(refresh()).toMatchObject({ status: 2, stderr: expect.stringContaining('give the one folder') });
  });

  test('refuses an answer without a member the checks need, naming type and member', () => {
    const saved = join(folder, 'instance-types-ap-northeast-1.json');
    const answer = JSON.parse(readFileSync(saved, 'utf8'));
    delete answer.InstanceTypes[0].PlacementGroupInfo;
    writeFileSync(saved, JSON.stringify(answer));
    expect(refresh(folder)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('c7i.4xlarge has no PlacementGroupInfo.SupportedStrategies'),
    });
  });
});
