import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SNSClient } from '@aws-sdk/client-sns';
import { SSMClient } from '@aws-sdk/client-ssm';
import type { LeaseStore } from '@tradewind/engine/ha/lease';
import { DynamoLeaseStore } from '@tradewind/engine/ha/lease/dynamo';
import { z } from 'zod';
import { createLog, jsonVariable, type Log, parseInput, resourceId } from '../../shared/index.js';
import type { HostCommandOptions } from './host-command.js';
import { Rotation, RotationError, type RotationSettings } from './rotation.js';
import { SecretVersions } from './secret-versions.js';

const text = (what: string) => z.string({ error: `set it to ${what}` }).min(1, `set it to ${what}`);

const environmentSchema = z.object({
  ENVIRONMENT: text('the name of the environment'),
  LEASE_TABLE: text('the name of the lease table'),
  TOPIC_ARN: text('the SNS topic people read'),
  /** JSON array. */
  ELASTIC_IPS: jsonVariable(z.array(z.ipv4('write IPv4 addresses')).min(1, 'name the Elastic IPs')),
  /** JSON: instance per host. */
  HOSTS: jsonVariable(
    z.strictObject({ primary: resourceId.instance.optional(), standby: resourceId.instance.optional() }),
  ),
  CHECK_DOCUMENT: text('the SSM command document that runs the venue check'),
  RELOAD_DOCUMENT: text('the SSM command document that takes up a key'),
  OVERLAP_DAYS: z.coerce
    .number({ error: 'set it to days' })
    .int()
    .min(1, 'give the old key at least one day'),
});

export type RotateEnvironment = z.infer<typeof environmentSchema>;

const secretId = z.string({ error: 'name the secret' }).min(1, 'name the secret');

const eventSchema = z.discriminatedUnion('Step', [
  z.object({
    Step: z.enum(['createSecret', 'setSecret', 'testSecret', 'finishSecret']),
    SecretId: secretId,
    ClientRequestToken: z.string({ error: 'give the version of this rotation' }).min(32).max(64),
  }),
  z.object({ Step: z.literal('sweep'), SecretId: secretId }),
  z.object({
    Step: z.literal('register'),
    SecretId: secretId,
    apiKey: z.string({ error: 'give the API key the venue gave' }).min(8),
    publicKey: z.string({ error: 'give the public key you registered' }).min(1),
    ipAllowList: z
      .array(z.ipv4('write IPv4 addresses'))
      .min(1, 'name the addresses the venue accepts the key from'),
  }),
]);

export interface RotateDependencies {
  readonly environment: RotateEnvironment;
  readonly secrets: SecretsManagerClient;
  readonly sns: SNSClient;
  readonly commands: HostCommandOptions;
  readonly store: LeaseStore;
  readonly log: Log;
  readonly now: () => Date;
  readonly newVersion: () => string;
}

/** Runs one step of a rotation, the daily sweep, or the operator's record of a registration. */
export function createRotateSecret(dependencies: RotateDependencies): (event: unknown) => Promise<void> {
  const { environment, secrets, ...rest } = dependencies;
  const settings: RotationSettings = {
    topicArn: environment.TOPIC_ARN,
    elasticIps: environment.ELASTIC_IPS,
    hosts: environment.HOSTS as RotationSettings['hosts'],
    checkDocument: environment.CHECK_DOCUMENT,
    reloadDocument: environment.RELOAD_DOCUMENT,
    overlapDays: environment.OVERLAP_DAYS,
  };
  return async (raw) => {
    const event = parseInput('event of rotate-secret', eventSchema, raw);
    const versions = new SecretVersions(secrets, event.SecretId);
    const rotation = new Rotation({ ...rest, settings, versions, secretId: event.SecretId });
    if (event.Step === 'sweep') return rotation.sweep();
    if (event.Step === 'register') return rotation.register(event.apiKey, event.publicKey, event.ipAllowList);
    const token = event.ClientRequestToken;
    const labels = await labelsOf(versions, token);
    // Tried again after the label had moved: only the hosts' reload may be left to do.
    if (labels.includes('AWSCURRENT')) return rotation.finish(token);
    if (event.Step === 'createSecret') return rotation.create(token);
    if (event.Step === 'setSecret') return rotation.set(token);
    if (event.Step === 'testSecret') return rotation.test(token);
    return rotation.finish(token);
  };
}

/** Of the rotation's version; throws when it is none that may be rotated to. */
async function labelsOf(versions: SecretVersions, token: string): Promise<readonly string[]> {
  const { name, rotationEnabled, versions: labels } = await versions.describe();
  if (!rotationEnabled)
    throw new RotationError(`secret ${name}: rotation is not enabled; deploy the environment again`);
  const found = labels[token];
  if (found === undefined)
    throw new RotationError(`secret ${name}: has no version ${token}; begin with RotateSecret`);
  if (!found.includes('AWSPENDING') && !found.includes('AWSCURRENT')) {
    throw new RotationError(
      `secret ${name}, version ${token}: is not pending but ${found.join(', ') || 'unlabelled'}`,
    );
  }
  return found;
}

/** Checks the environment of the function. */
export function rotateEnvironment(variables: NodeJS.ProcessEnv): RotateEnvironment {
  return parseInput('environment of rotate-secret', environmentSchema, variables) as RotateEnvironment;
}

let rotate: ReturnType<typeof createRotateSecret> | undefined;

/** What Lambda calls. */
export async function handler(event: unknown): Promise<void> {
  if (rotate === undefined) {
    const environment = rotateEnvironment(process.env);
    const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
    rotate = createRotateSecret({
      environment,
      secrets: new SecretsManagerClient({}),
      sns: new SNSClient({}),
      commands: { ssm: new SSMClient({}), sleep, pollEveryMs: 2_000, timeoutMs: 180_000 },
      store: new DynamoLeaseStore({
        client: new DynamoDBClient({}),
        table: environment.LEASE_TABLE,
        timeoutMs: 2_000,
      }),
      log: createLog({ function: 'rotate-secret', environment: environment.ENVIRONMENT }),
      now: () => new Date(),
      newVersion: randomUUID,
    });
  }
  return rotate(event);
}
