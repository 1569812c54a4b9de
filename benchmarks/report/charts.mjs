/**
 * A chart as the page draws it: `curves` of `[x, y]` points, `scale` of the x axis.
 *
 * @typedef {object} Chart
 * @property {string} title
 * @property {string} unit of y
 * @property {'percentile' | 'time' | 'number'} scale
 * @property {string} xLabel
 * @property {{ name: string, points: [number, number | null][] }[]} curves
 */

/** How far into the tail a percentile lies: 1 for 90, 2 for 99, 3 for 99.9. */
export function tailOf(percentile, count) {
  return percentile === 100 ? Math.log10(Math.max(10, count)) : -Math.log10(1 - percentile / 100);
}

/** Few values have no distribution to look at. */
const LEAST = 100;

/**
 * The latency distributions of a suite, a chart for each unit.
 *
 * @param {readonly object[]} rows
 * @returns {Chart[]}
 */
export function distributionCharts(rows) {
  const told = rows.filter(({ distribution, count }) => distribution !== null && count >= LEAST);
  return [...new Set(told.map(({ unit }) => unit))].map((unit) => ({
    ...{ title: 'Latency by percentile', unit, scale: 'percentile', xLabel: 'percentile' },
    curves: told
      .filter((row) => row.unit === unit)
      .map(({ name, distribution, count }) => ({
        name,
        points: distribution.map(([p, value]) => [tailOf(p, count), value]),
      })),
  }));
}

/** What a suite watched over time or over a growing load. */
export function seriesCharts(series) {
  return series.map(({ name, unit, xLabel, x, lines }) => ({
    ...{ title: name, unit, scale: 'number', xLabel },
    curves: Object.entries(lines).map(([line, values]) => ({
      name: line,
      points: x.map((at, i) => [at, values[i] ?? null]),
    })),
  }));
}

/**
 * Each row of the newest result through all of them; none where it was measured once.
 *
 * @param {readonly object[]} results oldest first
 * @returns {(Chart & { suite: string })[]}
 */
export function historyCharts(results) {
  return results.at(-1).rows.flatMap(({ suite, name, unit }) => {
    const found = results.flatMap(({ date, rows }) => {
      const row = rows.find((other) => other.suite === suite && other.name === name && other.unit === unit);
      return row === undefined ? [] : [{ at: Date.parse(date) / 1_000, ...row }];
    });
    if (found.length < 2) return [];
    const curve = (key) => ({ name: key, points: found.map((row) => [row.at, row[key]]) });
    return [{ suite, title: name, unit, scale: 'time', xLabel: '', curves: ['p50', 'p99'].map(curve) }];
  });
}
