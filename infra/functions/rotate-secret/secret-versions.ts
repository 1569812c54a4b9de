import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  ResourceNotFoundException,
  type SecretsManagerClient,
  TagResourceCommand,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import type { z } from 'zod';

/** Labels of a secret's versions: Secrets Manager's own, and ours for what the venue does not know yet. */
export type VersionLabel = 'AWSCURRENT' | 'AWSPENDING' | 'TRADEWIND_CANDIDATE' | 'TRADEWIND_REGISTERED';

export interface SecretDescription {
  readonly name: string;
  readonly rotationEnabled: boolean;
  /** Labels by version. */
  readonly versions: Readonly<Record<string, readonly string[]>>;
  readonly tags: Readonly<Record<string, string>>;
}

/** One secret and its versions. Values pass through; nothing is logged here. */
export class SecretVersions {
  readonly #client: SecretsManagerClient;
  readonly #secret: string;

  constructor(client: SecretsManagerClient, secret: string) {
    this.#client = client;
    this.#secret = secret;
  }

  async describe(): Promise<SecretDescription> {
    const found = await this.#client.send(new DescribeSecretCommand({ SecretId: this.#secret }));
    return {
      name: found.Name ?? this.#secret,
      rotationEnabled: found.RotationEnabled === true,
      versions: found.VersionIdsToStages ?? {},
      tags: Object.fromEntries((found.Tags ?? []).map(({ Key, Value }) => [Key ?? '', Value ?? ''])),
    };
  }

  /** The value under a label (and version), or undefined when there is none or it is no such value. */
  async read<T>(schema: z.ZodType<T>, label: VersionLabel, version?: string): Promise<T | undefined> {
    try {
      const { SecretString } = await this.#client.send(
        new GetSecretValueCommand({
          SecretId: this.#secret,
          VersionStage: label,
          ...(version !== undefined && { VersionId: version }),
        }),
      );
      const parsed = schema.safeParse(parseJson(SecretString));
      return parsed.success ? parsed.data : undefined;
    } catch (error) {
      if (error instanceof ResourceNotFoundException) return undefined;
      throw error;
    }
  }

  /** Puts a version under `label` alone: what hosts read does not change. */
  async put(value: object, label: VersionLabel, version: string): Promise<void> {
    await this.#client.send(
      new PutSecretValueCommand({
        SecretId: this.#secret,
        ClientRequestToken: version,
        SecretString: JSON.stringify(value),
        VersionStages: [label],
      }),
    );
  }

  /** From one call to the next hosts read the other version; Secrets Manager keeps the old one as AWSPREVIOUS. */
  async makeCurrent(version: string, instead: string | undefined): Promise<void> {
    await this.#client.send(
      new UpdateSecretVersionStageCommand({
        SecretId: this.#secret,
        VersionStage: 'AWSCURRENT',
        MoveToVersionId: version,
        ...(instead !== undefined && { RemoveFromVersionId: instead }),
      }),
    );
  }

  async tag(tags: Readonly<Record<string, string>>): Promise<void> {
    const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
    await this.#client.send(new TagResourceCommand({ SecretId: this.#secret, Tags }));
  }
}

/** The version that carries a label. */
export function versionWith({ versions }: SecretDescription, label: VersionLabel): string | undefined {
  return Object.entries(versions).find(([, labels]) => labels.includes(label))?.[0];
}

function parseJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}
