/** An engine release as one file. */
export interface EngineRelease {
  /** `<package version>-<commit>-<content>`, e.g. `0.1.0-3eb2ba5-9f86d081`. */
  readonly version: string;
  /** The `.tar.gz`, an absolute path. */
  readonly archive: string;
  /** Of the archive, hexadecimal. */
  readonly sha256: string;
}

/** `RELEASE.json` at the top of a release. */
export interface ReleaseManifest {
  readonly version: string;
  /** Last commit that touched what is in it; `unknown` outside a clone. */
  readonly commit: string;
  /** Versions of Node it runs on. */
  readonly node: string;
  readonly createdBy: string;
  /** SHA-256 by path, of every file but this one. */
  readonly files: Readonly<Record<string, string>>;
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
}

/** The pointer to a release that was uploaded; bucket and key may be references of a back end. */
export function releasePointer(
  { version, sha256 }: EngineRelease,
  { bucket, key }: Pick<ReleasePointer, 'bucket' | 'key'>,
): ReleasePointer {
  return { version, bucket, key, sha256 };
}
