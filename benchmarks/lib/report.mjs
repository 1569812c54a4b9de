import { writeFile } from 'node:fs/promises';
import { arch, cpus, platform } from 'node:os';

/**
 * @typedef {object} Row
 * @property {string} name
 * @property {'ns' | 'us' | 'ms'} unit
 * @property {number} count operations timed
 * @property {number} p50
 * @property {number} p99
 * @property {number | null} p999 null when it was not told
 * @property {number} max
 * @property {number | null} perSecond from the mean; null when that is not known
 * @property {string | null} target
 * @property {boolean | null} met
 * @property {{ name: string, ratio: number } | null} ratioTo
 */

/**
 * A row of `summary`; `target` says what must hold, e.g. `{ text: 'p99 < 500 ns', met: (row) => row.p99 < 500 }`.
 *
 * @returns {Row}
 */
export function row(name, unit, summary, { target, ratioTo } = {}) {
  const { count, p50, p99, p999, max, mean } = summary;
  const perUnit = unit === 'us' ? 1e6 : 1e9;
  const figures = {
    name,
    unit,
    count,
    p50: rounded(p50),
    p99: rounded(p99),
    p999: p999 === undefined ? null : rounded(p999),
    max: rounded(max),
    perSecond: mean > 0 ? Math.round(perUnit / mean) : null,
    ratioTo: ratioTo === undefined ? null : { name: ratioTo.name, ratio: rounded(ratioTo.p50 / p50) },
  };
  return { ...figures, target: target?.text ?? null, met: target === undefined ? null : target.met(figures) };
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
      target === null ? '' : `${target}: ${met ? 'met' : 'MISSED'}`,
      ratioTo === null ? '' : `${ratioTo.ratio}x ${ratioTo.name}`,
    ]);
  }
  printCells(table, 1, 6);
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

/** The machine, as far as it matters to who compares figures. */
export function environment() {
  return {
    node: process.version,
    platform: `${platform()} ${arch()}`,
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    date: new Date().toISOString(),
  };
}

/**
 * @param {string} path
 * @param {{ frames: string, clockNs: number, rows: readonly Row[] }} result
 */
export async function writeJson(path, result) {
  await writeFile(path, `${JSON.stringify({ environment: environment(), ...result }, null, 2)}\n`);
}

function rounded(value) {
  return Math.round(value * 10) / 10;
}
