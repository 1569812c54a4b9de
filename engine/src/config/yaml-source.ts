import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  Scalar,
} from 'yaml';
import { ConfigError, type ConfigIssue } from './config-error.js';
import { type Origin, type SourceNode, sourceMap } from './source-tree.js';

const MAX_BYTES = 1_000_000;
const MAX_NODES = 20_000;
const MAX_DEPTH = 32;

/**
 * A YAML file as a tree of texts with the place of each. Throws a {@link ConfigError} for anything that is no YAML, with
 * line and column. Scalars keep their source text: `0.1` is the text `0.1`, never the nearest double.
 */
export function readYaml(bytes: Uint8Array, source: string): SourceNode {
  if (bytes.length > MAX_BYTES) {
    throw new ConfigError([{ path: '', message: `is larger than ${MAX_BYTES} bytes`, source }]);
  }
  const lines = new LineCounter();
  const document = parse(decode(bytes, source), lines, source);
  const faults = [...document.errors, ...document.warnings];
  if (faults.length > 0) {
    throw new ConfigError(
      faults.slice(0, 20).map((fault) => ({
        path: '',
        message: firstLine(fault.message),
        ...at(lines, fault.pos[0], source),
      })),
    );
  }
  return new TreeReader(document, lines, source).read();
}

function decode(bytes: Uint8Array, source: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new ConfigError([{ path: '', message: 'is not UTF-8 text', source }]);
  }
}

function parse(text: string, lines: LineCounter, source: string): Document.Parsed {
  try {
    return parseDocument(text, { lineCounter: lines, prettyErrors: false, strict: true, uniqueKeys: true });
  } catch (error) {
    // The parser recurses: nesting of many thousand levels ends its stack.
    const message = error instanceof RangeError ? 'is nested too deeply' : 'cannot be read as YAML';
    throw new ConfigError([{ path: '', message, source }]);
  }
}

function at(lines: LineCounter, offset: number, source: string) {
  const { line, col } = lines.linePos(offset);
  return line > 0 ? { source, line, column: Math.max(1, col) } : { source };
}

function firstLine(message: string): string {
  return `is not valid YAML: ${message.split('\n', 1)[0]!.slice(0, 200)}`;
}

class TreeReader {
  readonly #document: Document.Parsed;
  readonly #lines: LineCounter;
  readonly #source: string;
  readonly #issues: ConfigIssue[] = [];
  #nodes = 0;

  constructor(document: Document.Parsed, lines: LineCounter, source: string) {
    this.#document = document;
    this.#lines = lines;
    this.#source = source;
  }

  read(): SourceNode {
    const contents: Node | null = this.#document.contents;
    const empty = contents === null || (isScalar(contents) && contents.value === null);
    const root = empty ? sourceMap({ source: this.#source }) : this.#node(contents, '', 0);
    if (this.#issues.length > 0) throw new ConfigError(this.#issues.slice(0, 20));
    return root;
  }

  #node(node: unknown, written: string, depth: number): SourceNode {
    const origin = this.#origin(node, written);
    if (++this.#nodes > MAX_NODES)
      throw new ConfigError([{ path: '', message: `has more than ${MAX_NODES} values`, ...origin }]);
    if (depth > MAX_DEPTH) throw new ConfigError([{ path: '', message: 'is nested too deeply', ...origin }]);
    if (isAlias(node)) {
      const target = node.resolve(this.#document);
      if (target === undefined) {
        this.#issues.push({
          path: written,
          message: 'refers to an anchor that does not exist',
          ...this.#place(node),
        });
      }
      return this.#node(target, written, depth + 1);
    }
    if (isSeq(node)) {
      const items = node.items.map((item, i) => this.#node(item, `${written}[${i}]`, depth + 1));
      return { kind: 'list', items, origin };
    }
    if (isMap(node)) return this.#map(node.items, written, origin, depth);
    return { kind: 'leaf', text: isScalar(node) ? scalarText(node) : null, origin };
  }

  #map(
    pairs: readonly { key: unknown; value: unknown }[],
    written: string,
    origin: Origin,
    depth: number,
  ): SourceNode {
    const map = sourceMap(origin);
    for (const { key, value } of pairs) {
      const name = isScalar(key) ? scalarText(key) : null;
      if (name === null || name === '') {
        this.#issues.push({
          path: written,
          message: 'has a key that is no plain name',
          ...this.#origin(key, written),
        });
        continue;
      }
      const path = written === '' ? name : `${written}.${name}`;
      const child = this.#node(value, path, depth + 1);
      const place = this.#origin(key, path);
      map.entries.set(name, { ...child, origin: { ...child.origin, ...place } });
    }
    return map;
  }

  #origin(node: unknown, written: string): Origin {
    return written === '' ? this.#place(node) : { ...this.#place(node), written };
  }

  #place(node: unknown) {
    const range = (node as { range?: readonly number[] | null } | null | undefined)?.range;
    return range ? at(this.#lines, range[0]!, this.#source) : { source: this.#source };
  }
}

/** Plain scalars as they were typed, quoted ones as they read. */
function scalarText(node: Scalar): string | null {
  if (node.value === null) return null;
  return node.type === Scalar.PLAIN && node.source !== undefined ? node.source : String(node.value);
}
