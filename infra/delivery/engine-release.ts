import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { bundleAgent } from '../functions/bundle.js';
import { engineConfigPath } from '../model/engine-config.js';
import { EnvironmentError, infraPath, type LoadedEnvironment, repositoryPath } from '../model/index.js';
import { bundleShadowTool } from './bundle-shadow.js';
import type { EngineRelease, ReleaseManifest } from './release.js';
import { filesBelow, productionPackages, type ReleaseFile, releaseFile } from './release-files.js';
import { tarGzip } from './tar-archive.js';

export interface BuildReleaseOptions {
  /** Folder the archive is written to. @default `infra/dist/releases` */
  readonly out?: string;
  /** The engine's configuration, YAML, delivered as `engine.yaml`: either of them changing makes another release. */
  readonly engineConfig?: string;
}

/** What a release is made from, as paths of the repository: their last commit names it. */
const DELIVERED = [
  'engine',
  'infra/host',
  'infra/agent',
  'infra/functions',
  'infra/delivery',
  'package-lock.json',
];

/**
 * Builds a release: engine, the packages it needs, host files, agent and tools as one archive. The same sources make the
 * same version and the same bytes. Refuses an engine that was built before its sources changed.
 */
export function buildRelease({ out, engineConfig }: BuildReleaseOptions = {}): EngineRelease {
  const files = [
    ...commonFiles(),
    ...(engineConfig === undefined ? [] : [releaseFile('engine.yaml', engineConfig)]),
  ].sort((a, b) => (a.path < b.path ? -1 : 1));
  const sums = Object.fromEntries(files.map(({ path, content }) => [path, sha256(content)]));
  const engine = JSON.parse(readFileSync(repositoryPath('engine', 'package.json'), 'utf8')) as {
    readonly version: string;
    readonly engines: { readonly node: string };
  };
  const modes = files.filter(({ executable }) => executable).map(({ path }) => path);
  const content = sha256(Buffer.from(JSON.stringify([sums, modes]))).slice(0, 8);
  const commit = lastCommit();
  const version = `${engine.version}-${commit}-${content}`;
  const manifest: ReleaseManifest = {
    version,
    commit,
    node: engine.engines.node,
    createdBy: 'npm run release',
    files: sums,
  };
  const archive = tarGzip([...files, releaseFile('RELEASE.json', `${JSON.stringify(manifest, null, 2)}\n`)]);
  const path = resolve(out ?? infraPath('dist', 'releases'), `tradewind-${version}.tar.gz`);
  writeWhole(path, archive);
  return { version, archive: path, sha256: sha256(archive) };
}

/** The release of one environment: with the engine configuration its file names. */
export function buildEnvironmentRelease({ file, config }: LoadedEnvironment, out?: string): EngineRelease {
  let engineConfig: string;
  try {
    engineConfig = readFileSync(engineConfigPath(config, file), 'utf8');
  } catch (error) {
    throw new EnvironmentError(file, [
      {
        path: 'engine.config',
        value: config.engine.config,
        message: `can not be read (${(error as NodeJS.ErrnoException).code})`,
        fix: 'give a path that starts at the environment file',
      },
    ]);
  }
  return buildRelease({ engineConfig, ...(out === undefined ? {} : { out }) });
}

/** What is in every release, whatever its configuration. */
function commonFiles(): ReleaseFile[] {
  const root = repositoryPath();
  const engine = repositoryPath('engine');
  requireFreshBuild(engine);
  const packages = productionPackages(engine, resolve(root)).flatMap((folder) =>
    // A package nested in another is one of its own in the list.
    filesBelow(folder, relative(root, folder).split(sep).join('/'), (path) => path === 'node_modules'),
  );
  const native = packages.find(({ path }) => path.endsWith('.node'));
  if (native) {
    throw new Error(
      `${native.path}: a release runs on any Linux, and this file runs on one processor only; use a package without it`,
    );
  }
  const agent = bundleAgent();
  return [
    ...['bin', 'config', 'dist'].flatMap((folder) => filesBelow(join(engine, folder), `engine/${folder}`)),
    releaseFile('engine/package.json', readFileSync(join(engine, 'package.json'))),
    ...packages,
    ...filesBelow(infraPath('host'), 'host'),
    releaseFile('agent.mjs', readFileSync(join(agent.dir, agent.file))),
    releaseFile(
      'delivery/tradewind-release.sh',
      readFileSync(infraPath('delivery', 'host', 'tradewind-release.sh')),
    ),
    bundleShadowTool(),
  ];
}

/** Throws unless the build stamp of the engine is younger than every source: the rule of `ci/bootstrap.mjs`. */
export function requireFreshBuild(engine: string): void {
  const stamp = join(engine, 'dist', '.tsbuildinfo');
  const built = existsSync(stamp) ? statSync(stamp).mtimeMs : 0;
  const sources = [join(engine, 'src'), join(engine, 'tsconfig.json')];
  const late = sources.map((path) => newest(path)).find(({ mtimeMs }) => mtimeMs > built);
  if (late === undefined) return;
  const what = built === 0 ? 'the engine is not built' : `${late.path} is newer than the built engine`;
  throw new Error(`${what}: run npm run build first`);
}

function newest(path: string): { readonly path: string; readonly mtimeMs: number } {
  const stat = statSync(path);
  if (!stat.isDirectory()) return { path, mtimeMs: stat.mtimeMs };
  return readdirSync(path)
    .map((name) => newest(join(path, name)))
    .reduce((a, b) => (b.mtimeMs > a.mtimeMs ? b : a), { path, mtimeMs: 0 });
}

function lastCommit(): string {
  const { status, stdout } = spawnSync(
    'git',
    ['log', '-1', '--format=%h', '--abbrev=7', '--', ...DELIVERED],
    {
      cwd: repositoryPath(),
      encoding: 'utf8',
    },
  );
  return (status === 0 && stdout.trim()) || 'unknown';
}

function sha256(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** Whole or not at all: several may build at once. */
function writeWhole(path: string, content: Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true });
  const draft = `${path}.${process.pid}.draft`;
  writeFileSync(draft, content);
  renameSync(draft, path);
}
