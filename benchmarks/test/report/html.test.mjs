import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { distributionCharts, historyCharts, tailOf } from '../../report/charts.mjs';
import { escapeHtml, scriptJson } from '../../report/escape.mjs';
import { reportHtml, writeReport } from '../../report/html.mjs';
import { storedResult } from './support.mjs';

const EVIL = '</script><img src=x onerror=alert(1)>';

const chartsOf = (html) => JSON.parse(/id="charts">(.*?)<\/script>/s.exec(html)[1]);

it('shows every row and budget of the newest result', () => {
  const newest = storedResult({ date: '2026-02-01T00:00:00.000Z', p50: 123 });
  const html = reportHtml([storedResult({ p50: 456 }), newest]);
  for (const { name, p50 } of newest.rows) {
    expect(html).toContain(`<td>${name}</td>`);
    expect(html).toContain(`>${p50.toLocaleString('en-US')} <span class="unit">ns</span>`);
  }
  for (const { stage } of newest.budgets) expect(html).toContain(escapeHtml(stage));
  expect(html).toContain('<span class="met">met</span>');
});

it('what results say is text in it, in the page and in its data', () => {
  const result = storedResult({ name: EVIL });
  result.machine.cpu = EVIL;
  result.frames.push(`book: ${EVIL}`);
  const html = reportHtml([result, { ...result, date: '2026-03-01T00:00:00.000Z' }]);
  expect(html).not.toContain('<img');
  expect(chartsOf(html).flatMap(({ curves }) => curves.map(({ name }) => name))).toContain(EVIL);
  expect(JSON.parse(scriptJson({ text: EVIL })).text).toBe(EVIL);
});

it('asks nobody for anything', () => {
  const html = reportHtml([storedResult()]);
  expect(html).toContain("default-src 'none'");
  expect(html).not.toMatch(/<(script|img|iframe)[^>]*\ssrc=|<link|@import|url\(/);
});

it('draws distributions to where they were seen, and only those of many values', () => {
  const [plain, ours] = storedResult().rows;
  const charts = distributionCharts([plain, { ...ours, count: 10 }]);
  expect(charts).toHaveLength(1);
  expect(charts[0]).toMatchObject({ unit: 'ns', curves: [{ name: 'plain' }] });
  expect(charts[0].curves[0].points.at(-1)).toEqual([3, 300]);
  expect([50, 90, 99.9].map((p) => Math.round(tailOf(p, 1e6) * 1_000))).toEqual([301, 1_000, 3_000]);
});

it('has a history of what was measured more than once', () => {
  const before = storedResult({ date: '2026-01-01T00:00:00.000Z', p50: 200 });
  const after = storedResult({ date: '2026-01-02T00:00:00.000Z', p50: 100 });
  const renamed = storedResult({ date: '2026-01-03T00:00:00.000Z', p50: 50, name: 'new' });
  const p50Of = (charts, title) => charts.find((chart) => chart.title === title)?.curves[0].points;
  const seconds = (result) => Date.parse(result.date) / 1_000;
  expect(p50Of(historyCharts([before, after]), 'ours')).toEqual([
    [seconds(before), 200],
    [seconds(after), 100],
  ]);
  const charts = historyCharts([before, after, renamed]);
  expect(p50Of(charts, 'new')).toBeUndefined();
  expect(p50Of(charts, 'plain')).toHaveLength(3);
});

it('draws what was watched over time', () => {
  const series = [
    { suite: 'book', name: 'memory', unit: 'MiB', xLabel: 'seconds', x: [1, 2], lines: { heap: [10, null] } },
  ];
  const [chart] = chartsOf(reportHtml([storedResult({ series })])).filter(({ title }) => title === 'memory');
  expect(chart.curves).toEqual([
    {
      name: 'heap',
      points: [
        [1, 10],
        [2, null],
      ],
    },
  ]);
});

it('is written as one file', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tradewind-report-'));
  try {
    const path = join(folder, 'report.html');
    await writeReport(path, [storedResult()]);
    expect(readFileSync(path, 'utf8')).toBe(reportHtml([storedResult()]));
  } finally {
    rmSync(folder, { recursive: true });
  }
});
