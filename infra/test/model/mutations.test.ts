import { afterAll, describe, expect, test } from '@jest/globals';
import { ENVIRONMENTS } from '../support/test-app.js';
import { MUTATIONS } from './mutations/index.js';
import { problemsOf } from './patch.js';

describe('the shipped files', () => {
  test.each(ENVIRONMENTS)('%s is accepted', (name) => {
    expect(problemsOf(name, {})).toEqual([]);
  });
});

describe('mistakes in environment files', () => {
  let refused = 0;

  test.each(MUTATIONS)('$mistake', ({ base, patch, path, message, fix }) => {
    const problems = problemsOf(base, patch);
    // The engine may have more than one complaint about its own file.
    expect([...new Set(problems.map((problem) => problem.path))]).toEqual([path]);
    if (path !== 'engine.config') expect(problems).toHaveLength(1);
    expect(problems[0]?.message).toContain(message);
    expect(problems[0]?.fix).toContain(fix);
    refused++;
  });

  test('are told apart', () => {
    expect(new Set(MUTATIONS.map(({ mistake }) => mistake)).size).toBe(MUTATIONS.length);
    expect(MUTATIONS.length).toBeGreaterThanOrEqual(60);
  });

  afterAll(() => {
    process.stdout.write(`${refused} of ${MUTATIONS.length} mistakes in environment files refused\n`);
  });
});
