import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { FUNCTIONS, type FunctionName } from '../../functions/index.js';
import { capabilities, type EnvironmentPlan, functionsOf, repositoryPath } from '../../model/index.js';
import { diagramGraph, drawDiagram, monthlyCosts } from '../../pictures/index.js';
import { ENVIRONMENTS, shippedPlan } from '../support/test-app.js';

const PAGE = readFileSync(repositoryPath('docs', 'deployment.md'), 'utf8');

/** Cells of the row of a table that holds `key`. */
function row(key: string): readonly string[] {
  const line = PAGE.split('\n').find((text) => text.startsWith('|') && text.includes(key));
  if (line === undefined) throw new Error(`docs/deployment.md has no row with ${key}`);
  return line.split('|').map((cell) => cell.trim());
}

const number = (text: string | undefined) => Number(text?.replaceAll(/[^0-9.]/g, ''));

/** Concurrent executions Lambda wants left unreserved. */
const UNRESERVED = 100;

/** What a plan takes of each quota of the page, by its code. */
const QUOTAS: Readonly<Record<string, (plan: EnvironmentPlan) => number>> = {
  'L-1216C47A': ({ hosts }) => hosts.hosts.length * (capabilities().types[hosts.instanceType]?.vcpus ?? 0),
  'L-0263D0A3': ({ hosts }) =>
    hosts.hosts.filter(({ elasticIp }) => elasticIp).length + (hosts.floatingIp ? 1 : 0),
  'L-29B6F2EB': ({ network }) => network.interfaceEndpoints.length,
  'L-B99A9384': ({ config }) =>
    functionsOf(config).reduce(
      (sum, name) => sum + FUNCTIONS[name as FunctionName].reservedConcurrency,
      UNRESERVED,
    ),
  'L-8D977E7E': ({ config, hosts }) =>
    config.hosts.journalVolume.type === 'io2'
      ? hosts.hosts.length * (config.hosts.journalVolume.iops ?? 0)
      : 0,
};

describe('figures of docs/deployment.md', () => {
  test.each(Object.keys(QUOTAS))('quota %s is what the plans take', (code) => {
    const [, , , , ...cells] = row(code);
    const said = cells.slice(0, 3).map((cell) => number(cell.split(';')[0]));
    const taken = (['paper-tokyo', 'prod-tokyo', 'prod-virginia'] as const).map((name) =>
      QUOTAS[code]?.(shippedPlan(name)),
    );
    expect(said).toEqual(taken);
  });

  test.each(ENVIRONMENTS)('the monthly cost of %s is the one of its cost table, within a tenth', (name) => {
    const said = number(row(`\`${name}\``)[3]);
    const total = monthlyCosts(shippedPlan(name)).total;
    expect(Math.abs(said - total) / total).toBeLessThan(0.1);
  });

  test('the reserved executions of all functions together are those the page names', () => {
    const all = Object.values(FUNCTIONS).reduce(
      (sum, { reservedConcurrency }) => sum + reservedConcurrency,
      0,
    );
    expect(PAGE).toContain(`the functions reserve up to ${all};`);
  });
});

test('the picture of the README is the one synthesis draws', async () => {
  const committed = readFileSync(repositoryPath('docs', 'pictures', 'prod-tokyo.svg'), 'utf8');
  const drawn = await drawDiagram(diagramGraph(shippedPlan('prod-tokyo')));
  const verdict =
    committed === drawn
      ? 'the same'
      : 'run `npm run synth -- prod-tokyo` and copy infra/out/prod-tokyo/pictures/diagram.svg to docs/pictures/prod-tokyo.svg';
  expect(verdict).toBe('the same');
});
