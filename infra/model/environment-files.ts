import { existsSync, readdirSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { infraPath } from './paths.js';
import { EnvironmentError } from './problems.js';

/** Files of the environments that ship, by name, in order. */
export function shippedEnvironments(): string[] {
  const folder = infraPath('environments');
  return readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .map((name) => resolve(folder, name));
}

/** The file of an environment given by its path or by the name of one that ships; an error names those that do. */
export function environmentFile(nameOrPath: string): string {
  if (existsSync(nameOrPath)) return resolve(nameOrPath);
  const shipped = shippedEnvironments();
  const found = shipped.find((file) => basename(file, '.yaml') === nameOrPath);
  if (found) return found;
  const known = shipped.map((file) => basename(file, '.yaml')).join(', ');
  throw new EnvironmentError(nameOrPath, [
    { path: '$', message: 'there is no such file or environment', fix: `give a path or one of ${known}` },
  ]);
}
