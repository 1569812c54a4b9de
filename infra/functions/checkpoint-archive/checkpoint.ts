import { createHash } from 'node:crypto';
import { z } from 'zod';
import { canonicalJson } from './canonical-json.js';

/** One version of an object that was archived on the day. */
export interface ArchivedObject {
  readonly key: string;
  readonly versionId: string;
  readonly size: number;
  /** Hexadecimal. */
  readonly sha256: string;
  /** ISO time; undefined when it has no lock. */
  readonly retainUntil: string | undefined;
  readonly lockMode: string | undefined;
}

const hash = z.string().regex(/^[0-9a-f]{64}$/);

export const FINDING_KINDS = [
  'retention-missing',
  'retention-short',
  'retention-governance',
  'delete-marker',
  'unreadable',
  'gap',
  'root-differs',
  'signature-invalid',
  'chain-broken',
  'checkpoint-missing',
  'checkpoint-unreadable',
] as const;

/** Something a person must look at. */
export interface Finding {
  readonly kind: (typeof FINDING_KINDS)[number];
  /** Object, version or day. */
  readonly what: string;
  readonly detail: string;
}

/** What is signed: the day's tree and the link to the checkpoint before it. */
export const checkpointSchema = z.strictObject({
  format: z.literal('tradewind-archive-checkpoint-1'),
  environment: z.string(),
  bucket: z.string(),
  /** The day, UTC. */
  date: z.iso.date(),
  prefixes: z.array(z.string()),
  objects: z.number().int().min(0),
  bytes: z.number().int().min(0),
  /** Merkle Tree Hash of RFC 6962 over the leaves, in the order of key and version as S3 lists them. */
  root: hash,
  /** The checkpoint before this one; null for the first. */
  previous: z.strictObject({ date: z.iso.date(), sha256: hash }).nullable(),
  /** How many findings there were when it was made. */
  findings: z.number().int().min(0),
});

export type Checkpoint = z.infer<typeof checkpointSchema>;

/** The file `checkpoints/<date>.json`. */
export const signedCheckpointSchema = z.strictObject({
  checkpoint: checkpointSchema,
  signature: z.strictObject({
    algorithm: z.literal('ECDSA_SHA_256'),
    keyId: z.string(),
    /** DER, base64, over the SHA-256 of the checkpoint's canonical JSON. */
    value: z.string(),
  }),
});

export type SignedCheckpoint = z.infer<typeof signedCheckpointSchema>;

/** The leaf of one version. */
export function leafOf({ key, versionId, size, sha256 }: ArchivedObject): string {
  return canonicalJson({ key, versionId, size, sha256 });
}

/** What KMS signs. */
export function checkpointDigest(checkpoint: Checkpoint): Buffer {
  return createHash('sha256').update(canonicalJson(checkpoint)).digest();
}

/** What the next checkpoint names this one by: the signature is part of it. */
export function checkpointHash(signed: SignedCheckpoint): string {
  return createHash('sha256').update(canonicalJson(signed)).digest('hex');
}

/** Is the version kept for at least the policy, counted from when it was written? */
export function retentionFindings(
  { key, versionId, retainUntil, lockMode }: ArchivedObject,
  writtenAt: Date,
  policyDays: number,
): Finding[] {
  const what = `${key}?versionId=${versionId}`;
  if (retainUntil === undefined)
    return [{ kind: 'retention-missing', what, detail: 'has no Object Lock retention' }];
  const findings: Finding[] = [];
  const due = writtenAt.getTime() + policyDays * 86_400_000;
  const until = Date.parse(retainUntil);
  // The lock counts from the service's own clock at the write; a second's rounding is no shortening.
  if (until < due - 1_000) {
    const short = Math.ceil((due - until) / 86_400_000);
    findings.push({
      kind: 'retention-short',
      what,
      detail: `is kept until ${retainUntil}, ${short} days less than the policy`,
    });
  }
  if (lockMode !== 'COMPLIANCE') {
    findings.push({
      kind: 'retention-governance',
      what,
      detail: `is locked in mode ${lockMode}, which an administrator can undo`,
    });
  }
  return findings;
}
