import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { distributionCharts, historyCharts, seriesCharts } from './charts.mjs';
import { escapeHtml, scriptJson } from './escape.mjs';
import { budgetTable, rowTable, throughputBars } from './tables.mjs';

const require = createRequire(import.meta.url);
const ours = (name) => readFileSync(new URL(name, import.meta.url), 'utf8');
const uplot = (name) => readFileSync(require.resolve(`uplot/dist/${name}`), 'utf8');
/** Nothing is loaded from anywhere, and a browser holds it to that. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'";

/**
 * One file that shows the newest of the results, and how each figure of it was in the ones before.
 *
 * @param {string} path
 * @param {readonly object[]} results oldest first
 */
export async function writeReport(path, results) {
  await writeFile(path, reportHtml(results));
}

/** The page's text. */
export function reportHtml(results) {
  const newest = results.at(-1);
  const charts = [];
  const place = (chart, className = '') =>
    `<div class="chart${className}" data-chart="${charts.push(chart) - 1}"></div>`;
  const history = historyCharts(results);
  const suites = [...new Set(newest.rows.map(({ suite }) => suite))];
  const sections = suites.map((suite) => {
    const rows = newest.rows.filter((row) => row.suite === suite);
    const series = newest.series.filter((each) => each.suite === suite);
    const past = history.filter((chart) => chart.suite === suite);
    const titled = (chart) => `<h3>${escapeHtml(chart.title)}, ${escapeHtml(chart.unit)}</h3>${place(chart)}`;
    return `<section id="${escapeHtml(suite)}"><h2>${escapeHtml(suite)}</h2>${list(newest.frames, suite)}${rowTable(rows)}
${throughputBars(rows)}
${[...distributionCharts(rows), ...seriesCharts(series)].map(titled).join('\n')}
${past.length === 0 ? '' : `<details${results.length > 1 ? ' open' : ''}><summary>History of ${results.length} results</summary><div class="grid">${past.map((chart) => `<div><h4>${escapeHtml(chart.title)}</h4>${place(chart, ' small')}</div>`).join('\n')}</div></details>`}
</section>`;
  });
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<title>Tradewind benchmarks, ${escapeHtml(newest.date.slice(0, 10))}</title>
<style>${uplot('uPlot.min.css')}</style>
<style>${ours('page.css')}</style>
</head>
<body>
<h1>Tradewind benchmarks</h1>
${heading(newest)}
<nav>${suites.map((suite) => `<a href="#${escapeHtml(suite)}">${escapeHtml(suite)}</a>`).join('')}</nav>
<h2>Budgets</h2>
${budgetTable(newest.budgets)}
${sections.join('\n')}
<script type="application/json" id="charts">${scriptJson(charts)}</script>
<script>${uplot('uPlot.iife.min.js')}</script>
<script type="module">${ours('page.js')}</script>
</body>
</html>
`;
}

function heading({ date, node, machine, commit, clockNs }) {
  const { cpu, cores, kernel, memoryMiB, load } = machine;
  const lines = [
    `${date}, commit ${commit.hash?.slice(0, 12) ?? 'unknown'}${commit.dirty ? ' with changes' : ''}, Node ${node}`,
    `${cores} x ${cpu}, ${memoryMiB.toLocaleString('en-US')} MiB, ${kernel}; load average at the start ${load}`,
    `reading the clock costs ${clockNs.toFixed(0)} ns, in every figure`,
  ];
  return lines.map((line) => `<p>${escapeHtml(line)}</p>`).join('\n');
}

function list(frames, suite) {
  const own = frames
    .filter((line) => line.startsWith(`${suite}: `))
    .map((line) => line.slice(suite.length + 2));
  return `<ul>${own.map((line) => `<li>${escapeHtml(line)}</li>`).join('')}</ul>`;
}
