import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  accessSummary,
  type DiagramNode,
  diagramGraph,
  drawDiagram,
  inventory,
  monthlyCosts,
  readable,
  readPrices,
  type SynthesizedStack,
  writePictures,
} from '../../pictures/index.js';
import { ENVIRONMENTS, shippedPlan } from '../support/test-app.js';

const stack: SynthesizedStack = {
  name: 'Tradewind-x-Demo',
  region: 'ap-northeast-1',
  stateful: true,
  template: {
    Resources: {
      Table: { Type: 'AWS::DynamoDB::Table', Properties: { TableName: 'lease' }, DeletionPolicy: 'Retain' },
      Role: {
        Type: 'AWS::IAM::Role',
        Properties: {
          AssumeRolePolicyDocument: {
            Statement: [
              { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'ec2.amazonaws.com' } },
            ],
          },
          Policies: [
            {
              PolicyDocument: {
                Statement: {
                  Effect: 'Allow',
                  Action: 'dynamodb:UpdateItem',
                  Resource: { 'Fn::GetAtt': ['Table', 'Arn'] },
                  Condition: { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['engine'] } },
                },
              },
            },
          ],
        },
      },
      More: {
        Type: 'AWS::IAM::Policy',
        Properties: {
          Roles: [{ Ref: 'Role' }],
          PolicyDocument: {
            Statement: [
              {
                Effect: 'Deny',
                Action: ['s3:DeleteObject'],
                Resource: { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':s3:::a|b/*']] },
              },
            ],
          },
        },
      },
    },
  },
};

function all(nodes: readonly DiagramNode[]): DiagramNode[] {
  return nodes.flatMap((node) => [node, ...all(node.children ?? [])]);
}

describe.each(ENVIRONMENTS)('%s', (name) => {
  const plan = shippedPlan(name);

  test('the diagram shows each host, subnet and zone once and every arrow ends at a box', () => {
    const { nodes, edges } = diagramGraph(plan);
    const boxes = all(nodes);
    const ids = boxes.map((box) => box.id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const edge of edges) expect(ids).toEqual(expect.arrayContaining([edge.from, edge.to]));
    for (const subnet of plan.network.subnets) expect(ids).toContain(`home-${subnet.id}`);
    for (const zone of plan.network.zones) expect(ids).toContain(`home-${zone}`);
    const hosts = boxes.filter((box) => box.kind === 'host' && box.id.startsWith('home-'));
    expect(hosts.map((host) => host.title)).toEqual(plan.hosts.hosts.map((host) => host.role));
  });

  test('is drawn as SVG with every title in it and no box outside the picture', async () => {
    const graph = diagramGraph(plan);
    const svg = await drawDiagram(graph);
    const [, width, height] = /viewBox="0 0 (\d+) (\d+)"/.exec(svg) ?? [];
    for (const node of all(graph.nodes)) expect(svg).toContain(`>${node.title}</text>`);
    for (const [, x, y, w, h] of svg.matchAll(
      /<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)"/g,
    )) {
      expect(Number(x) + Number(w)).toBeLessThanOrEqual(Number(width));
      expect(Number(y) + Number(h)).toBeLessThanOrEqual(Number(height));
    }
    expect(svg.match(/marker-end/g)).toHaveLength(graph.edges.length);
  });

  test('its costs add up, and every type of host has a rate', () => {
    const costs = monthlyCosts(plan);
    expect(costs.total).toBeCloseTo(
      costs.lines.reduce((sum, line) => sum + line.monthly, 0),
      6,
    );
    expect(costs.lines.some((line) => line.item.startsWith('Hosts'))).toBe(true);
    expect(readPrices().ec2VcpuHour).toHaveProperty(plan.hosts.instanceType.split('.')[0] as string);
  });
});

test('a pilot light costs what stands, no capacity and none of what only runs', () => {
  const lines = monthlyCosts(shippedPlan('prod-virginia')).lines.filter(
    (line) => line.region === 'us-east-2',
  );
  expect(lines.map((line) => line.item)).toContain('Journal volumes');
  expect(lines.map((line) => line.item).filter((item) => item.startsWith('Hosts'))).toEqual([]);
  expect(lines.map((line) => line.item)).not.toContain('Root volumes');
  expect(lines.map((line) => line.item)).not.toContain('Custom metrics');
});

test('costs follow the Region and the number of hosts', () => {
  const plan = shippedPlan('prod-tokyo');
  const prices = readPrices();
  const hosts = (factor: number) =>
    monthlyCosts(plan, {
      ...prices,
      regionFactor: { ...prices.regionFactor, 'ap-northeast-1': factor },
    }).lines.find((line) => line.item === 'Hosts')?.monthly ?? 0;
  expect(hosts(2)).toBeCloseTo(2 * hosts(1), 6);
  // Two hosts of 48 vCPUs for 730 hours at the committed rate.
  expect(hosts(1)).toBeCloseTo(2 * 48 * 730 * (prices.ec2VcpuHour.m8azn?.rate ?? 0), 6);
});

test('the inventory names each resource and says what is kept', () => {
  expect(inventory([stack])).toContainEqual({
    region: 'ap-northeast-1',
    stack: 'Tradewind-x-Demo',
    type: 'AWS::DynamoDB::Table',
    id: 'Table',
    detail: 'lease',
    retained: true,
  });
  expect(inventory([stack]).filter((row) => row.retained)).toHaveLength(1);
});

test('access is told from inline and attached policies, with principals and conditions', () => {
  const rows = accessSummary([stack]);
  expect(rows).toHaveLength(2);
  expect(rows).toContainEqual(
    expect.objectContaining({
      role: 'Role',
      principals: 'ec2.amazonaws.com',
      effect: 'Allow',
      actions: ['dynamodb:UpdateItem'],
      resources: ['Table.Arn'],
      condition: 'ForAllValues:StringEquals dynamodb:LeadingKeys = engine',
    }),
  );
  expect(rows).toContainEqual(expect.objectContaining({ effect: 'Deny', resources: ['arn:aws:s3:::a|b/*'] }));
});

test('any template value can be told as text', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(typeof readable(value)).toBe('string');
    }),
  );
  // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation writes variables so.
  expect(readable({ 'Fn::Sub': 'arn:${AWS::Partition}:x:${Table}' })).toBe('arn:aws:x:Table');
  // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation writes variables so.
  expect(readable({ 'Fn::Sub': ['a-${Name}', { Name: { Ref: 'Table' } }] })).toBe('a-Table');
});

test('the page holds the picture and the tables, escapes what it is given and loads nothing', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'pictures-'));
  const summary = await writePictures(shippedPlan('prod-tokyo'), [stack], folder);
  const page = readFileSync(join(folder, 'index.html'), 'utf8');
  expect(summary).toMatchObject({ resources: 3, roles: 1 });
  expect(page).toContain('<svg');
  expect(page).toContain('Who can do what in prod-tokyo');
  expect(page).not.toMatch(/<(?:script|link|img|iframe)|src=|url\((?!#)/);
  expect(readFileSync(join(folder, 'access.md'), 'utf8')).toContain('arn:aws:s3:::a\\|b/*');
  expect(readFileSync(join(folder, 'costs.md'), 'utf8')).toContain('| Together |');
});
