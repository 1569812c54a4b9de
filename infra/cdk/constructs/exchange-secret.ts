import { RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';

export interface ExchangeSecretProps {
  readonly secretName: string;
  /** Name in `venues[].secret`. */
  readonly venueSecret: string;
  readonly environment: string;
  readonly key: IKey;
}

/** What a secret says until a person has entered the key of the venue; rotation leaves it alone that long. */
const UNSET = JSON.stringify({ state: 'unset' });

/**
 * The API key at a venue. The template never holds one: the secret is born with a placeholder, and a person replaces it.
 * Writing it is IAM's to allow; reading it takes IAM and a role that carries the tag of this environment, which a deployment
 * puts on every role and on nothing else.
 */
export class ExchangeSecret extends Construct {
  readonly secret: secretsmanager.ISecret;

  constructor(scope: Construct, id: string, props: ExchangeSecretProps) {
    super(scope, id);
    const { secretName, venueSecret, environment, key } = props;
    const secret = new secretsmanager.Secret(this, 'Secret', {
      secretName,
      description: `API key at ${venueSecret}. Restrict it at the venue to the Elastic IPs of ${environment}.`,
      encryptionKey: key,
      generateSecretString: { secretStringTemplate: UNSET, generateStringKey: 'placeholder' },
      removalPolicy: RemovalPolicy.RETAIN,
    });
    const deny = (sid: string, actions: string[], conditions: Record<string, Record<string, unknown>>) =>
      secret.addToResourcePolicy(
        new iam.PolicyStatement({
          sid,
          effect: iam.Effect.DENY,
          principals: [new iam.AnyPrincipal()],
          actions,
          resources: ['*'],
          conditions,
        }),
      );
    deny('OnlyRolesOfThisEnvironmentRead', ['secretsmanager:GetSecretValue'], {
      StringNotEquals: { 'aws:PrincipalTag/tradewind:environment': environment },
    });
    deny('OnlyThisAccount', ['secretsmanager:*'], {
      StringNotEquals: { 'aws:PrincipalAccount': Stack.of(this).account },
    });
    const reason =
      'A function of the environment rotates the secret on the schedule of the environment file; it stands in the stack of the functions, where the rule does not look.';
    Validations.of(secret).acknowledge(
      { id: 'AwsSolutions-SMG4', reason },
      { id: 'NIST.800.53.R5-SecretsManagerRotationEnabled', reason },
    );
    this.secret = secret as secretsmanager.ISecret;
  }
}
