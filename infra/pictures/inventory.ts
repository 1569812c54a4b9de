import { readable, resources, type SynthesizedStack } from './stacks.js';

export interface InventoryRow {
  readonly region: string;
  readonly stack: string;
  readonly type: string;
  readonly id: string;
  /** Name, CIDR or size: what tells it from its likes. */
  readonly detail: string;
  /** Kept when its stack is deleted. */
  readonly retained: boolean;
}

/** Properties that say best which one it is, in order of preference. */
const TELLING = [
  'Name',
  'TableName',
  'BucketName',
  'AlarmName',
  'BackupVaultName',
  'LogGroupName',
  'AliasName',
  'FunctionName',
  'RoleName',
  'TopicName',
  'InstanceType',
  'CidrBlock',
  'ServiceName',
  'Strategy',
  'Description',
];

/** Every resource of the stacks. */
export function inventory(stacks: readonly SynthesizedStack[]): InventoryRow[] {
  return [...resources(stacks)]
    .filter(({ resource }) => resource.Type !== 'AWS::CDK::Metadata')
    .map(({ stack, id, resource }) => ({
      region: stack.region,
      stack: stack.name,
      type: resource.Type,
      id,
      detail: detail(resource.Properties ?? {}),
      retained: resource.DeletionPolicy === 'Retain' || resource.DeletionPolicy === 'RetainExceptOnCreate',
    }));
}

function detail(properties: Readonly<Record<string, unknown>>): string {
  const key = TELLING.find((name) => properties[name] !== undefined);
  return key === undefined ? '' : readable(properties[key]).slice(0, 100);
}
