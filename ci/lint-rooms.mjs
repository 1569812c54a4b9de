// Holds the engine to its rooms: imports point to earlier rooms only, a room is entered by its index, and the
// deterministic rooms use no clock, randomness, timer, I/O or async. Holds `infra/` to its layers. Prints each violation as
// file:line and exits 1.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { INFRA_LAYERS } from './infra-layers.mjs';

/** In the order data walks through them; an import may only point up this list. */
export const ROOMS = [
  'domain',
  'telemetry',
  'book',
  'portfolio',
  'risk',
  'oms',
  'strategies',
  'kernel',
  'journal',
  'venues',
  'simulator',
  'backtest',
  'ha',
  'data',
  'gateway',
  'host',
  'config',
  'wiring',
  'cli',
];

/** Rooms whose every run over the same events must end the same. */
export const DETERMINISTIC = new Set(['domain', 'book', 'portfolio', 'risk', 'oms', 'strategies', 'kernel']);

const BANNED_GLOBALS = new Map([
  ['Date', 'a clock'],
  ['performance', 'a clock'],
  ['process', 'the outside world'],
  ['setTimeout', 'a timer'],
  ['setInterval', 'a timer'],
  ['setImmediate', 'a timer'],
  ['queueMicrotask', 'a timer'],
  ['fetch', 'I/O'],
  ['WebSocket', 'I/O'],
  ['console', 'I/O'],
  ['crypto', 'randomness'],
  ['Promise', 'async code'],
  ['globalThis', 'a way around this rule'],
  ['eval', 'dynamic code'],
  ['Function', 'dynamic code'],
]);

const MAX_LINES = 400;

/** Violations in one file, as `{ line, message }`. `path` is relative to the sources' root, e.g. `book/index.ts`. */
export function lintFile(path, text) {
  const found = [];
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true);
  const room = path.split('/')[0];
  const report = (node, message) => {
    found.push({ line: source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1, message });
  };
  if (path.includes('/') && !ROOMS.includes(room)) report(source, `${room} is no room of the engine`);
  const lines = text.split('\n').length - 1;
  if (lines > MAX_LINES) report(source, `has ${lines} lines, more than ${MAX_LINES}: split it by idea`);
  const strict = DETERMINISTIC.has(room);

  const visit = (node) => {
    const target = importTarget(node);
    if (target !== undefined) checkImport(node, target);
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [argument] = node.arguments;
      if (argument && ts.isStringLiteral(argument)) checkImport(node, argument.text);
      if (strict) report(node, `${room} must be deterministic: import() is async code`);
    }
    if (ts.isAsExpression(node) && node.type.getText(source) === 'ApprovedOrder' && room !== 'risk') {
      report(node, 'only the risk room makes an ApprovedOrder');
    }
    if (strict) checkDeterminism(node);
    ts.forEachChild(node, visit);
  };

  const checkImport = (node, target) => {
    if (!target.startsWith('.')) {
      if (strict) report(node, `${room} must be deterministic and self-contained: imports ${target}`);
      return;
    }
    const file = resolve('/', path, '..', target).slice(1);
    const other = file.split('/')[0];
    if (other === room || !file.includes('/')) return;
    if (!ROOMS.includes(other)) return report(node, `imports ${target}: ${other} is no room of the engine`);
    if (ROOMS.indexOf(other) > ROOMS.indexOf(room)) {
      report(node, `${room} imports ${other}, a later room: imports point up the list only`);
    }
    const inner = file.split('/').slice(1).join('/');
    if (!/^(?:[a-z-]+\/)?index\.js$/.test(inner)) {
      report(node, `imports ${file}: a room is entered by its index.js`);
    }
    if (strict && other === 'telemetry' && !isTypeOnly(node)) {
      report(node, `${room} must be deterministic: from telemetry it may import types only`);
    }
  };

  const checkDeterminism = (node) => {
    const why = (what) => report(node, `${room} must be deterministic: ${what}`);
    if (ts.isAwaitExpression(node)) why('await is async code');
    if (node.modifiers?.some((modifier) => modifier.kind === ts.SyntaxKind.AsyncKeyword))
      why('async function');
    if (ts.isPropertyAccessExpression(node) && node.getText(source) === 'Math.random') {
      why('Math.random is randomness');
    }
    if (ts.isIdentifier(node) && BANNED_GLOBALS.has(node.text) && isGlobalUse(node)) {
      why(`${node.text} is ${BANNED_GLOBALS.get(node.text)}`);
    }
  };

  visit(source);
  return found;
}

