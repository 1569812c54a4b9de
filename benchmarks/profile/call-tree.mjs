import { fileURLToPath } from 'node:url';

/** What V8 names that is no code: waiting, and what was not in JavaScript. */
const IDLE = '(idle)';
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/**
 * @typedef {object} Frame
 * @property {string} name function and place
 * @property {number} value microseconds in it and in what it called
 * @property {number} self microseconds in itself
 * @property {Frame[]} children
 */

/**
 * A profile as the tree of its calls, without the time in which nothing was to be done.
 *
 * @returns {{ tree: Frame, busyUs: number, idleUs: number }}
 */
export function callTree({ nodes, samples, timeDeltas }) {
  const selfUs = new Map(nodes.map(({ id }) => [id, 0]));
  // A delta is the time before its sample: it belongs to the one taken before.
  for (let i = 0; i + 1 < samples.length; i++) {
    selfUs.set(samples[i], selfUs.get(samples[i]) + Math.max(0, timeDeltas[i + 1]));
  }
  const byId = new Map(nodes.map((node) => [node.id, node]));
  let idleUs = 0;
  const grow = ({ id, callFrame, children = [] }) => {
    const self = selfUs.get(id);
    if (callFrame.functionName === IDLE) {
      idleUs += self;
      return undefined;
    }
    const grown = merged(
      children.map((child) => grow(byId.get(child))).filter((child) => child !== undefined),
    );
    const value = self + grown.reduce((sum, child) => sum + child.value, 0);
    return value === 0 ? undefined : { name: label(callFrame), value, self, children: grown };
  };
  const tree = grow(nodes[0]) ?? { name: label(nodes[0].callFrame), value: 0, self: 0, children: [] };
  return { tree, busyUs: tree.value, idleUs };
}

/** V8 tells a function apart by where it was called from; here it is one. */
function merged(frames) {
  const byName = new Map();
  for (const frame of frames) {
    const known = byName.get(frame.name);
    if (known === undefined) {
      byName.set(frame.name, frame);
      continue;
    }
    known.value += frame.value;
    known.self += frame.self;
    known.children = merged([...known.children, ...frame.children]);
  }
  return [...byName.values()].sort((a, b) => b.value - a.value);
}

/**
 * Functions of the tree with the time in themselves and with what they called. Recursion counts once.
 *
 * @param {Frame} tree
 * @returns {{ name: string, selfUs: number, totalUs: number }[]} most time in themselves first
 */
export function functions(tree) {
  const found = new Map();
  const visit = (frame, above) => {
    const entry = found.get(frame.name) ?? { name: frame.name, selfUs: 0, totalUs: 0 };
    found.set(frame.name, entry);
    entry.selfUs += frame.self;
    const isOutermost = !above.has(frame.name);
    if (isOutermost) {
      entry.totalUs += frame.value;
      above.add(frame.name);
    }
    for (const child of frame.children) visit(child, above);
    if (isOutermost) above.delete(frame.name);
  };
  for (const child of tree.children) visit(child, new Set());
  return [...found.values()].sort((a, b) => b.selfUs - a.selfUs);
}

function label({ functionName, url, lineNumber }) {
  const name = functionName === '' ? '(anonymous)' : functionName;
  if (url === '') return name;
  const path = url.startsWith('file:') ? fileURLToPath(url) : url;
  const short = path.startsWith(ROOT) ? path.slice(ROOT.length) : path;
  return `${name} ${short.replace(/^engine\/dist\//, '').replace(/^.*node_modules\//, '')}:${lineNumber + 1}`;
}
