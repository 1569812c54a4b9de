import { escapeHtml } from './escape.mjs';

const number = (value) => (value === null ? '' : value.toLocaleString('en-US', { maximumFractionDigits: 3 }));

/** @param {readonly (readonly { html: string, className?: string }[])[]} rows the first is the head */
function table([head, ...body]) {
  const cells = (tag) => (cell) =>
    `<${tag}${cell.className === undefined ? '' : ` class="${cell.className}"`}>${cell.html}</${tag}>`;
  const line = (tag) => (row) => `<tr>${row.map(cells(tag)).join('')}</tr>`;
  return `<div class="scroll"><table><thead>${line('th')(head)}</thead><tbody>${body.map(line('td')).join('')}</tbody></table></div>`;
}

const text = (value) => ({ html: escapeHtml(value) });
const figure = (value, unit = '') => ({
  html:
    value === null
      ? ''
      : `${escapeHtml(number(value))}${unit === '' ? '' : ` <span class="unit">${escapeHtml(unit)}</span>`}`,
  className: 'figure',
});

function verdict(met) {
  if (met === null) return { html: '<span class="unit">not run</span>' };
  return { html: met ? '<span class="met">met</span>' : '<span class="missed">missed</span>' };
}

/** What became of each budget. */
export function budgetTable(budgets) {
  const head = ['budget', 'target', '', 'measured', 'by'].map(text);
  const body = budgets.map(({ stage, target, met, measured, row, suite }) => [
    ...[text(stage), text(target), verdict(met), text(measured ?? ''), text(row ?? `suite ${suite}`)],
  ]);
  return table([head, ...body]);
}

/** The rows of one suite. */
export function rowTable(rows) {
  const names = ['', 'timed', 'p50', 'p99', 'p99.9', 'max', 'per second', 'target', '', 'compared'];
  const head = names.map((name, i) => ({
    ...text(name),
    ...(i > 0 && i < 7 ? { className: 'figure' } : {}),
  }));
  const body = rows.map(({ name, unit, count, p50, p99, p999, max, perSecond, target, met, ratioTo }) => [
    ...[text(name), figure(count)],
    ...[p50, p99, p999, max].map((value) => figure(value, unit)),
    ...[figure(perSecond), text(target ?? ''), target === null ? text('') : verdict(met)],
    text(
      Object.entries(ratioTo)
        .map(([baseline, ratio]) => `${ratio}x ${baseline}`)
        .join('; '),
    ),
  ]);
  return table([head, ...body]);
}

/** Bars of what was done in a second; nothing where no row tells it. */
export function throughputBars(rows) {
  const told = rows.filter(({ perSecond }) => perSecond !== null);
  if (told.length === 0) return '';
  const most = Math.max(...told.map(({ perSecond }) => perSecond));
  const bars = told.map(({ name, perSecond }) => {
    const width = Math.max(0.2, (perSecond / most) * 100).toFixed(1);
    return (
      `<div class="bar-name">${escapeHtml(name)}</div><div class="bar-track"><div class="bar" style="width:${width}%"></div></div>` +
      `<div class="figure">${escapeHtml(number(perSecond))}/s</div>`
    );
  });
  return `<h3>Throughput</h3><div class="bars">${bars.join('')}</div>`;
}
