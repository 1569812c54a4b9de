import { describe, expect, test } from '@jest/globals';
import { EnvironmentError, formatProblem, loadEnvironment, parseEnvironment } from '../../model/index.js';
import { fileOf, patched, problemsIn, problemsOf } from './patch.js';

describe('loading', () => {
  test('says of a file that is not there that it is not', () => {
    expect(() => loadEnvironment('infra/environments/absent.yaml')).toThrow(
      'infra/environments/absent.yaml: 1 problem\n  $: the file can not be read (ENOENT); give the path of an environment file',
    );
  });

  test('collects what is wrong in every section and throws once', () => {
    const problems = problemsOf('prod-tokyo', {
      stage: 'production',
      'hosts.threadsPerCore': 1,
      'network.cidr': '10.40.1.0/16',
      'ha.lease.expire': '1600ms',
      'retention.overrides': { archive: '1y' },
      'venues[0].id': 'binanze',
      colour: 'blue',
    });
    expect(problems.map(({ path }) => path).sort()).toEqual([
      'colour',
      'ha.lease.expire',
      'network.cidr',
      'retention.overrides.archive',
      'stage',
      'venues[0].id',
    ]);
  });

  test('does not judge settings by others that are wrong themselves', () => {
    // Whether the type is offered in the zone can not be said before the zone is known.
    expect(problemsOf('dev-single', { 'network.zones': ['apne9-az1'] }).map(({ path }) => path)).toEqual([
      'network.zones[0]',
    ]);
    expect(problemsOf('dev-single', { region: 'ap-northeast-9' }).map(({ path }) => path)).toEqual([
      'region',
    ]);
    // Nor whether two hosts may share an address before the mode is.
    expect(problemsOf('paper-tokyo', { 'ha.mode': 'lukewarm' }).map(({ path }) => path)).toEqual(['ha.mode']);
  });

  test('names the line', () => {
    const text = patched('dev-single', { 'hosts.instanceType': 'c7i.huge' });
    const line = text.split('\n').findIndex((one) => one.includes('c7i.huge')) + 1;
    const [problem] = problemsIn(text);
    expect(problem?.line).toBe(line);
    expect(problem && formatProblem(problem)).toMatch(
      new RegExp(
        `^line ${line}, hosts.instanceType "c7i.huge": is no instance type known here .*; use c7i\\.`,
      ),
    );
  });

  test('says of broken YAML where it is broken', () => {
    expect(problemsIn('name: [a\nstage: dev\n')[0]).toMatchObject({
      path: '$',
      fix: 'correct the YAML',
      line: 2,
    });
    expect(problemsIn('name: a\nname: b\n')[0]).toMatchObject({
      message: 'is no YAML: Map keys must be unique',
      line: 2,
    });
  });

  test('refuses what is no map at all', () => {
    for (const text of ['', '[]', '42', 'null', 'just words']) {
      expect(problemsIn(text)[0]).toMatchObject({
        path: '$',
        message: expect.stringMatching(/is not accepted|is missing/),
      });
    }
  });

  test('fills in defaults', () => {
    const config = parseEnvironment(patched('dev-single', {}), fileOf('dev-single'));
    expect(config.ha).toEqual({
      mode: 'none',
      lease: { renewEvery: 500, selfFence: 1_500, expire: 2_500 },
      stopFencedHost: true,
    });
    expect(config.hosts.connectionTracking.tcpEstablished).toBe(350_000);
  });

  test('an error carries the file, a code and every problem', () => {
    try {
      parseEnvironment('{}', 'x.yaml');
      throw new Error('accepted');
    } catch (error) {
      expect(error).toBeInstanceOf(EnvironmentError);
      expect(error).toMatchObject({ file: 'x.yaml', code: 'TW_ENVIRONMENT' });
      expect((error as EnvironmentError).problems.map(({ path }) => path)).toEqual(
        expect.arrayContaining(['name', 'region', 'hosts', 'recovery']),
      );
    }
  });
});
