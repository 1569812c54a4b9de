import { stripVTControlCharacters } from 'node:util';

/** Sequences that color text. */
const COLOR = new RegExp(`(${String.fromCharCode(27)}\\[[0-9;]*m)`);

/** `line` cut to `columns`, with an ellipsis where something is missing; colors take no room and are all kept. */
export function fitted(line: string, columns: number): string {
  if (stripVTControlCharacters(line).length <= columns) return line;
  let left = Math.max(0, columns - 1);
  let cut = false;
  // Every second part is a color.
  const parts = line.split(COLOR).map((part, i) => {
    if (i % 2 === 1) return part;
    if (cut) return '';
    if (part.length <= left) {
      left -= part.length;
      return part;
    }
    cut = true;
    return `${part.slice(0, left)}…`;
  });
  return parts.join('');
}
