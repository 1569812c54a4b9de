import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { escapeHtml, scriptJson } from '../report/escape.mjs';
import { byRoom } from './rooms.mjs';

const PAGE = fileURLToPath(new URL('./flame-page.mjs', import.meta.url));
const TABLE_ROWS = 25;

const STYLE = `
body { font: 14px system-ui, sans-serif; margin: 24px; color: #1f2937; background: #fff; }
h1 { font-size: 20px; margin: 0 0 4px; }
p { margin: 0 0 16px; }
.note { color: #6b7280; }
#bar { display: flex; gap: 8px; align-items: center; margin-bottom: 8px; }
#search { width: 260px; padding: 4px 8px; }
#chart { margin-bottom: 20px; }
#details { min-height: 20px; font-family: ui-monospace, monospace; font-size: 12px; color: #374151; margin-bottom: 4px; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: 2px 12px; border-bottom: 1px solid #e5e7eb; }
#bar button { padding: 4px 8px; }
.d3-flame-graph-label { font: 12px ui-monospace, monospace; }
th:last-child, td:last-child { text-align: left; font-family: ui-monospace, monospace; font-size: 12px; }
`;

/**
 * A page that holds all it needs: the graph, and the functions with most time in themselves.
 *
 * @param {{ title: string, notes: readonly string[], tree: import('./call-tree.mjs').Frame, busyUs: number, rows: { name: string, selfUs: number, totalUs: number }[] }} profile
 */
export async function flamePage({ title, notes, tree, busyUs, rows }) {
  const { js, css } = await bundle();
  const percent = (us) => `${((us / busyUs) * 100).toFixed(1)} %`;
  const cells = ({ name, selfUs, totalUs }) =>
    `<tr><td>${percent(selfUs)}</td><td>${percent(totalUs)}</td><td>${escapeHtml(name)}</td></tr>`;
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>${escapeHtml(title)}</title><style>${css}${STYLE}</style></head>
<body>
<h1>${escapeHtml(title)}</h1>
<p class="note">${notes.map(escapeHtml).join('<br>')}</p>
<div id="bar"><input id="search" type="search" placeholder="function or file"><span id="matches"></span><button id="reset" type="button">Whole graph</button></div>
<div id="details"></div>
<div id="chart"></div>
<p>${byRoom(rows)
    .map(([room, us]) => `${escapeHtml(room)} ${percent(us)}`)
    .join(' &middot; ')}</p>
<table><thead><tr><th>in itself</th><th>with calls</th><th>function</th></tr></thead>
<tbody>${rows.slice(0, TABLE_ROWS).map(cells).join('\n')}</tbody></table>
<script id="profile" type="application/json">${scriptJson({ tree, busyUs })}</script>
<script>${js.replaceAll('</script', '<\\/script')}</script>
</body>
</html>
`;
}

/** The code of the page, and the style sheet that its library brings along; nothing is written. */
async function bundle() {
  const { outputFiles } = await build({
    ...{ entryPoints: [PAGE], bundle: true, minify: true, write: false, outdir: 'page' },
    ...{ format: 'iife', target: 'es2022' },
  });
  const text = (extension) => outputFiles.find(({ path }) => path.endsWith(extension)).text;
  return { js: text('.js'), css: text('.css') };
}
