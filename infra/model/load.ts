import { readFileSync } from 'node:fs';
import { isNode, LineCounter, parseDocument } from 'yaml';
import { crossChecks, type Section, secretProblems } from './checks/index.js';
import { EnvironmentError, type EnvironmentProblem } from './problems.js';
import { type EnvironmentConfig, environmentSchema } from './schema.js';
import { pathParts, shapeProblems } from './shape-problems.js';

export interface LoadedEnvironment {
  readonly file: string;
  readonly config: EnvironmentConfig;
}

/**
 * Reads and checks one environment file, without AWS. Throws one `EnvironmentError` with every problem found: the YAML
 * itself, secrets in clear text, the shape, and what only shows across fields.
 */
export function loadEnvironment(file: string): LoadedEnvironment {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const message = `the file can not be read (${(error as NodeJS.ErrnoException).code})`;
    throw new EnvironmentError(file, [{ path: '$', message, fix: 'give the path of an environment file' }]);
  }
  return { file, config: parseEnvironment(text, file) };
}

/** The same for text that is already read; `file` is named in errors and anchors relative paths. */
export function parseEnvironment(text: string, file: string): EnvironmentConfig {
  const { source, lineOf } = readYaml(text, file);
  const secrets = secretProblems(source, text);
  const result = environmentSchema.safeParse(source);
  const shape = result.success ? [] : shapeProblems(result.error.issues, source);
  const { sound, sections } = result.success ? all(result.data) : soundSections(source);
  const problems = [
    ...secrets,
    // Where a secret stands nothing else is said, so that no message shows it.
    ...[...shape, ...crossChecks(sound, sections, { file, source })].filter(
      ({ path }) => !secrets.some((secret) => secret.path === path || secret.path.startsWith(`${path}.`)),
    ),
  ];
  if (problems.length === 0 && result.success) return result.data;
  throw new EnvironmentError(
    file,
    problems.map((problem) => {
      const line = problem.line ?? lineOf(pathParts(problem.path));
      return line === undefined ? problem : { ...problem, line };
    }),
  );
}

function all(config: EnvironmentConfig) {
  return { sound: config, sections: new Set(Object.keys(environmentSchema.shape) as Section[]) };
}

/** The sections that are right by themselves, so that what is wrong with others does not hide what is wrong with these. */
function soundSections(source: unknown) {
  const sound: Partial<Record<Section, unknown>> = {};
  const sections = new Set<Section>();
  const written = source !== null && typeof source === 'object' && !Array.isArray(source) ? source : {};
  for (const [name, schema] of Object.entries(environmentSchema.shape)) {
    const parsed = schema.safeParse(Object.hasOwn(written, name) ? Reflect.get(written, name) : undefined);
    if (!parsed.success) continue;
    sound[name as Section] = parsed.data;
    sections.add(name as Section);
  }
  return { sound: sound as Partial<EnvironmentConfig>, sections };
}

const MAX_ALIASES = 100;

function readYaml(text: string, file: string) {
  const lines = new LineCounter();
  try {
    const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, prettyErrors: false });
    if (document.errors.length > 0) {
      throw new EnvironmentError(
        file,
        document.errors.map((error) =>
          brokenYaml(error.message.split('\n')[0] as string, lines.linePos(error.pos[0]).line),
        ),
      );
    }
    const source: unknown = document.toJS({ maxAliasCount: MAX_ALIASES });
    const lineOf = (path: readonly PropertyKey[]): number | undefined => {
      for (let depth = path.length; depth > 0; depth--) {
        const node = document.getIn(path.slice(0, depth), true);
        if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
      }
      return undefined;
    };
    return { source, lineOf };
  } catch (error) {
    if (error instanceof EnvironmentError) throw error;
    // Unknown or too many aliases, or nesting beyond all measure.
    throw new EnvironmentError(file, [brokenYaml((error as Error).message)]);
  }
}

function brokenYaml(message: string, line?: number): EnvironmentProblem {
  const problem = { path: '$', message: `is no YAML: ${message}`, fix: 'correct the YAML' };
  return line === undefined ? problem : { ...problem, line };
}
