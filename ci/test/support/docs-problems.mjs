import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createProgram } from '../../../engine/src/cli/program.js';
import { describeConfig } from '../../../engine/src/config/index.js';
import { DOCUMENT_ACTIONS } from '../../../infra/model/names.js';
import { fencedBlocks, headingFragments, mentions, relativeLinks } from '../../docs-mentions.mjs';

export const root = fileURLToPath(new URL('../../..', import.meta.url));
const read = (...path) => readFileSync(join(root, ...path), 'utf8');
const names = (...folder) => readdirSync(join(root, ...folder));

export const ENVIRONMENTS = names('infra', 'environments')
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => name.replace('.yaml', ''));

/** Last words of stack names, as the stack classes give them. */
export const STACKS = names('infra', 'cdk', 'stacks').flatMap((file) => {
  const part = /super\(\s*scope,\s*'(\w+)'/.exec(read('infra', 'cdk', 'stacks', file));
  return part ? [part[1]] : [];
});

const DOCUMENTS = [...DOCUMENT_ACTIONS, 'Failover-check-key', 'Failover-reload-key', 'Operations-calendar'];
const SCRIPTS = JSON.parse(read('package.json')).scripts;
const SCHEMA = JSON.parse(read('infra', 'environments', 'environment.schema.json'));
/** Settings of an engine: a key of theirs is none of an environment. */
const ENGINE_SETTINGS = describeConfig().map(({ key }) => key);
const METRICS = read('infra', 'agent', 'metrics.ts');
const RELEASE_VERBS = verbs(
  read('infra', 'delivery', 'host', 'tradewind-release.sh'),
  /^# {3}tradewind-release (\w+)/gm,
);
const AGENT = read('infra', 'agent', 'main.ts');
const AGENT_VERBS = verbs(AGENT, /command\(\s*'([a-z]+)'/g);

/** Made when commands run, or by the reader. */
const NOT_IN_THE_REPOSITORY = [
  /^infra\/(out|dist|cdk\.out|cdktf\.out)(\/|$)/,
  /^infra\/(environments|golden)\/my-/,
];

function verbs(text, pattern) {
  return [...text.matchAll(pattern)].map(([, verb]) => verb);
}

/** Everything a page mentions that does not exist, a line each. */
export function docsProblems(page, markdown) {
  const found = mentions(markdown, ENVIRONMENTS);
  return [
    ...found.scripts.flatMap((script) => scriptProblems(script)),
    ...found.tradewind.flatMap((words) => commandProblems(createProgram(), words.split(/\s+/), 'tradewind')),
    ...found.agent.flatMap(agentProblems),
    ...unknown('tradewind-release', found.release, (verb) => RELEASE_VERBS.includes(verb)),
    ...unknown(
      'stack or document',
      found.named,
      ({ what }) => STACKS.includes(what) || DOCUMENTS.includes(what),
    ),
    ...unknown('unit', found.units, (unit) =>
      ['service', 'timer'].some((kind) =>
        existsSync(join(root, 'infra', 'host', 'units', `${unit}.${kind}`)),
      ),
    ),
    ...unknown('metric', found.metrics, (metric) => METRICS.includes(metric)),
    ...found.settings.flatMap(settingProblems),
    ...unknown(
      'path',
      found.paths.map((path) => path.replace(/[./]+$/, '')),
      (path) => existsSync(join(root, path)) || NOT_IN_THE_REPOSITORY.some((pattern) => pattern.test(path)),
    ),
    ...fencedBlocks(markdown, ['sh', 'bash']).flatMap(syntaxProblems),
  ].map((problem) => `${page}: ${problem}`);
}

/** Relative links that lead nowhere. */
export function linkProblems(page, markdown) {
  return relativeLinks(markdown).flatMap(({ target, path, fragment }) => {
    const file = path ? resolve(root, dirname(page), path) : join(root, page);
    if (!existsSync(file)) return [`${page}: link ${target}: no such file`];
    if (!fragment || !file.endsWith('.md')) return [];
    const text = path ? readFileSync(file, 'utf8') : markdown;
    return headingFragments(text).includes(fragment) ? [] : [`${page}: link ${target}: no such heading`];
  });
}

function unknown(what, found, exists) {
  return found
    .filter((one) => !exists(one))
    .map((one) => `${what} ${typeof one === 'string' ? one : one.whole} does not exist`);
}

function scriptProblems({ name, rest }) {
  const script = SCRIPTS[name];
  if (script === undefined) return [`npm run ${name} does not exist`];
  const words = rest.split(/\s+/).filter(Boolean);
  if (name === 'cdk' && words.length > 0) return cdkProblems(words);
  const source = /infra\/dist\/(cli\/[\w-]+)\.js/.exec(script)?.[1];
  if (source === undefined) return [];
  const text = read('infra', `${source}.ts`);
  return optionsIn(words)
    .filter((option) => !text.includes(option))
    .map((option) => `npm run ${name} has no option ${option}`);
}

function optionsIn(words) {
  return words.filter((word) => /^--?[a-z]/.test(word)).map((word) => word.replace(/=.*$/, ''));
}

const cdkHelp = new Map();

function cdkProblems([verb, ...words]) {
  if (!cdkHelp.has(verb)) {
    const cdk = join(root, 'node_modules', 'aws-cdk', 'bin', 'cdk');
    const env = { ...process.env, CDK_DISABLE_CLI_TELEMETRY: '1' };
    const { stdout, status } = spawnSync(process.execPath, [cdk, verb, '--help'], { encoding: 'utf8', env });
    cdkHelp.set(verb, status === 0 && stdout.startsWith(`cdk ${verb}`) ? stdout : undefined);
  }
  const help = cdkHelp.get(verb);
  if (help === undefined) return [`cdk ${verb} does not exist`];
  return optionsIn(words)
    .filter((option) => !new RegExp(`(^|[\\s,])${option}([\\s,]|$)`, 'm').test(help))
    .map((option) => `cdk ${verb} has no option ${option}`);
}

function commandProblems(command, words, path) {
  const [first, ...rest] = words;
  const next = command.commands.find((one) => one.name() === first);
  if (next) return commandProblems(next, rest, `${path} ${first}`);
  if (command.commands.length > 0) return [`${path} ${first ?? ''} does not exist`.replace('  ', ' ')];
  return optionsIn(words)
    .filter((option) => !command.options.some(({ long, short }) => long === option || short === option))
    .map((option) => `${path} has no option ${option}`);
}

function agentProblems(words) {
  const [verb, ...rest] = words.split(/\s+/);
  if (!AGENT_VERBS.includes(verb)) return [`agent ${verb} does not exist`];
  return optionsIn(rest)
    .filter((option) => !AGENT.includes(`'${option}`) && !AGENT.includes(`${option} <`))
    .map((option) => `agent ${verb} has no option ${option}`);
}

/** Of other files (`trading.paper` of the engine's configuration) nothing is said. */
function settingProblems({ path, value }) {
  if (ENGINE_SETTINGS.some((key) => key === path || key.startsWith(`${path}.`))) return [];
  let schema = SCHEMA;
  for (const [index, part] of path.split('.').entries()) {
    const next = resolveSchema(schema)?.properties?.[part.replace('[]', '')];
    if (next === undefined) return index === 0 ? [] : [`setting ${path} does not exist`];
    schema = part.endsWith('[]') ? resolveSchema(next).items : next;
  }
  const allowed = resolveSchema(schema)?.enum;
  return value !== undefined && allowed && !allowed.map(String).includes(value)
    ? [`setting ${path} can not be ${value}`]
    : [];
}

function resolveSchema(schema) {
  if (schema?.$ref)
    return resolveSchema(
      schema.$ref
        .split('/')
        .slice(1)
        .reduce((node, key) => node[key], SCHEMA),
    );
  const branches = schema?.anyOf ?? schema?.allOf;
  return branches
    ? (branches.map(resolveSchema).find((one) => one?.properties ?? one?.enum) ?? schema)
    : schema;
}

function syntaxProblems({ text, line }) {
  const { status, stderr } = spawnSync('bash', ['-n'], { input: text, encoding: 'utf8' });
  return status === 0 ? [] : [`block at line ${line}: ${stderr.trim()}`];
}
