import { describe, expect, it } from '@jest/globals';
import {
  decideAllocation,
  decideInstructions,
  decideTime,
  exitCode,
  isSlower,
  median,
} from '../../gate/decide.mjs';
import { drawn } from '../../gate/random.mjs';

/** Pairs of a head that takes `ratio` times as long; the ln ratio of a pair is off by a normal error of deviation `noise`. */
function pairs(count, ratio, noise, random) {
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return Array.from({ length: count }, () => Math.log(ratio) + noise * normal());
}

describe('the gate of time', () => {
  const quiet = [0.001, -0.002, 0.003, -0.001, 0.002];

  it('refuses what is 10 % slower and passes what is the same, by the noise that pairs have', () => {
    const random = drawn(1);
    // As measured between pairs of processes of a loop that collects garbage: half are off by 1.3 %, a tenth by 3.2 %.
    const noise = 0.0195;
    let [caught, alarms] = [0, 0];
    const gates = 2_000;
    for (let i = 0; i < gates; i++) {
      if (isSlower(pairs(10, 1.1, noise, random)) && isSlower(pairs(15, 1.1, noise, random))) caught++;
      if (isSlower(pairs(10, 1, noise, random)) && isSlower(pairs(15, 1, noise, random))) alarms++;
    }
    expect(caught / gates).toBeGreaterThan(0.95);
    expect(alarms).toBe(0);
  });

  it('needs both looks to refuse', () => {
    const slower = new Array(10).fill(0).map((_, i) => Math.log(1.1) + i / 1e4);
    const same = new Array(15).fill(0).map((_, i) => i / 1e4);
    expect(decideTime({ first: slower, second: undefined, control: quiet }).state).toBe('pass');
    expect(decideTime({ first: slower, second: same, control: quiet }).state).toBe('pass');
    expect(decideTime({ first: slower, second: slower, control: quiet })).toMatchObject({
      state: 'regression',
    });
    expect(decideTime({ first: slower, second: slower, control: quiet }).ratio).toBeCloseTo(1.1, 2);
  });

  it('is never green where base differs from itself', () => {
    const restless = [0.06, -0.05, 0.04, -0.08, 0.05];
    const same = new Array(10).fill(0);
    const slower = new Array(10).fill(Math.log(1.2));
    expect(decideTime({ first: same, second: undefined, control: restless }).state).toBe('inconclusive');
    expect(decideTime({ first: slower, second: slower, control: restless }).state).toBe('inconclusive');
  });
});

describe('the gates that count', () => {
  it('refuses more than one percent more instructions', () => {
    expect(decideInstructions(1e6, 1.0099e6).state).toBe('pass');
    expect(decideInstructions(1e6, 1.0101e6).state).toBe('regression');
    expect(decideInstructions(1e6, 0.5e6)).toMatchObject({ state: 'pass', ratio: 0.5 });
  });

  it.each([
    ['nothing more', [0, 0], [0, 0], 'pass'],
    ['an object in four', [0, 0], [4, 0], 'pass'],
    ['an object each', [0, 0], [16, 0], 'regression'],
    ['one percent', [2_000, 0], [2_020, 0], 'pass'],
    ['more than that', [2_000, 0], [2_021, 0], 'regression'],
    ['fewer', [2_000, 0], [16, 0], 'pass'],
    ['something kept', [0, -500], [0, 60_000], 'pass'],
    ['a leak', [0, -500], [0, 70_000], 'regression'],
    ['what had been let go', [0, -98_000], [0, 16_000], 'pass'],
  ])('allocation: %s', (_name, [a, b], [c, d], state) => {
    const base = { allocated: a, retained: b };
    expect(decideAllocation(base, { allocated: c, retained: d }).state).toBe(state);
  });

  it('tells how much more of that which was refused: a waiver for the one does not cover the other', () => {
    const mega = 2 ** 20;
    const base = { allocated: 2_000, retained: mega };
    expect(decideAllocation(base, { allocated: 2_100, retained: mega }).ratio).toBe(1.05);
    expect(decideAllocation(base, { allocated: 2_000, retained: 3 * mega }).ratio).toBe(3);
    expect(decideAllocation(base, { allocated: 2_100, retained: 3 * mega }).ratio).toBe(3);
    expect(decideAllocation(base, { allocated: 1_000, retained: mega }).ratio).toBe(0.5);
    // From nothing or less no ratio says how much: nobody can have accepted it.
    const none = { allocated: 2_000, retained: -500 };
    expect(decideAllocation(none, { allocated: 2_100, retained: mega }).ratio).toBeNull();
    expect(decideAllocation(none, { allocated: 2_100, retained: 0 }).ratio).toBe(1.05);
  });
});

describe('the exit code', () => {
  const of = (...states) => exitCode(states.map((state) => ({ state })));

  it('is 1 for a regression, 2 for what is not known, 0 else', () => {
    expect(of('pass', 'waived', 'skipped')).toBe(0);
    expect(of('pass', 'inconclusive')).toBe(2);
    expect(of('inconclusive', 'regression', 'pass')).toBe(1);
  });
});

it('takes the middle', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2.5);
});
