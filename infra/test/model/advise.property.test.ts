import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { nearestTypes, zonesOffering } from '../../model/advise.js';
import { capabilities, type InstanceCapability } from '../../model/capabilities.js';
import { hostNeeds, type TypeNeeds, unmetNeeds } from '../../model/type-needs.js';
import { configOf, problemsOf } from './patch.js';

const { types, regions } = capabilities();
const typeName = fc.constantFrom(...Object.keys(types));

const needs = fc.constantFrom(...Object.keys(regions)).chain((region) => {
  const zone = fc.constantFrom(...(regions[region] as string[]));
  return fc.record<TypeNeeds>({
    path: fc.constant('hosts.instanceType' as const),
    region: fc.constant(region),
    stands: fc.tuple(zone, zone).map(([a, b]) => [
      { zoneId: a, who: 'the primary stands' },
      { zoneId: b, who: 'the standby stands' },
    ]),
    stage: fc.constantFrom('dev', 'paper', 'prod'),
    strategy: fc.constantFrom('cluster', 'shared', 'precision-time', 'none'),
    clock: fc.constantFrom('ptp', 'ntp'),
    enaExpress: fc.subarray(['venueFacing', 'replication'] as const),
    threadsPerCore: fc.constantFrom(undefined, 1, 2),
    enaQueues: fc.constantFrom(undefined, 8),
    autoRecovery: fc.boolean(),
  });
});

describe('the nearest possible choices', () => {
  test('meet every need themselves, are real, and are not what was refused', () => {
    fc.assert(
      fc.property(fc.oneof(typeName, fc.string({ maxLength: 20 })), needs, (name, wanted) => {
        const near = nearestTypes(name, wanted);
        expect(near.length).toBeLessThanOrEqual(3);
        expect(near).not.toContain(name);
        for (const one of near) {
          expect(unmetNeeds(one, types[one] as InstanceCapability, wanted)).toEqual([]);
        }
      }),
    );
  });

  test('are there whenever any type would do', () => {
    fc.assert(
      fc.property(typeName, needs, (name, wanted) => {
        const possible = Object.entries(types).some(
          ([other, type]) => other !== name && unmetNeeds(other, type, wanted).length === 0,
        );
        expect(nearestTypes(name, wanted).length > 0).toBe(possible);
      }),
      { numRuns: 50 },
    );
  });

  test('pass the check of the whole file', () => {
    const patch = { 'hosts.clock': 'ptp', 'placement.strategy': 'precision-time' };
    const [problem] = problemsOf('prod-tokyo', patch);
    const suggested = [...(problem?.fix ?? '').matchAll(/\b\w+\.(?:metal|\d*x?large)(?:-\d+xl)?\b/g)].map(
      ([type]) => type,
    );
    expect(suggested.length).toBeGreaterThan(0);
    for (const type of suggested) {
      expect([type, problemsOf('prod-tokyo', { ...patch, 'hosts.instanceType': type })]).toEqual([type, []]);
    }
  });

  test('begin with another size of the same family', () => {
    const config = configOf('paper-tokyo');
    expect(nearestTypes('c7i.4xlagre', hostNeeds(config))[0]).toBe('c7i.4xlarge');
    const express = { ...hostNeeds(config), enaExpress: ['replication'] as const };
    expect(nearestTypes('c7i.4xlarge', express)[0]).toMatch(/^c7i\./);
  });

  test('stay metal where metal was asked for', () => {
    const [first] = nearestTypes('m8azn.metal-12xl', {
      ...hostNeeds(configOf('prod-tokyo')),
      clock: 'ptp',
      strategy: 'precision-time',
    });
    expect(types[first as string]).toMatchObject({ metal: true, ptpClock: true });
  });

  test('name the zones that offer a type', () => {
    expect(zonesOffering(types['m8azn.metal-12xl'] as InstanceCapability, 'us-east-1')).toEqual([
      'use1-az2',
      'use1-az4',
      'use1-az5',
      'use1-az6',
    ]);
    expect(zonesOffering(types['m8azn.metal-12xl'] as InstanceCapability, 'ap-southeast-1')).toEqual([]);
  });
});

describe('needs', () => {
  const base = hostNeeds(configOf('prod-tokyo'));
  const c7i = types['c7i.metal-24xl'] as InstanceCapability;

  test('a second interface on a type that takes one', () => {
    const unmet = unmetNeeds(
      'c7i.metal-24xl',
      { ...c7i, maxInterfaces: 1 },
      { ...base, enaExpress: ['replication'] },
    );
    expect(unmet.map(({ message }) => message)).toEqual([
      'needs a second interface, and c7i.metal-24xl takes one',
    ]);
  });

  test('several needs at once are each told of', () => {
    const wanted: TypeNeeds = {
      ...base,
      clock: 'ptp',
      enaExpress: ['venueFacing'],
      threadsPerCore: 1,
      enaQueues: 4,
    };
    expect(
      unmetNeeds('m5zn.metal', types['m5zn.metal'] as InstanceCapability, wanted).map(({ path }) => path),
    ).toEqual(['hosts.clock', 'hosts.enaExpress.venueFacing', 'hosts.enaQueues', 'hosts.threadsPerCore']);
  });

  test('PTP without a group is met by the older families in the older Regions alone', () => {
    const ptp = (name: string, region: string) =>
      unmetNeeds(name, types[name] as InstanceCapability, { ...base, stands: [], region, clock: 'ptp' })
        .length === 0;
    expect(ptp('m7i.metal-24xl', 'ap-northeast-1')).toBe(true);
    expect(ptp('m7i.metal-24xl', 'eu-central-1')).toBe(false);
    expect(ptp('c7i.metal-24xl', 'ap-northeast-1')).toBe(false);
  });
});
