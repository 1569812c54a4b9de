/**
 * functions: what the environment does by itself. Events of Systems Manager, Secrets Manager, Backup and schedules enter;
 * changes through the AWS API, evidence and metrics leave. `FUNCTIONS` says what each one is, needs and may, so that both
 * back ends deploy the same. No function decides who may trade, and none logs a secret.
 */
import type { PolicyStatement } from '../model/index.js';
import {
  checkpointArchiveStatements,
  checkRestoreStatements,
  type FunctionArns,
  fenceStatements,
  moveAddressStatements,
  rotateSecretStatements,
} from './statements.js';

export * from './bundle.js';
export type { FunctionArns } from './statements.js';

/** Names of the functions, which are the names of their folders too. */
export type FunctionName =
  | 'fence'
  | 'move-address'
  | 'rotate-secret'
  | 'checkpoint-archive'
  | 'check-restore';

export interface FunctionSpec {
  readonly name: FunctionName;
  /** Lambda's `Handler` in the bundle. */
  readonly entry: 'index.handler';
  readonly description: string;
  readonly runtime: 'nodejs22.x';
  readonly architecture: 'arm64';
  /** MiB. */
  readonly memory: number;
  /** Seconds. */
  readonly timeout: number;
  /** How many may run at once; 1 where two at a time could undo each other. */
  readonly reservedConcurrency: number;
  /** Environment variables that must be set. */
  readonly variables: readonly string[];
  /** Least privilege, without the function's own log group. */
  readonly statements: (arns: FunctionArns) => readonly PolicyStatement[];
}

const common = { entry: 'index.handler', runtime: 'nodejs22.x', architecture: 'arm64' } as const;

export const FUNCTIONS: Readonly<Record<FunctionName, FunctionSpec>> = {
  fence: {
    ...common,
    name: 'fence',
    description: 'Cuts a host off or stops it, withdraws its right to the lease, and verifies both',
    // More memory is more processor: the cold start is part of the takeover.
    memory: 512,
    timeout: 60,
    reservedConcurrency: 1,
    variables: ['ENVIRONMENT', 'LEASE_TABLE', 'HOSTS', 'FENCING'],
    statements: fenceStatements,
  },
  'move-address': {
    ...common,
    name: 'move-address',
    description: 'Moves the address the venue knows to the host that holds the lease',
    memory: 512,
    timeout: 60,
    reservedConcurrency: 1,
    variables: ['ENVIRONMENT', 'LEASE_TABLE', 'ADDRESS'],
    statements: moveAddressStatements,
  },
  'rotate-secret': {
    ...common,
    name: 'rotate-secret',
    description: 'Rotates the API key of a venue: stage, try from a host, switch, reload, remind',
    memory: 256,
    // A check and two reloads at three minutes each.
    timeout: 600,
    reservedConcurrency: 1,
    variables: [
      'ENVIRONMENT',
      'LEASE_TABLE',
      'TOPIC_ARN',
      'ELASTIC_IPS',
      'HOSTS',
      'CHECK_DOCUMENT',
      'RELOAD_DOCUMENT',
      'OVERLAP_DAYS',
    ],
    statements: rotateSecretStatements,
  },
  'checkpoint-archive': {
    ...common,
    name: 'checkpoint-archive',
    description: 'Seals each day of the archive with a signed Merkle root, and checks sealed days again',
    memory: 1_024,
    timeout: 900,
    reservedConcurrency: 2,
    variables: ['ENVIRONMENT', 'BUCKET', 'PREFIXES', 'SIGNING_KEY', 'RETENTION_DAYS'],
    statements: checkpointArchiveStatements,
  },
  'check-restore': {
    ...common,
    name: 'check-restore',
    description: 'Judges what AWS Backup restored for a test',
    memory: 256,
    timeout: 120,
    reservedConcurrency: 2,
    variables: ['ENVIRONMENT'],
    statements: checkRestoreStatements,
  },
};
