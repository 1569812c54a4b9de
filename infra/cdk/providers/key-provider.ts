import { ArnFormat, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import type { Provider } from './provider.js';

export interface KeyProviderProps {
  /** Construct id and last word of the alias. */
  readonly id: string;
  readonly alias: string;
  readonly description: string;
  /** ARN of a key that is brought. @default - a key is created */
  readonly existing?: string | undefined;
  /** Days between the request to delete the key and its end, 7 to 30. */
  readonly deletionWindowDays: number;
  /**
   * Nobody may delete or disable the key as long as its policy says so: what is locked for years under it would be as
   * lost as if it were deleted. @default false
   */
  readonly indelible?: boolean;
  /** AWS services that use the key in their own name; principals of this account are told by IAM. @default - none */
  readonly services?: (key: KeyPlace) => iam.PolicyStatement[];
}

/** Where a key is, for the conditions in its policy. */
export interface KeyPlace {
  readonly account: string;
  readonly region: string;
  /** ARN of something in the same account and Region. */
  arn(service: string, resource: string): string;
}

/** Rotation makes no backup or archive unreadable: KMS keeps each earlier version of the material. */
const ROTATION = Duration.days(365);

/** A symmetric key: the one that is brought, or one created with yearly rotation and retained whatever happens to the stack. */
export function keyProvider(props: KeyProviderProps): Provider<kms.IKey> {
  return {
    provide(scope) {
      if (props.existing) return kms.Key.fromKeyArn(scope, props.id, props.existing);
      const key = new kms.Key(scope, props.id, {
        description: props.description,
        enableKeyRotation: true,
        rotationPeriod: ROTATION,
        pendingWindow: Duration.days(props.deletionWindowDays),
        removalPolicy: RemovalPolicy.RETAIN,
      });
      key.addAlias(props.alias);
      for (const statement of props.services?.(placeOf(scope)) ?? []) key.addToResourcePolicy(statement);
      if (props.indelible) key.addToResourcePolicy(neverDeleted());
      return key;
    },
  };
}

/** ECDSA on P-256 for signatures that anyone verifies with the public half. KMS can not rotate asymmetric keys. */
export function signingKeyProvider(
  props: Omit<KeyProviderProps, 'existing' | 'services'>,
): Provider<kms.IKey> {
  return {
    provide(scope) {
      const key = new kms.Key(scope, props.id, {
        description: props.description,
        keySpec: kms.KeySpec.ECC_NIST_P256,
        keyUsage: kms.KeyUsage.SIGN_VERIFY,
        pendingWindow: Duration.days(props.deletionWindowDays),
        removalPolicy: RemovalPolicy.RETAIN,
      });
      key.addAlias(props.alias);
      if (props.indelible) key.addToResourcePolicy(neverDeleted());
      return key;
    },
  };
}

function neverDeleted(): iam.PolicyStatement {
  return new iam.PolicyStatement({
    sid: 'NeverDeletedOrDisabled',
    effect: iam.Effect.DENY,
    principals: [new iam.AnyPrincipal()],
    actions: ['kms:ScheduleKeyDeletion', 'kms:DisableKey'],
    resources: ['*'],
  });
}

function placeOf(scope: Construct): KeyPlace {
  const stack = Stack.of(scope);
  return {
    account: stack.account,
    region: stack.region,
    arn: (service, resource) => stack.formatArn({ service, resource, arnFormat: ArnFormat.NO_RESOURCE_NAME }),
  };
}
