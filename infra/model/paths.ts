import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The `infra/` folder, found from here upward: this file runs both from the sources and from `dist`. */
export const INFRA_ROOT = findRoot(dirname(fileURLToPath(import.meta.url)));

/** A file or folder of the workspace, e.g. `infraPath('data', 'prices.json')`. */
export function infraPath(...parts: readonly string[]): string {
  return join(INFRA_ROOT, ...parts);
}

/** A file or folder of the repository, e.g. `repositoryPath('engine', 'package.json')`. */
export function repositoryPath(...parts: readonly string[]): string {
  return join(INFRA_ROOT, '..', ...parts);
}

function findRoot(from: string): string {
  let folder = from;
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder);
    if (parent === folder)
      throw new Error(`no package.json above ${from}: the infra workspace is incomplete`);
    folder = parent;
  }
  return folder;
}
