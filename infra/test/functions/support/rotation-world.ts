import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import { GetCommandInvocationCommand, SendCommandCommand, type SSMClient } from '@aws-sdk/client-ssm';
import type { LeaseStore } from '@tradewind/engine/ha/lease';
import { createRotateSecret } from '../../../functions/rotate-secret/handler.js';
import { leaseRow, memoryLog } from './lease.js';
import { SecretsStandIn } from './secrets-stand-in.js';
import { makePair, VenueStandIn } from './venue-stand-in.js';

export const IPS = { primary: '203.0.113.10', standby: '203.0.113.11' } as const;
export const TOKEN = '11111111-1111-4111-8111-111111111111';
const HOSTS = { primary: 'i-primary', standby: 'i-standby' } as const;
const STEPS = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'] as const;

type Host = keyof typeof HOSTS;

/** Thrown in place of, or after, one call: the function's process is gone. */
class Crash extends Error {}

/**
 * A secret, a venue, two hosts that trade with the key they read last, and an operator who follows the messages. After
 * every single call of the function each host is asked to trade, and so is one that would start now.
 */
export class RotationWorld {
  readonly secrets = new SecretsStandIn('tradewind/test/venues/binance');
  readonly venue = new VenueStandIn();
  readonly messages: string[] = [];
  readonly lines: string[];
  readonly reloads: Host[] = [];
  /** What failed: must stay empty. */
  readonly refusedOrders: string[] = [];
  day = 0;
  calls = 0;
  /** The call at which the process dies, before or after the call took effect. */
  crashAt: { readonly call: number; readonly when: 'before' | 'after' } | undefined;
  reloadFails: Host | undefined;
  readonly #hostKeys: Record<Host, string>;
  readonly #invocations = new Map<string, { Status: string; StandardOutputContent: string }>();
  readonly #rotate: (event: unknown) => Promise<void>;
  readonly oldApiKey: string;

  constructor(holder: Host = 'primary') {
    const { secret, publicKey } = makePair();
    this.oldApiKey = this.venue.register(publicKey, Object.values(IPS));
    const value = { kind: 'ed25519', apiKey: this.oldApiKey, secret, ipAllowList: Object.values(IPS) };
    this.secrets.values.set('v0', JSON.stringify(value));
    this.secrets.labels.set('AWSCURRENT', 'v0');
    this.#hostKeys = { primary: this.secrets.current!, standby: this.secrets.current! };
    // RotateSecret labels the version before it has a value.
    this.secrets.labels.set('AWSPENDING', TOKEN);
    const { log, lines } = memoryLog();
    this.lines = lines;
    const client = { send: (command: object) => this.#call(command) };
    this.#rotate = createRotateSecret({
      environment: {
        ENVIRONMENT: 'test',
        LEASE_TABLE: 'lease',
        TOPIC_ARN: 'arn:aws:sns:eu-west-1:111122223333:warning',
        ELASTIC_IPS: Object.values(IPS),
        HOSTS,
        CHECK_DOCUMENT: 'check',
        RELOAD_DOCUMENT: 'reload',
        OVERLAP_DAYS: 7,
      },
      secrets: client as unknown as SecretsStandIn['client'],
      sns: client as unknown as SNSClient,
      commands: { ssm: client as unknown as SSMClient, sleep: async () => {}, pollEveryMs: 1, timeoutMs: 5 },
      store: { read: async () => ({ ...leaseRow(), holder }) } as unknown as LeaseStore,
      log,
      now: () => new Date(Date.UTC(2026, 0, 1 + this.day)),
      newVersion: () => `version-${++this.#versions}`,
    });
  }

  #versions = 0;

  /** As Secrets Manager does: the four steps in order; an error ends the attempt. */
  async attempt(): Promise<string> {
    for (const Step of STEPS) {
      const error = await this.run({ Step, SecretId: 'binance', ClientRequestToken: TOKEN });
      if (error !== undefined) return error;
    }
    return 'done';
  }

  /** One invocation; its error's text. */
  async run(event: object): Promise<string | undefined> {
    try {
      await this.#rotate(event);
      return undefined;
    } catch (error) {
      if (error instanceof Crash) return 'crash';
      return (error as Error).message;
    }
  }

  /** The operator does what the last message asks for. */
  async registerAsAsked(canWithdraw = false): Promise<string | undefined> {
    const publicKey = /: ([A-Za-z0-9+/=]{50,})$/.exec(this.messages.at(-1) ?? '')?.[1];
    if (publicKey === undefined) return 'no message asks for anything';
    const apiKey = this.venue.register(publicKey, Object.values(IPS), canWithdraw);
    return this.run({
      Step: 'register',
      SecretId: 'binance',
      apiKey,
      publicKey,
      ipAllowList: Object.values(IPS),
    });
  }

  get allUseNewKey(): boolean {
    return Object.values(this.#hostKeys).every(
      (key) => key === this.secrets.current && !key.includes(this.oldApiKey),
    );
  }

  /** Every host, and one that starts now, sends an order. */
  trade(when: string): void {
    for (const host of ['primary', 'standby'] as const) {
      for (const [who, key] of [
        [host, this.#hostKeys[host]],
        [`fresh ${host}`, this.secrets.current],
      ] as const) {
        if (!this.venue.accepts(key, IPS[host])) this.refusedOrders.push(`${who} ${when}`);
      }
    }
  }

  async #call(command: object): Promise<object> {
    const call = this.calls++;
    const dies = this.crashAt?.call === call ? this.crashAt.when : undefined;
    if (dies === 'before') throw new Crash();
    const served = await this.#serve(command).catch((error: Error) => error);
    this.trade(`after call ${call}, ${command.constructor.name}`);
    if (dies === 'after') throw new Crash();
    if (served instanceof Error) throw served;
    return served;
  }

  async #serve(command: object): Promise<object> {
    if (command instanceof PublishCommand) {
      this.messages.push(command.input.Message!);
      return {};
    }
    if (command instanceof SendCommandCommand) {
      const { DocumentName, InstanceIds, Parameters } = command.input;
      const host = InstanceIds![0] === HOSTS.primary ? 'primary' : 'standby';
      const CommandId = `command-${this.calls}`;
      this.#invocations.set(CommandId, this.#onHost(DocumentName!, host, Parameters!.VersionId![0]!));
      return { Command: { CommandId } };
    }
    if (command instanceof GetCommandInvocationCommand)
      return this.#invocations.get(command.input.CommandId!)!;
    return this.secrets.send(command);
  }

  #onHost(document: string, host: Host, version: string): { Status: string; StandardOutputContent: string } {
    if (document === 'check') {
      return {
        Status: 'Success',
        StandardOutputContent: this.venue.check(this.secrets.values.get(version), IPS[host]),
      };
    }
    if (this.reloadFails === host) return { Status: 'Failed', StandardOutputContent: '' };
    this.reloads.push(host);
    this.#hostKeys[host] = this.secrets.current!;
    return { Status: 'Success', StandardOutputContent: '' };
  }
}
