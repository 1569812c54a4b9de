import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import {
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { ArchivedObject } from './checkpoint.js';

/** One line of a listing. */
export interface ListedVersion {
  readonly key: string;
  readonly versionId: string;
  readonly size: number;
  readonly lastModified: Date;
  /** A delete marker hides the object but cannot remove a locked version. */
  readonly deleteMarker: boolean;
}

/** Where checkpoints are, in the same locked bucket. */
export const CHECKPOINT_PREFIX = 'checkpoints/';

/** The archive bucket. */
export class Archive {
  readonly #s3: S3Client;
  readonly bucket: string;

  constructor(s3: S3Client, bucket: string) {
    this.#s3 = s3;
    this.bucket = bucket;
  }

  /**
   * Versions written on the day (UTC) under the prefixes, page by page, in the order of key and version. `{date}` in a
   * prefix stands for the day, so that a layout by day is not listed as a whole.
   */
  async *versionsOf(date: string, prefixes: readonly string[]): AsyncGenerator<ListedVersion> {
    for (const prefix of prefixes) {
      let page: { KeyMarker?: string | undefined; VersionIdMarker?: string | undefined } | undefined = {};
      while (page !== undefined) {
        const listing: ListObjectVersionsCommandOutput = await this.#s3.send(
          new ListObjectVersionsCommand({
            Bucket: this.bucket,
            Prefix: prefix.replaceAll('{date}', date),
            ...page,
          }),
        );
        const markers = (listing.DeleteMarkers ?? []).map((marker) => ({
          ...marker,
          Size: 0,
          deleteMarker: true,
        }));
        const versions = (listing.Versions ?? []).map((version) => ({ ...version, deleteMarker: false }));
        for (const { Key, VersionId, Size, LastModified, deleteMarker } of [...versions, ...markers]) {
          if (Key === undefined || LastModified?.toISOString().slice(0, 10) !== date) continue;
          if (Key.startsWith(CHECKPOINT_PREFIX)) continue;
          yield {
            key: Key,
            versionId: VersionId ?? 'null',
            size: Size ?? 0,
            lastModified: LastModified,
            deleteMarker,
          };
        }
        page = listing.IsTruncated
          ? { KeyMarker: listing.NextKeyMarker, VersionIdMarker: listing.NextVersionIdMarker }
          : undefined;
      }
    }
  }

  /** Size, hash and lock of a version. The hash is S3's own where it covers the whole object, else of its bytes. */
  async inspect({ key, versionId }: ListedVersion): Promise<ArchivedObject> {
    const where = { Bucket: this.bucket, Key: key, VersionId: versionId };
    const head = await this.#s3.send(new HeadObjectCommand({ ...where, ChecksumMode: 'ENABLED' }));
    const stored = head.ChecksumType === 'FULL_OBJECT' ? head.ChecksumSHA256 : undefined;
    return {
      key,
      versionId,
      size: head.ContentLength ?? 0,
      sha256: stored === undefined ? await this.#hash(where) : Buffer.from(stored, 'base64').toString('hex'),
      retainUntil: head.ObjectLockRetainUntilDate?.toISOString(),
      lockMode: head.ObjectLockMode,
    };
  }

  /** Text of a checkpoint, or undefined when the day has none. */
  async readCheckpoint(date: string): Promise<string | undefined> {
    try {
      const { Body } = await this.#s3.send(
        new GetObjectCommand({ Bucket: this.bucket, Key: `${CHECKPOINT_PREFIX}${date}.json` }),
      );
      return await Body?.transformToString();
    } catch (error) {
      if ((error as Error).name === 'NoSuchKey') return undefined;
      throw error;
    }
  }

  /** The last day before `date` that has a checkpoint. Ten years of days are four pages. */
  async lastCheckpointBefore(date: string): Promise<string | undefined> {
    let found: string | undefined;
    let ContinuationToken: string | undefined;
    do {
      const listing = await this.#s3.send(
        new ListObjectsV2Command({ Bucket: this.bucket, Prefix: CHECKPOINT_PREFIX, ContinuationToken }),
      );
      for (const { Key } of listing.Contents ?? []) {
        const day = /^checkpoints\/(\d{4}-\d\d-\d\d)\.json$/.exec(Key ?? '')?.[1];
        if (day !== undefined && day < date && (found === undefined || day > found)) found = day;
      }
      ContinuationToken = listing.NextContinuationToken;
    } while (ContinuationToken !== undefined);
    return found;
  }

  /** Writes a checkpoint once; false when the day has one already. */
  async writeCheckpoint(date: string, text: string): Promise<boolean> {
    try {
      await this.#s3.send(
        new PutObjectCommand({
          Bucket: this.bucket,
          Key: `${CHECKPOINT_PREFIX}${date}.json`,
          Body: text,
          ContentType: 'application/json',
          ChecksumAlgorithm: 'SHA256',
          IfNoneMatch: '*',
        }),
      );
      return true;
    } catch (error) {
      if ((error as Error).name === 'PreconditionFailed') return false;
      throw error;
    }
  }

  async #hash(where: { Bucket: string; Key: string; VersionId: string }): Promise<string> {
    const { Body } = await this.#s3.send(new GetObjectCommand(where));
    const hash = createHash('sha256');
    for await (const chunk of Body as Readable) hash.update(chunk as Buffer);
    return hash.digest('hex');
  }
}
