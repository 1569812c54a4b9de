import { expect, it } from '@jest/globals';
import { OpenSchedule } from '../../lib/open-schedule.mjs';

/** All that are due at `nowNs`. */
function dueAt(schedule, nowNs) {
  const taken = [];
  for (let i = schedule.take(nowNs); i >= 0; i = schedule.take(nowNs)) taken.push(i);
  return taken;
}

it('each operation is due at its time and not before', () => {
  const schedule = new OpenSchedule(5_000, 1_000_000, 3);
  expect([4_999, 5_000, 5_999, 7_500].map((now) => dueAt(schedule, now))).toEqual([[], [0], [], [1, 2]]);
  expect([schedule.isDone, dueAt(schedule, 1e12)]).toEqual([true, []]);
});

it('a stall counts in every operation that was due meanwhile', () => {
  const schedule = new OpenSchedule(0, 1_000, 10);
  expect(dueAt(schedule, 0)).toEqual([0]);
  // Nobody looked for nine milliseconds, and each then takes no time at all.
  const now = 9e6;
  const latencies = dueAt(schedule, now).map((i) => (now - schedule.at(i)) / 1e6);
  expect(latencies).toEqual([8, 7, 6, 5, 4, 3, 2, 1, 0]);
});

it('keeps its rate for hours without drifting', () => {
  const schedule = new OpenSchedule(1e9, 10_000, 36_000_001);
  expect(schedule.at(36_000_000)).toBe(1e9 + 3_600e9);
});