function importTarget(node) {
  if (!ts.isImportDeclaration(node) && !ts.isExportDeclaration(node)) return undefined;
  const { moduleSpecifier } = node;
  return moduleSpecifier && ts.isStringLiteral(moduleSpecifier) ? moduleSpecifier.text : undefined;
}

function isTypeOnly(node) {
  if (ts.isExportDeclaration(node)) return node.isTypeOnly;
  const clause = node.importClause;
  if (!clause) return false;
  if (clause.isTypeOnly) return true;
  const bindings = clause.namedBindings;
  return (
    !clause.name && !!bindings && ts.isNamedImports(bindings) && bindings.elements.every((e) => e.isTypeOnly)
  );
}

/** False where the word is only the name of a property, a member or a declared thing. */
function isGlobalUse(node) {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent) && parent.name === node) return false;
  if (ts.isQualifiedName(parent) || ts.isImportSpecifier(parent)) return false;
  return !('name' in parent && parent.name === node && !ts.isShorthandPropertyAssignment(parent));
}

/** Every violation below `root`, as printable lines, and how many files were read. `base` goes before their paths. */
export function lintTree(root, base = '', lint = lintFile) {
  const problems = [];
  let files = 0;
  const walk = (folder) => {
    for (const name of readdirSync(folder).sort()) {
      const full = join(folder, name);
      if (statSync(full).isDirectory()) walk(full);
      else if (name.endsWith('.ts')) {
        files++;
        const path = join(base, relative(root, full)).split(sep).join('/');
        for (const { line, message } of lint(path, readFileSync(full, 'utf8'))) {
          problems.push(`${path}:${line}: ${message}`);
        }
      }
    }
  };
  walk(root);
  return { problems, files };
}

/** A file without rooms around it: no more than that it can be read in one sitting. */
export function lintLength(_path, text) {
  const lines = text.split('\n').length - 1;
  return lines > MAX_LINES
    ? [{ line: 1, message: `has ${lines} lines, more than ${MAX_LINES}: split it by idea` }]
    : [];
}

/** Violations in one file of `infra/`, as `{ line, message }`. `path` is relative to it, e.g. `model/load.ts`. */
export function lintInfraFile(path, text) {
  const found = [];
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true);
  const layer = path.split('/')[0];
  const report = (node, message) => {
    found.push({ line: source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1, message });
  };
  const lines = text.split('\n').length - 1;
  if (lines > MAX_LINES) report(source, `has ${lines} lines, more than ${MAX_LINES}: split it by idea`);
  const visit = (node) => {
    const target = importTarget(node);
    if (target?.startsWith('.')) {
      const other = resolve('/', path, '..', target).slice(1).split('/')[0];
      if (!INFRA_LAYERS.includes(other)) report(node, `imports ${target}: ${other} is no layer of infra`);
      else if (INFRA_LAYERS.indexOf(other) > INFRA_LAYERS.indexOf(layer)) {
        report(node, `${layer} imports ${other}, a later layer: imports point up the list only`);
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
  const engine = lintTree(at('engine/src'));
  const layers = INFRA_LAYERS.map((layer) => lintTree(at(`infra/${layer}`), layer, lintInfraFile));
  const chaos = ['engine/chaos/src', 'engine/chaos/real/src'].map((path) =>
    lintTree(at(path), path, lintLength),
  );
  const problems = [
    ...chaos.flatMap((result) => result.problems),
    ...engine.problems.map((problem) => `engine/src/${problem}`),
    ...layers.flatMap((result) => result.problems.map((problem) => `infra/${problem}`)),
  ];
  for (const problem of problems) console.error(problem);
  const files = [...layers, ...chaos].reduce((sum, result) => sum + result.files, engine.files);
  console.error(`rooms: ${files} files, ${problems.length} problems`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
