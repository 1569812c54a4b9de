import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { infraPath, repositoryPath } from '../model/paths.js';

/** A program as one file in a folder of its own. */
export interface Bundle {
  /** Absolute path of the folder; holds nothing else. */
  readonly dir: string;
  /** The file's name in it. */
  readonly file: string;
  /** Of the file's content, hexadecimal. */
  readonly sha256: string;
}

/** A function's bundle and what Lambda calls in it. */
export interface FunctionBundle extends Bundle {
  /** Lambda's `Handler`. */
  readonly entry: string;
}

const built = new Map<string, Bundle>();

/** Bundles `infra/functions/<name>/handler.ts`. The AWS SDK stays outside: Lambda's Node runtime brings it. */
export function bundleFunction(name: string): FunctionBundle {
  const bundle = once(name, {
    source: infraPath('functions', name, 'handler.ts'),
    file: 'index.mjs',
    external: ['@aws-sdk/*', '@smithy/*'],
  });
  return { ...bundle, entry: 'index.handler' };
}

/** Bundles the lease agent with everything it needs, for a host has nothing but Node. */
export function bundleAgent(): Bundle {
  return once('agent', { source: infraPath('agent', 'main.ts'), file: 'agent.mjs', external: [] });
}

interface Plan {
  readonly source: string;
  readonly file: string;
  readonly external: string[];
}

function once(name: string, plan: Plan): Bundle {
  const known = built.get(name);
  if (known !== undefined) return known;
  const bundle = build(name, plan);
  built.set(name, bundle);
  return bundle;
}

/** The same sources make the same bytes: no time, no absolute path, no minifier goes into the file. */
function build(name: string, { source, file, external }: Plan): Bundle {
  const { version } = JSON.parse(readFileSync(infraPath('package.json'), 'utf8')) as { version: string };
  const { outputFiles } = buildSync({
    absWorkingDir: repositoryPath(),
    entryPoints: [source],
    outfile: join(repositoryPath(), file),
    write: false,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    external,
    minify: false,
    sourcemap: false,
    charset: 'utf8',
    legalComments: 'none',
    logLevel: 'error',
    // Libraries written for CommonJS expect `require`.
    banner: {
      js: [
        `// Tradewind ${version}, ${name}`,
        "import { createRequire as __tradewindRequire } from 'node:module';",
        'const require = __tradewindRequire(import.meta.url);',
      ].join('\n'),
    },
  });
  const content = outputFiles[0]!.contents;
  const dir = infraPath('dist', 'bundles', name);
  mkdirSync(dir, { recursive: true });
  replaceIfChanged(join(dir, file), content);
  return { dir, file, sha256: createHash('sha256').update(content).digest('hex') };
}

/** Whole or not at all: two builds may run at once. The draft stands outside the folder that is deployed. */
function replaceIfChanged(path: string, content: Uint8Array): void {
  try {
    if (Buffer.compare(readFileSync(path), content) === 0) return;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const draft = `${join(path, '..')}.${process.pid}.draft`;
  writeFileSync(draft, content);
  renameSync(draft, path);
}
