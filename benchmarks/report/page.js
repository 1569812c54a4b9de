// Runs in the report: draws the charts of the page's own data with uPlot, which is in the page too.
const { uPlot } = globalThis;
const charts = JSON.parse(document.getElementById('charts').textContent);
const TAILS = ['0', '90 %', '99 %', '99.9 %', '99.99 %', '99.999 %', '99.9999 %'];
const drawn = [];

const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const short = (value) => {
  const size = Math.abs(value);
  if (size >= 1e9) return `${value / 1e9} G`;
  if (size >= 1e6) return `${value / 1e6} M`;
  return size >= 1e4 ? `${value / 1e3} k` : String(Number(value.toPrecision(4)));
};

function draw(place) {
  const { unit, scale, xLabel, curves } = charts[Number(place.dataset.chart)];
  const axis = {
    stroke: color('--muted'),
    grid: { stroke: color('--line'), width: 1 },
    ticks: { stroke: color('--line') },
  };
  const isPercentile = scale === 'percentile';
  const positive = curves.every(({ points }) => points.every(([, y]) => y === null || y > 0));
  const values = curves.flatMap(({ points }) => points.map(([, y]) => y)).filter((y) => y !== null);
  // A line through little change says more on a scale of its own; a tail needs decades.
  const isLog = positive && Math.max(...values) / Math.min(...values) > 20;
  const options = {
    width: place.clientWidth,
    height: place.classList.contains('small') ? 170 : 320,
    cursor: { drag: { x: false, y: false } },
    scales: {
      x: { time: scale === 'time', ...(isPercentile && { range: (_, __, max) => [0, max] }) },
      y: { distr: isLog ? 3 : 1 },
    },
    series: [
      {
        label: isPercentile ? 'percentile' : xLabel || 'date',
        ...(isPercentile && { value: (_, x) => (x === null ? '' : percent(x)) }),
      },
      ...curves.map(({ name }, i) => ({
        label: name,
        stroke: color(`--c${i % 8}`),
        width: 2,
        // Beyond the palette a dashed line is another.
        ...(i >= 8 && { dash: [6, 4] }),
        spanGaps: true,
        points: { show: !isPercentile && curves[0].points.length < 40, size: 5 },
        value: (_, y) => (y === null || y === undefined ? '' : `${y.toLocaleString('en-US')} ${unit}`),
      })),
    ],
    axes: [
      {
        ...axis,
        ...(isPercentile && {
          splits: (_, __, ___, max) => TAILS.map((____, i) => i).filter((i) => i <= max),
          values: (_, splits) => splits.map((x) => TAILS[x]),
        }),
        ...(!isPercentile && xLabel !== '' && { label: xLabel, labelSize: 18, labelFont: '12px system-ui' }),
      },
      {
        ...axis,
        size: 76,
        values: (_, splits) => splits.map((y) => (y === null ? '' : `${short(y)} ${unit}`)),
      },
    ],
  };
  const data = uPlot.join(curves.map(({ points }) => [points.map(([x]) => x), points.map(([, y]) => y)]));
  drawn.push(new uPlot(options, data, place));
}

function percent(tail) {
  return `${Number((100 * (1 - 10 ** -tail)).toPrecision(7))} %`;
}

function drawAll() {
  for (const chart of drawn.splice(0)) chart.destroy();
  for (const place of document.querySelectorAll('[data-chart]')) if (place.clientWidth > 0) draw(place);
}

drawAll();
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', drawAll);
addEventListener('resize', drawAll);
for (const details of document.querySelectorAll('details')) details.addEventListener('toggle', drawAll);
