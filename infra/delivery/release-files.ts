import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';

/** A file of a release: its path in it, with `/`, and its content. */
export interface ReleaseFile {
  readonly path: string;
  readonly content: Uint8Array;
  readonly executable: boolean;
}

/** What a running engine never reads. */
const LEFT_OUT = /(?:\.d\.[cm]?ts|\.map|\.tsbuildinfo)$/;
const PROGRAM = /^#!/;

/** Every file below a folder, by path, as files below `to`. */
export function filesBelow(
  folder: string,
  to: string,
  skip: (path: string) => boolean = () => false,
): ReleaseFile[] {
  const found: ReleaseFile[] = [];
  const walk = (at: string) => {
    for (const entry of readdirSync(at, { withFileTypes: true })) {
      const path = join(at, entry.name);
      const inside = relative(folder, path).split(sep).join('/');
      if (skip(inside) || LEFT_OUT.test(entry.name)) continue;
      if (entry.isDirectory()) walk(path);
      else if (entry.isFile()) found.push(releaseFile(`${to}/${inside}`, readFileSync(path)));
      else
        throw new Error(`${path}: a release holds files and folders only; replace the link by what it names`);
    }
  };
  walk(folder);
  return found;
}

export function releaseFile(path: string, content: Uint8Array | string): ReleaseFile {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  return { path, content: bytes, executable: PROGRAM.test(Buffer.from(bytes.subarray(0, 2)).toString()) };
}

interface Manifest {
  readonly name?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
}

/**
 * Folders of the packages a package needs at run time, itself not among them: dependencies of dependencies, each found as
 * Node finds it, so that two versions of one package stay two. Throws where one is not installed.
 */
export function productionPackages(folder: string, root: string): string[] {
  const found = new Set<string>();
  const visit = (from: string) => {
    const manifest = JSON.parse(readFileSync(join(from, 'package.json'), 'utf8')) as Manifest;
    const optional = (name: string) =>
      name in (manifest.optionalDependencies ?? {}) ||
      manifest.peerDependenciesMeta?.[name]?.optional === true;
    const names = {
      ...manifest.dependencies,
      ...manifest.optionalDependencies,
      ...manifest.peerDependencies,
    };
    for (const name of Object.keys(names)) {
      const at = resolvePackage(name, from, root);
      if (at === undefined) {
        if (optional(name)) continue;
        throw new Error(`${join(from, 'package.json')}: ${name} is not installed; run npm ci`);
      }
      if (found.has(at)) continue;
      found.add(at);
      visit(at);
    }
  };
  visit(folder);
  return [...found].sort();
}

function resolvePackage(name: string, from: string, root: string): string | undefined {
  for (let at = from; ; at = dirname(at)) {
    const candidate = join(at, 'node_modules', name);
    if (existsSync(join(candidate, 'package.json'))) return candidate;
    if (at === root || at === dirname(at)) return undefined;
  }
}
