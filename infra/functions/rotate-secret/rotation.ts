import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import { holds, type LeaseStore } from '@tradewind/engine/ha/lease';
import type { HostName, Log } from '../../shared/index.js';
import {
  bareKey,
  candidateSchema,
  completeKey,
  type ExchangeKey,
  exchangeKeySchema,
  generateCandidate,
  publicHalf,
  registrationSchema,
  shortKey,
} from './exchange-key.js';
import { type HostCommandOptions, runOnHost } from './host-command.js';
import { type SecretDescription, type SecretVersions, versionWith } from './secret-versions.js';
import { judgeVenueReport } from './venue-verdict.js';

/** A rotation that can not go on now; Secrets Manager tries again, and the person in the message can help. */
export class RotationError extends Error {
  override readonly name = 'RotationError';
  readonly code = 'TW_ROTATION';
}

export interface RotationSettings {
  readonly topicArn: string;
  /** What the venue must accept keys from. */
  readonly elasticIps: readonly string[];
  readonly hosts: Readonly<Partial<Record<HostName, string>>>;
  /** Command documents, parameters SecretId and VersionId. */
  readonly checkDocument: string;
  readonly reloadDocument: string;
  /** How long the old key stays valid at the venue after the new one is in use, days. */
  readonly overlapDays: number;
}

export interface RotationDependencies {
  readonly settings: RotationSettings;
  readonly versions: SecretVersions;
  readonly secretId: string;
  readonly sns: SNSClient;
  readonly commands: HostCommandOptions;
  readonly store: LeaseStore;
  readonly log: Log;
  readonly now: () => Date;
  readonly newVersion: () => string;
}

const TAG = {
  announced: 'tradewind:rotation-announced',
  publicKey: 'tradewind:candidate-public-key',
  tested: 'tradewind:tested-version',
  reloaded: 'tradewind:reloaded-version',
  deleteAfter: 'tradewind:old-key-delete-after',
} as const;

/**
 * One rotation of one venue's key, in the four steps of Secrets Manager and a daily sweep. Each step looks at what is
 * there before it does anything, so that it can be cut off anywhere and begun again.
 *
 * No order fails meanwhile, because hosts read AWSCURRENT alone, AWSCURRENT moves in one call and only to a version that
 * passed the venue's check from a host, and the key it leaves stays valid at the venue until every host has let go of it.
 */
export class Rotation {
  readonly #dependencies: RotationDependencies;

  constructor(dependencies: RotationDependencies) {
    this.#dependencies = dependencies;
  }

  /** Makes the version AWSPENDING out of what the operator recorded; asks for it until it is there. */
  async create(token: string): Promise<void> {
    const { versions, settings, log } = this.#dependencies;
    if (await versions.read(exchangeKeySchema, 'AWSPENDING', token)) return;
    const description = await versions.describe();
    const current = await versions.read(exchangeKeySchema, 'AWSCURRENT');
    const registration = await versions.read(registrationSchema, 'TRADEWIND_REGISTERED');
    const candidate = await versions.read(candidateSchema, 'TRADEWIND_CANDIDATE');
    const complete = completeKey(registration, candidate, current, settings.elasticIps);
    if ('key' in complete) {
      await versions.put(complete.key, 'AWSPENDING', token);
      log.info('new key staged', {
        secret: description.name,
        version: token,
        apiKey: shortKey(complete.key.apiKey),
      });
      return;
    }
    const instruction =
      current?.kind === 'hmac' || current?.kind === 'rsa'
        ? this.#askForKey(description, current.kind)
        : await this.#askForRegistration(description, candidate?.secret, current);
    await this.#announce(description, token, `${complete.waitFor}. ${instruction}`);
    throw new RotationError(`secret ${description.name}: ${complete.waitFor}. ${instruction}`);
  }

