export interface Table {
  readonly title: string;
  readonly notes: readonly string[];
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export function markdownTable({ title, notes, columns, rows }: Table): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replace(/\|/g, '\\|').replace(/\n/g, ' ')).join(' | ')} |`;
  return [
    `# ${title}`,
    '',
    ...notes.flatMap((note) => [note, '']),
    line(columns),
    `|${columns.map(() => '---|').join('')}`,
    ...rows.map(line),
    '',
  ].join('\n');
}

const STYLE = `
body { font: 14px/1.45 system-ui, "Segoe UI", Helvetica, Arial, sans-serif; color: #20262c; margin: 24px; }
h1 { font-size: 22px; } h2 { font-size: 17px; margin-top: 36px; }
nav a { margin-right: 16px; }
.picture { overflow-x: auto; border: 1px solid #d5dce3; border-radius: 6px; padding: 8px; }
.picture svg { max-width: 100%; height: auto; }
table { border-collapse: collapse; width: 100%; table-layout: auto; }
th, td { text-align: left; vertical-align: top; padding: 4px 8px; border-bottom: 1px solid #e3e8ed; overflow-wrap: anywhere; }
th { position: sticky; top: 0; background: #f0f3f6; }
td.short { white-space: nowrap; }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
p.note { color: #55606b; max-width: 90ch; }
`;

/** One page without scripts or links to other files. */
export function htmlPage(title: string, svg: string, tables: readonly Table[]): string {
  const anchor = (index: number) => `table-${index + 1}`;
  return [
    '<!doctype html>',
    `<html lang="en"><head><meta charset="utf-8"><title>${escapeText(title)}</title><style>${STYLE}</style></head><body>`,
    `<h1>${escapeText(title)}</h1>`,
    `<nav>${tables.map((table, index) => `<a href="#${anchor(index)}">${escapeText(table.title)}</a>`).join('')}</nav>`,
    `<div class="picture">${svg}</div>`,
    ...tables.map((table, index) => section(table, anchor(index))),
    '</body></html>',
    '',
  ].join('\n');
}

function section({ title, notes, columns, rows }: Table, id: string): string {
  const cell = (text: string) => `<td${kind(text)}>${escapeText(text)}</td>`;
  return [
    `<h2 id="${id}">${escapeText(title)}</h2>`,
    ...notes.map((note) => `<p class="note">${escapeText(note)}</p>`),
    `<table><thead><tr>${columns.map((column) => `<th>${escapeText(column)}</th>`).join('')}</tr></thead><tbody>`,
    ...rows.map((row) => `<tr>${row.map(cell).join('')}</tr>`),
    '</tbody></table>',
  ].join('\n');
}

/** Numbers stand to the right, and words that fit on one line stay on it. */
function kind(text: string): string {
  if (/^[\d,.]+$/.test(text)) return ' class="number"';
  return text.length <= 16 ? ' class="short"' : '';
}

/** Text made safe inside HTML and SVG. */
export function escapeText(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
}
