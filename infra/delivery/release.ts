import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { EnvironmentError, type LoadedEnvironment } from '../model/index.js';

/** An engine release as one file. */
export interface EngineRelease {
  /** `<package version>-<commit>-<content>`, e.g. `0.1.0-3eb2ba5-9f86d081`. */
  readonly version: string;
  /** The `.tar.gz`, an absolute path. */
  readonly archive: string;
  /** Of the archive, hexadecimal. */
  readonly sha256: string;
}

/** A release with the engine configuration it runs under in one environment: either of them changing makes a new version. */
export interface EnvironmentRelease extends EngineRelease {
  /** The engine's configuration, YAML. */
  readonly engineConfig: string;
}

/**
 * SSM parameters below `/tradewind/<environment>/`. A deployment writes `available`; an upgrade that went well writes
 * `current`. So a deployment changes no host, and a host that is launched anew comes up with what the others run.
 */
export const RELEASE_PARAMETERS = { available: 'release/available', current: 'release/current' } as const;

/** What those parameters hold, as JSON. */
export interface ReleasePointer {
  readonly version: string;
  readonly bucket: string;
  readonly key: string;
  readonly sha256: string;
  readonly engineConfig: string;
}

/** Characters a configuration may have: an SSM parameter holds 8,192, and JSON escapes some. */
const LARGEST_CONFIG = 6_000;

/** Joins a release and the configuration the environment file names. */
export function environmentRelease(release: EngineRelease, loaded: LoadedEnvironment): EnvironmentRelease {
  const { file, config } = loaded;
  const path = resolve(dirname(file), config.engine.config);
  const problem = (message: string, fix: string) =>
    new EnvironmentError(file, [{ path: 'engine.config', value: config.engine.config, message, fix }]);
  let engineConfig: string;
  try {
    engineConfig = readFileSync(path, 'utf8');
  } catch (error) {
    throw problem(
      `can not be read (${(error as NodeJS.ErrnoException).code})`,
      'give a path that starts at the environment file',
    );
  }
  if (engineConfig.length > LARGEST_CONFIG) {
    throw problem(
      `has ${engineConfig.length} characters and an SSM parameter takes ${LARGEST_CONFIG}`,
      'leave out what is a default',
    );
  }
  const digest = createHash('sha256').update(engineConfig).digest('hex').slice(0, 8);
  return { ...release, version: `${release.version}-${digest}`, engineConfig };
}

/** The pointer to a release that was uploaded; bucket and key may be references of a back end. */
export function releasePointer(
  { version, sha256, engineConfig }: EnvironmentRelease,
  { bucket, key }: { readonly bucket: string; readonly key: string },
): ReleasePointer {
  return { version, bucket, key, sha256, engineConfig };
}
