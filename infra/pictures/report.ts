import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EnvironmentPlan } from '../model/index.js';
import { type AccessRow, accessSummary } from './access.js';
import { type CostTable, monthlyCosts } from './costs.js';
import { drawDiagram } from './diagram.js';
import { diagramGraph } from './diagram-graph.js';
import { type InventoryRow, inventory } from './inventory.js';
import type { SynthesizedStack } from './stacks.js';
import { htmlPage, markdownTable, type Table } from './tables.js';

export interface PicturesSummary {
  readonly folder: string;
  readonly resources: number;
  readonly roles: number;
  /** US dollars. */
  readonly monthly: number;
}

/**
 * Writes what a reviewer looks at before a deployment: `diagram.svg`, `inventory.md`, `access.md`, `costs.md`, and
 * `index.html` with all four, which needs no other file.
 */
export async function writePictures(
  plan: EnvironmentPlan,
  stacks: readonly SynthesizedStack[],
  folder: string,
): Promise<PicturesSummary> {
  mkdirSync(folder, { recursive: true });
  const diagram = await drawDiagram(diagramGraph(plan));
  const costs = monthlyCosts(plan);
  const rows = inventory(stacks);
  const access = accessSummary(stacks);
  const { name } = plan.config;
  const tables = [inventoryTable(name, rows), accessTable(name, access), costTable(name, costs)];
  writeFileSync(join(folder, 'diagram.svg'), diagram);
  writeFileSync(join(folder, 'inventory.md'), markdownTable(tables[0] as Table));
  writeFileSync(join(folder, 'access.md'), markdownTable(tables[1] as Table));
  writeFileSync(join(folder, 'costs.md'), markdownTable(tables[2] as Table));
  writeFileSync(join(folder, 'index.html'), htmlPage(`Environment ${name}`, diagram, tables));
  return {
    folder,
    resources: rows.length,
    roles: new Set(access.map((row) => `${row.stack} ${row.role}`)).size,
    monthly: costs.total,
  };
}

function inventoryTable(name: string, rows: readonly InventoryRow[]): Table {
  const retained = rows.filter((row) => row.retained).length;
  return {
    title: `What ${name} consists of`,
    notes: [`${rows.length} resources, ${retained} of them kept when their stack is deleted.`],
    columns: ['Region', 'Stack', 'Type', 'Logical id', 'Detail', 'Kept'],
    rows: rows.map((row) => [row.region, row.stack, row.type, row.id, row.detail, row.retained ? 'yes' : '']),
  };
}

function accessTable(name: string, rows: readonly AccessRow[]): Table {
  return {
    title: `Who can do what in ${name}`,
    notes: [
      'Every statement of every role the stacks make. Key, bucket and secret policies narrow these further.',
    ],
    columns: ['Region', 'Role', 'Taken by', 'Effect', 'Actions', 'Resources', 'Condition'],
    rows: rows.map((row) => [
      row.region,
      `${row.stack} / ${row.role}`,
      row.principals,
      row.effect,
      row.actions.join(', '),
      row.resources.join(', '),
      row.condition,
    ]),
  };
}

function costTable(name: string, costs: CostTable): Table {
  const money = (value: number) =>
    value < 10 ? value.toFixed(2) : Math.round(value).toLocaleString('en-US');
  return {
    title: `What ${name} costs a month, roughly`,
    notes: [
      `Prices of ${costs.date}. ${costs.source}.`,
      'Without discounts, data transfer, tax and support. "estimate" rates are not published figures; "assumed use" depends on your traffic.',
      `Assumed: ${Object.entries(costs.assumptions)
        .map(([key, value]) => `${key} ${value}`)
        .join(', ')}.`,
    ],
    columns: ['Region', 'Item', 'Quantity', 'US dollars a month', 'Basis'],
    rows: [
      ...costs.lines.map((line) => [line.region, line.item, line.quantity, money(line.monthly), line.basis]),
      ['', 'Together', '', money(costs.total), ''],
    ],
  };
}
