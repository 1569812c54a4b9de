import { createPublicKey, verify as verifySignature } from 'node:crypto';
import { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { GetPublicKeyCommand, KMSClient, SignCommand } from '@aws-sdk/client-kms';
import { S3Client } from '@aws-sdk/client-s3';
import { z } from 'zod';
import { createLog, jsonVariable, type Log, parseInput } from '../../shared/index.js';
import { Archive } from './archive.js';
import { canonicalJson } from './canonical-json.js';
import {
  type Checkpoint,
  checkpointDigest,
  checkpointHash,
  type Finding,
  leafOf,
  retentionFindings,
  type SignedCheckpoint,
  signedCheckpointSchema,
} from './checkpoint.js';
import { MerkleTree } from './merkle-tree.js';
import { inOrder } from './ordered-pool.js';

const text = (what: string) => z.string({ error: `set it to ${what}` }).min(1, `set it to ${what}`);

const environmentSchema = z.object({
  ENVIRONMENT: text('the name of the environment'),
  BUCKET: text('the archive bucket'),
  /** JSON array; `{date}` stands for the day. */
  PREFIXES: jsonVariable(z.array(z.string()).min(1, 'name at least one prefix, "" for the whole bucket')),
  SIGNING_KEY: text('the KMS key that signs'),
  RETENTION_DAYS: z.coerce.number({ error: 'set it to days' }).int().min(1, 'set it to days'),
});

export type CheckpointEnvironment = z.infer<typeof environmentSchema>;

const day = z.iso.date('write a day like 2026-01-31');

/** A daily event makes yesterday's checkpoint (the day of `time` less one); `date` names another; `verify` looks back. */
const eventSchema = z.union([
  z.object({ verify: z.strictObject({ from: day, to: day }) }),
  z.object({ date: day }),
  z.object({ time: z.iso.datetime('send an EventBridge schedule event, {date} or {verify: {from, to}}') }),
]);

export interface CheckpointReport {
  readonly mode: 'checkpoint' | 'verify';
  readonly days: number;
  readonly objects: number;
  readonly findings: number;
  /** The first of them; all are in the log. */
  readonly first: readonly Finding[];
  /** Of the last day looked at. */
  readonly root: string | null;
}

export interface CheckpointDependencies {
  readonly environment: CheckpointEnvironment;
  readonly s3: S3Client;
  readonly kms: KMSClient;
  readonly cloudwatch: CloudWatchClient;
  readonly log: Log;
  readonly now: () => Date;
}

/** Objects looked at at once: HEAD requests are a few milliseconds each. */
const WIDTH = 64;
const SHOWN = 20;
const DAY_MS = 86_400_000;

/** Seals a day of the archive, or checks sealed days again. */
export function createCheckpointArchive(
  dependencies: CheckpointDependencies,
): (event: unknown) => Promise<CheckpointReport> {
  return async (raw) => {
    const event = parseInput('event of checkpoint-archive', eventSchema, raw);
    const run = new CheckpointRun(dependencies);
    if ('verify' in event) return run.verify(event.verify.from, event.verify.to);
    return run.seal('date' in event ? event.date : dayBefore(event.time.slice(0, 10)));
  };
}

class CheckpointRun {
  readonly #dependencies: CheckpointDependencies;
  readonly #archive: Archive;
  readonly #first: Finding[] = [];
  #findings = 0;
  #objects = 0;

  constructor(dependencies: CheckpointDependencies) {
    this.#dependencies = dependencies;
    this.#archive = new Archive(dependencies.s3, dependencies.environment.BUCKET);
  }

  /** Writes the day's checkpoint; a day that is sealed already is compared instead. */
  async seal(date: string): Promise<CheckpointReport> {
    const { environment, now, kms, log } = this.#dependencies;
    if (date >= now().toISOString().slice(0, 10)) {
      throw new Error(
        `date ${date}: is not over yet (UTC), so more may be archived; ask for ${dayBefore(now().toISOString())}`,
      );
    }
    const previous = await this.#previous(date);
    const tree = await this.#tree(date);
    const checkpoint: Checkpoint = {
      format: 'tradewind-archive-checkpoint-1',
      environment: environment.ENVIRONMENT,
      bucket: environment.BUCKET,
      date,
      prefixes: [...environment.PREFIXES],
      ...tree,
      previous,
      findings: this.#findings,
    };
    const { Signature } = await kms.send(
      new SignCommand({
        KeyId: environment.SIGNING_KEY,
        Message: checkpointDigest(checkpoint),
        MessageType: 'DIGEST',
        SigningAlgorithm: 'ECDSA_SHA_256',
      }),
    );
    const signed: SignedCheckpoint = {
      checkpoint,
      signature: {
        algorithm: 'ECDSA_SHA_256',
        keyId: environment.SIGNING_KEY,
        value: Buffer.from(Signature!).toString('base64'),
      },
    };
    if (!(await this.#archive.writeCheckpoint(date, canonicalJson(signed)))) {
      const there = await this.#read(date);
      if (there && there.checkpoint.root !== tree.root) {
        this.#find('root-differs', date, `sealed as ${there.checkpoint.root}, found ${tree.root}`);
      }
    }
    log.info('day sealed', { date, ...tree, findings: this.#findings });
    return this.#report('checkpoint', 1, tree.root);
  }

  /** Each day again: what is there, its signature, and its link to the day before. */
  async verify(from: string, to: string): Promise<CheckpointReport> {
    if (from > to) throw new Error(`verify.from ${from}: is after verify.to ${to}; swap them`);
    const publicKey = await this.#publicKey();
    let days = 0;
    let root: string | null = null;
    for (let date = from; date <= to; date = dayAfter(date)) {
      days += 1;
      const signed = await this.#read(date);
      if (signed === undefined) {
        this.#find('checkpoint-missing', date, 'the day has no checkpoint');
        continue;
      }
      const { checkpoint, signature } = signed;
      if (
        !verifySignature(
          'sha256',
          Buffer.from(canonicalJson(checkpoint)),
          publicKey,
          Buffer.from(signature.value, 'base64'),
        )
      ) {
        this.#find('signature-invalid', date, `not signed by ${this.#dependencies.environment.SIGNING_KEY}`);
      }
      await this.#checkLink(checkpoint);
      const tree = await this.#tree(date, checkpoint.prefixes);
      root = tree.root;
      if (tree.root !== checkpoint.root || tree.objects !== checkpoint.objects) {
        this.#find(
          'root-differs',
          date,
          `sealed ${checkpoint.objects} objects as ${checkpoint.root}, found ${tree.objects} as ${tree.root}`,
        );
      }
    }
    return this.#report('verify', days, root);
  }

  async #tree(
    date: string,
    prefixes: readonly string[] = this.#dependencies.environment.PREFIXES,
  ): Promise<{ objects: number; bytes: number; root: string }> {
    const tree = new MerkleTree();
    let bytes = 0;
    const inspected = inOrder(this.#archive.versionsOf(date, prefixes), WIDTH, async (version) => {
      if (version.deleteMarker) return { version };
      try {
        return { version, object: await this.#archive.inspect(version) };
      } catch (error) {
        return { version, error: error instanceof Error ? error : new Error(String(error)) };
      }
    });
    for await (const { version, object, error } of inspected) {
      const what = `${version.key}?versionId=${version.versionId}`;
      if (error !== undefined) this.#find('unreadable', what, error.message);
      else if (object === undefined)
        this.#find('delete-marker', what, 'somebody deleted the object; its versions are still there');
      else {
        tree.add(leafOf(object));
        bytes += object.size;
        const { RETENTION_DAYS } = this.#dependencies.environment;
        for (const { kind, what: which, detail } of retentionFindings(
          object,
          version.lastModified,
          RETENTION_DAYS,
        )) {
          this.#find(kind, which, detail);
        }
      }
    }
    this.#objects += tree.size;
    return { objects: tree.size, bytes, root: tree.root() };
  }

  async #previous(date: string): Promise<Checkpoint['previous']> {
    const last = await this.#archive.lastCheckpointBefore(date);
    if (last === undefined) return null;
    if (last !== dayBefore(date))
      this.#find('gap', date, `the checkpoint before it is of ${last}: seal the days between`);
    const signed = await this.#read(last);
    return signed === undefined ? null : { date: last, sha256: checkpointHash(signed) };
  }

  async #checkLink({ date, previous }: Checkpoint): Promise<void> {
    const last = await this.#archive.lastCheckpointBefore(date);
    if (previous === null) {
      if (last !== undefined)
        this.#find('chain-broken', date, `names no checkpoint before it, but ${last} has one`);
      return;
    }
    const before = await this.#read(previous.date);
    if (before === undefined)
      this.#find('chain-broken', date, `names ${previous.date} before it, which is not there`);
    else if (checkpointHash(before) !== previous.sha256) {
      this.#find('chain-broken', date, `names ${previous.date} as ${previous.sha256}, which it is not`);
    }
  }

  async #read(date: string): Promise<SignedCheckpoint | undefined> {
    const content = await this.#archive.readCheckpoint(date);
    if (content === undefined) return undefined;
    try {
      return signedCheckpointSchema.parse(JSON.parse(content));
    } catch (error) {
      this.#find('checkpoint-unreadable', date, (error as Error).message.slice(0, 200));
      return undefined;
    }
  }

  async #publicKey() {
    const { kms, environment } = this.#dependencies;
    const { PublicKey } = await kms.send(new GetPublicKeyCommand({ KeyId: environment.SIGNING_KEY }));
    return createPublicKey({ key: Buffer.from(PublicKey!), format: 'der', type: 'spki' });
  }

  #find(kind: Finding['kind'], what: string, detail: string): void {
    this.#findings += 1;
    if (this.#first.length < SHOWN) this.#first.push({ kind, what, detail });
    this.#dependencies.log.error('finding', { kind, what, detail });
  }

  /** Findings are counted under the dimension Environment, zero too: a day without a count is an alarm of its own. */
  async #report(
    mode: CheckpointReport['mode'],
    days: number,
    root: string | null,
  ): Promise<CheckpointReport> {
    const { cloudwatch, environment } = this.#dependencies;
    const Dimensions = [{ Name: 'Environment', Value: environment.ENVIRONMENT }];
    await cloudwatch.send(
      new PutMetricDataCommand({
        Namespace: 'Tradewind',
        MetricData: [
          { MetricName: 'ArchiveFindings', Value: this.#findings, Unit: 'Count', Dimensions },
          { MetricName: 'ArchiveObjects', Value: this.#objects, Unit: 'Count', Dimensions },
        ],
      }),
    );
    return { mode, days, objects: this.#objects, findings: this.#findings, first: this.#first, root };
  }
}

const dayAfter = (date: string) => shift(date, DAY_MS);
const dayBefore = (date: string) => shift(date, -DAY_MS);

function shift(date: string, ms: number): string {
  return new Date(Date.parse(date.slice(0, 10)) + ms).toISOString().slice(0, 10);
}

/** Checks the environment of the function. */
export function checkpointEnvironment(variables: NodeJS.ProcessEnv): CheckpointEnvironment {
  return parseInput(
    'environment of checkpoint-archive',
    environmentSchema,
    variables,
  ) as CheckpointEnvironment;
}

let checkpoint: ReturnType<typeof createCheckpointArchive> | undefined;

/** What Lambda calls. */
export async function handler(event: unknown): Promise<CheckpointReport> {
  if (checkpoint === undefined) {
    const environment = checkpointEnvironment(process.env);
    checkpoint = createCheckpointArchive({
      environment,
      s3: new S3Client({ requestHandler: { httpsAgent: { keepAlive: true, maxSockets: WIDTH } } }),
      kms: new KMSClient({}),
      cloudwatch: new CloudWatchClient({}),
      log: createLog({ function: 'checkpoint-archive', environment: environment.ENVIRONMENT }),
      now: () => new Date(),
    });
  }
  return checkpoint(event);
}
