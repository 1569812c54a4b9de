import { describe, expect, it } from '@jest/globals';
import { stringify } from 'yaml';
import { HostError, parseKnobs, profileDifferences } from '../../src/host/index.js';

const GOOD = {
  id: 'busy-poll',
  title: 'Busy polling',
  group: 'Network',
  kind: 'sysctl',
  target: 'net.core.busy_poll',
  wanted: 50,
  effect: 'now',
  does: 'Polls.',
  cost: 'Spins.',
  source: 'kernel',
};
const parse = (...knobs: object[]) => parseKnobs(stringify({ version: 1, knobs }));

describe('the knob table', () => {
  it('gives each profile its value', () => {
    expect(parse(GOOD)[0]).toMatchObject({ wanted: { audited: '50', 'max-speed': '50' }, when: [] });
    const relaxed = { ...GOOD, wanted: { audited: 1, 'max-speed': 2 }, relaxes: 'Audit.' };
    expect(profileDifferences(parse(GOOD, { ...relaxed, id: 'other', target: 'vm.other' }))).toEqual([
      { knob: 'other', title: 'Busy polling', audited: '1', maxSpeed: '2', relaxes: 'Audit.' },
    ]);
  });

  it.each<[string, object[], RegExp]>([
    [
      'an unknown kind',
      [{ ...GOOD, kind: 'registry' }],
      /busy-poll: kind "registry" is none that is known: use sysctl, sysfs, kernel-cmdline/,
    ],
    ['a missing kind', [{ ...GOOD, kind: undefined }], /busy-poll: kind is missing; is none that is known/],
    ['an unknown condition', [{ ...GOOD, when: ['windows'] }], /busy-poll: when\.0 Invalid option/],
    [
      'a target of another kind',
      [{ ...GOOD, target: '/proc/x' }],
      /target "\/proc\/x" is no target of kind sysctl; such as net\.core\.busy_poll/,
    ],
    ['a knob without its cost', [{ ...GOOD, cost: undefined }], /busy-poll: cost Invalid input/],
    ['a knob without its source', [{ ...GOOD, source: ' ' }], /busy-poll: source/],
    ['an unknown field', [{ ...GOOD, reason: 'x' }], /Unrecognized key: "reason"/],
    [
      'profiles that differ without a price',
      [{ ...GOOD, wanted: { audited: 1, 'max-speed': 2 } }],
      /relaxes is required where profiles differ/,
    ],
    [
      'a price of nothing',
      [{ ...GOOD, relaxes: 'x' }],
      /relaxes is given though both profiles want the same/,
    ],
    ['a profile left out', [{ ...GOOD, wanted: { audited: 1 } }], /wanted/],
    [
      'a value to leave absent that cannot be',
      [{ ...GOOD, wanted: { audited: 'absent', 'max-speed': 1 }, relaxes: 'x' }],
      /wanted cannot be "absent" for kind sysctl/,
    ],
    ['an effect the kind cannot have', [{ ...GOOD, effect: 'reboot' }], /effect of kind sysctl must be now/],
    [
      'a state no service has',
      [{ ...GOOD, kind: 'service', target: 'a.service', wanted: 'on' }],
      /wanted of a service must be enabled, disabled or masked/,
    ],
    ['a mode of no file', [{ ...GOOD, mode: '0640' }], /mode is for files only/],
    ['an id given twice', [GOOD, { ...GOOD, target: 'vm.other' }], /busy-poll: is given twice/],
    [
      'two knobs for one target',
      [GOOD, { ...GOOD, id: 'again' }],
      /again: sets net\.core\.busy_poll as busy-poll does/,
    ],
    [
      'dirty ratio and bytes',
      [
        { ...GOOD, target: 'vm.dirty_ratio' },
        { ...GOOD, id: 'b', target: 'vm.dirty_bytes' },
      ],
      /sets both vm\.dirty_ratio and vm\.dirty_bytes: the kernel keeps only one/,
    ],
  ])('refuses %s', (_, knobs, message) => {
    expect(() => parse(...knobs)).toThrow(message);
    expect(() => parse(...knobs)).toThrow(HostError);
  });

  it('takes one target twice under conditions that exclude each other', () => {
    expect(
      parse({ ...GOOD, when: ['isolated-cpus'] }, { ...GOOD, id: 'b', when: ['no-isolated-cpus'] }),
    ).toHaveLength(2);
  });

  it('tells everything that is wrong at once', () => {
    expect(() => parse({ ...GOOD, cost: '' }, { ...GOOD, id: 'Bad Id' })).toThrow(
      /2 problems\n.*cost.*\n.*id must be/,
    );
  });

  it.each(['a: [', 'version: 2\nknobs: []', '[]'])('refuses a file that is no table: %s', (text) => {
    expect(() => parseKnobs(text, 'k.yaml')).toThrow(/host: .*k\.yaml/s);
  });
});