  /** Nothing can be set at a venue from here; what was staged must at least be another key. */
  async set(token: string): Promise<void> {
    const pending = await this.#pending(token);
    const current = await this.#dependencies.versions.read(exchangeKeySchema, 'AWSCURRENT');
    if (pending.kind !== 'hmac') publicHalf(pending.secret);
    if (pending.apiKey === current?.apiKey || pending.secret === current?.secret) {
      throw new RotationError(`version ${token}: is the key in use; record a new one made at the venue`);
    }
  }

  /** Tries the key at the venue from the address of the host that does not trade. */
  async test(token: string): Promise<void> {
    const { settings, versions, commands, secretId, log } = this.#dependencies;
    await this.#pending(token);
    const [host] = await this.#passiveFirst();
    const parameters = { SecretId: secretId, VersionId: token };
    const result = await runOnHost(commands, settings.checkDocument, host.instanceId, parameters);
    const problems = judgeVenueReport(result.output);
    if (!result.succeeded || problems.length > 0) {
      throw new RotationError(
        `version ${token}: the check on ${host.name} (${result.status}) refused it: ${problems.join('; ')}`,
      );
    }
    await versions.tag({ [TAG.tested]: token });
    log.info('new key tried at the venue', { version: token, host: host.name });
  }

  /** Lets hosts read the new key, then has them take it up: the one that does not trade first. */
  async finish(token: string): Promise<void> {
    const { versions, log } = this.#dependencies;
    const description = await versions.describe();
    const current = versionWith(description, 'AWSCURRENT');
    if (current !== token) {
      if (description.tags[TAG.tested] !== token) {
        throw new RotationError(`version ${token}: was not tried at the venue; run testSecret first`);
      }
      await versions.makeCurrent(token, current);
      log.info('new key is current', { version: token, previous: current });
    }
    await this.#takeUp(description, token);
  }

  /** Daily: completes a reload that was cut off, and says when the old key may go. */
  async sweep(): Promise<void> {
    const { versions } = this.#dependencies;
    const description = await versions.describe();
    const current = versionWith(description, 'AWSCURRENT');
    if (current !== undefined && description.tags[TAG.tested] === current)
      await this.#takeUp(description, current);
    const until = (await versions.describe()).tags[TAG.deleteAfter];
    if (until === undefined || until === '' || this.#today() < until) return;
    await this.#publish(
      description,
      'old key may be deleted',
      `The key before the present one may now be deleted at the venue: every host has used the new one since the overlap began, and it ended on ${until}.`,
    );
    await versions.tag({ [TAG.deleteAfter]: '' });
  }

  /** Records what the operator did at the venue with the generated public key. */
  async register(apiKey: string, publicKey: string, ipAllowList: readonly string[]): Promise<void> {
    const { versions, settings, newVersion, log } = this.#dependencies;
    const candidate = await versions.read(candidateSchema, 'TRADEWIND_CANDIDATE');
    const registration = {
      kind: 'ed25519' as const,
      apiKey,
      publicKey: bareKey(publicKey),
      ipAllowList: [...ipAllowList],
    };
    const complete = completeKey(registration, candidate, undefined, settings.elasticIps);
    if ('waitFor' in complete)
      throw new RotationError(`registration of ${shortKey(apiKey)}: ${complete.waitFor}`);
    await versions.put(registration, 'TRADEWIND_REGISTERED', newVersion());
    log.info('key recorded as registered', { apiKey: shortKey(apiKey) });
  }

