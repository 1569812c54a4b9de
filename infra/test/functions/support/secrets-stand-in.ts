import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  ResourceExistsException,
  ResourceNotFoundException,
  type SecretsManagerClient,
  TagResourceCommand,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';

/** One secret with the labels of its versions, after Secrets Manager's rules: a label is on one version at a time, and whoever loses AWSCURRENT becomes AWSPREVIOUS. */
export class SecretsStandIn {
  readonly values = new Map<string, string>();
  readonly labels = new Map<string, string>();
  readonly tags = new Map<string, string>();
  rotationEnabled = true;

  constructor(readonly name: string) {}

  /** What a host reads. */
  get current(): string | undefined {
    return this.values.get(this.labels.get('AWSCURRENT') ?? '');
  }

  async send(command: unknown): Promise<object> {
    if (command instanceof DescribeSecretCommand) return this.#describe();
    if (command instanceof GetSecretValueCommand)
      return this.#get(command.input.VersionStage!, command.input.VersionId);
    if (command instanceof PutSecretValueCommand) {
      const { ClientRequestToken: version, SecretString, VersionStages } = command.input;
      return this.#put(version!, SecretString!, VersionStages!);
    }
    if (command instanceof UpdateSecretVersionStageCommand) {
      const { MoveToVersionId, RemoveFromVersionId } = command.input;
      if (this.labels.get('AWSCURRENT') !== RemoveFromVersionId)
        throw new Error('label is on another version');
      this.#setCurrent(MoveToVersionId!);
      return {};
    }
    if (command instanceof TagResourceCommand) {
      for (const { Key, Value } of command.input.Tags!) this.tags.set(Key!, Value!);
      return {};
    }
    throw new Error(`the stand-in does not know ${command?.constructor.name}`);
  }

  /** For the code under test. */
  get client(): SecretsManagerClient {
    return this as unknown as SecretsManagerClient;
  }

  #describe(): object {
    const versions: Record<string, string[]> = {};
    for (const [label, version] of this.labels) versions[version] = [...(versions[version] ?? []), label];
    return {
      Name: this.name,
      RotationEnabled: this.rotationEnabled,
      VersionIdsToStages: versions,
      Tags: [...this.tags].map(([Key, Value]) => ({ Key, Value })),
    };
  }

  #get(label: string, version?: string): object {
    const found = this.labels.get(label);
    const value = found !== undefined && (version ?? found) === found ? this.values.get(found) : undefined;
    if (value === undefined) throw new ResourceNotFoundException({ message: `no ${label}`, $metadata: {} });
    return { SecretString: value, VersionId: found };
  }

  #put(version: string, value: string, labels: string[]): object {
    const known = this.values.get(version);
    if (known !== undefined && known !== value)
      throw new ResourceExistsException({ message: version, $metadata: {} });
    this.values.set(version, value);
    for (const label of labels) {
      if (label === 'AWSCURRENT') this.#setCurrent(version);
      else this.labels.set(label, version);
    }
    return {};
  }

  #setCurrent(version: string): void {
    const old = this.labels.get('AWSCURRENT');
    if (old === version) return;
    if (old !== undefined) this.labels.set('AWSPREVIOUS', old);
    this.labels.set('AWSCURRENT', version);
  }
}
