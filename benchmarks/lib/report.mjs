import { BUDGETS } from './budgets.mjs';

/**
 * @typedef {object} Row
 * @property {string} name
 * @property {string} unit of the figures: ns, us, ms; MiB, B
 * @property {number} count operations timed
 * @property {number} p50
 * @property {number} p99
 * @property {number | null} p999 null when it was not told
 * @property {number} max
 * @property {number | null} perSecond from the mean; null when that is not known, or says nothing
 * @property {string | null} budget its key in {@link BUDGETS}
 * @property {string | null} target
 * @property {boolean | null} met
 * @property {Record<string, number>} ratioTo by the baseline's name: how many times its median this one's is faster
 * @property {[number, number][] | null} distribution percentiles and their values
 */

const PER_SECOND = { ns: 1e9, us: 1e6, ms: 1e3 };

/**
 * A row of `summary`: `budget` is what it is held to, `ratioTo` the row or rows it is compared with.
 *
 * @param {string} name
 * @param {string} unit
 * @param {{ count: number, p50: number, p99: number, p999?: number, max: number, mean?: number, distribution?: [number, number][] }} summary
 * @param {{ budget?: string, ratioTo?: Row | readonly Row[] }} [held]
 * @returns {Row}
 */
export function row(name, unit, summary, { budget, ratioTo = [] } = {}) {
  const { count, p50, p99, p999, max, mean, distribution } = summary;
  const baselines = [ratioTo].flat();
  const target = budget === undefined ? undefined : BUDGETS[budget];
  if (budget !== undefined && target === undefined) throw new RangeError(`no budget ${budget}`);
  const figures = {
    name,
    unit,
    count,
    p50: rounded(p50),
    p99: rounded(p99),
    p999: p999 === undefined ? null : rounded(p999),
    max: rounded(max),
    perSecond: mean > 0 && unit in PER_SECOND ? Math.round(PER_SECOND[unit] / mean) : null,
    budget: budget ?? null,
    target: target?.target ?? null,
    met: null,
    ratioTo: Object.fromEntries(
      baselines.map((other) => [other.name, Number((other.p50 / p50).toPrecision(3))]),
    ),
    distribution: distribution?.map(([p, value]) => [p, rounded(value)]) ?? null,
  };
  if (target !== undefined) figures.met = target.met(figures, baselines);
  return figures;
}

/** @param {readonly Row[]} rows */
export function printTable(rows) {
  const table = [['', 'timed', 'p50', 'p99', 'p99.9', 'max', 'per second', 'target', 'compared']];
  for (const { name, unit, count, p50, p99, p999, max, perSecond, target, met, ratioTo } of rows) {
    table.push([
      name,
      String(count),
      `${p50} ${unit}`,
      `${p99} ${unit}`,
      p999 === null ? '' : `${p999} ${unit}`,
      `${max} ${unit}`,
      perSecond === null ? '' : perSecond.toLocaleString('en-US'),
      target === null ? '' : `${target}: ${verdict(met)}`,
      Object.entries(ratioTo)
        .map(([baseline, ratio]) => `${ratio}x ${baseline}`)
        .join(', '),
    ]);
  }
  printCells(table, 1, 6);
}

/** @param {readonly import('./budgets.mjs').BudgetLine[]} lines */
export function printBudgets(lines) {
  const table = [['budget', 'target', '', 'measured']];
  for (const { stage, target, suite, row: name, measured, met } of lines) {
    table.push([
      stage,
      target,
      verdict(met),
      name === null ? `npm run bench -- ${suite}` : `${measured} (${name})`,
    ]);
  }
  printCells(table);
}

function verdict(met) {
  if (met === null) return 'not run';
  return met ? 'met' : 'MISSED';
}

/** Rows of text in columns; those from `from` to `to` are right-aligned. */
export function printCells(table, from = Number.POSITIVE_INFINITY, to = from) {
  const widths = table[0].map((_, column) => Math.max(...table.map((cells) => cells[column].length)));
  for (const cells of table) {
    console.log(
      cells
        .map((cell, column) =>
          column >= from && column <= to ? cell.padStart(widths[column]) : cell.padEnd(widths[column]),
        )
        .join('  ')
        .trimEnd(),
    );
  }
}

/** To a tenth; below ten to four digits, for what takes next to nothing. */
function rounded(value) {
  return Math.abs(value) < 10 ? Number(value.toPrecision(4)) : Math.round(value * 10) / 10;
}