  async #pending(token: string): Promise<ExchangeKey> {
    const pending = await this.#dependencies.versions.read(exchangeKeySchema, 'AWSPENDING', token);
    if (pending === undefined)
      throw new RotationError(`version ${token}: holds no complete key; run createSecret first`);
    return pending;
  }

  /** Generates the pair unless one is waiting that the venue was not given yet. */
  async #askForRegistration(
    description: SecretDescription,
    waiting: string | undefined,
    current: ExchangeKey | undefined,
  ): Promise<string> {
    const { versions, newVersion, settings } = this.#dependencies;
    let secret = waiting;
    if (secret === undefined || secret === current?.secret) {
      const candidate = generateCandidate();
      secret = candidate.secret;
      await versions.put(candidate, 'TRADEWIND_CANDIDATE', newVersion());
    }
    const publicKey = publicHalf(secret);
    if (description.tags[TAG.publicKey] !== publicKey) await versions.tag({ [TAG.publicKey]: publicKey });
    return `Register this Ed25519 public key at the venue, trading only, no withdrawals, restricted to ${settings.elasticIps.join(', ')}, then start the document rotate-key with the API key it gives you: ${publicKey}`;
  }

  #askForKey({ name }: SecretDescription, kind: string): string {
    const ips = this.#dependencies.settings.elasticIps.join(', ');
    return `Make a ${kind} key at the venue, trading only, no withdrawals, restricted to ${ips}, then record it: aws secretsmanager put-secret-value --secret-id ${name} --version-stages TRADEWIND_REGISTERED --secret-string file://key.json with kind, apiKey, secret and ipAllowList`;
  }

  /** Both hosts, the one that does not hold the lease first; a lone host is both. */
  async #passiveFirst(): Promise<[HostTarget, ...HostTarget[]]> {
    const { settings, store } = this.#dependencies;
    const row = await store.read();
    const targets = (['standby', 'primary'] as const).flatMap((name) => {
      const instanceId = settings.hosts[name];
      return instanceId === undefined ? [] : [{ name, instanceId }];
    });
    const [first, ...rest] = targets.sort((a, b) => Number(holds(row, a.name)) - Number(holds(row, b.name)));
    if (first === undefined) throw new RotationError('HOSTS: names no host; nobody could try the key');
    return [first, ...rest];
  }

  async #takeUp(description: SecretDescription, token: string): Promise<void> {
    const { settings, versions, commands, secretId, log } = this.#dependencies;
    if (description.tags[TAG.reloaded] === token) return;
    const parameters = { SecretId: secretId, VersionId: token };
    for (const { name, instanceId } of await this.#passiveFirst()) {
      const { succeeded, status } = await runOnHost(
        commands,
        settings.reloadDocument,
        instanceId,
        parameters,
      );
      if (!succeeded) {
        throw new RotationError(
          `host ${name}: did not take up version ${token} (${status}). Both keys are valid; the daily sweep tries again`,
        );
      }
      log.info('host uses the new key', { host: name, version: token });
    }
    const until = new Date(this.#dependencies.now().getTime() + settings.overlapDays * 86_400_000)
      .toISOString()
      .slice(0, 10);
    await versions.tag({ [TAG.reloaded]: token, [TAG.deleteAfter]: until });
    await this.#publish(
      description,
      'new key in use',
      `Every host uses the new key. Leave the old one at the venue until ${until}; you will be told when it may be deleted. Its allow-list and the new one's must hold ${settings.elasticIps.join(', ')}.`,
    );
  }

  /** Once a day and rotation, however often Secrets Manager tries. */
  async #announce(description: SecretDescription, token: string, text: string): Promise<void> {
    const mark = `${this.#today()} ${token}`;
    if (description.tags[TAG.announced] === mark) return;
    await this.#publish(description, 'a new key is needed', text);
    await this.#dependencies.versions.tag({ [TAG.announced]: mark });
  }

  async #publish({ name }: SecretDescription, what: string, text: string): Promise<void> {
    const { sns, settings } = this.#dependencies;
    // SNS allows 100 characters of subject.
    const Subject = `Tradewind ${name.split('/').at(-1)}: ${what}`.slice(0, 100);
    await sns.send(new PublishCommand({ TopicArn: settings.topicArn, Subject, Message: `${name}: ${text}` }));
  }

  #today(): string {
    return this.#dependencies.now().toISOString().slice(0, 10);
  }
}

interface HostTarget {
  readonly name: HostName;
  readonly instanceId: string;
}
