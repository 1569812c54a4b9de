import { Construct } from 'constructs';
import type { EnvironmentPlan } from '../../model/index.js';
import { KEPT } from '../resources/aws-resource.js';
import { Secret } from '../resources/identity.js';
import { placeOf } from './place.js';
import { policyDocument, type Statement } from './policy.js';

/** The API keys at the venues, one secret each. They have no value here: Terraform would keep it in its state. */
export class Secrets extends Construct {
  /** ARNs by `venues[].secret`. */
  readonly byVenue: Readonly<Record<string, string>>;

  get arns(): readonly string[] {
    return Object.values(this.byVenue);
  }

  constructor(scope: Construct, plan: EnvironmentPlan, secretsKeyArn: string) {
    super(scope, 'secrets');
    const { config, names } = plan;
    const deny = (Sid: string, Action: string, key: string, value: string): Statement => ({
      Sid,
      Effect: 'Deny',
      Principal: '*',
      Action,
      Resource: '*',
      Condition: { StringNotEquals: { [key]: value } },
    });
    const policy = policyDocument(
      deny(
        'OnlyRolesOfThisEnvironmentRead',
        'secretsmanager:GetSecretValue',
        'aws:PrincipalTag/tradewind:environment',
        config.name,
      ),
      deny('OnlyThisAccount', 'secretsmanager:*', 'aws:PrincipalAccount', placeOf(plan).account),
    );
    const wanted = new Set(config.venues.flatMap(({ secret }) => secret ?? []));
    this.byVenue = Object.fromEntries(
      [...wanted].map((venueSecret) => [
        venueSecret,
        new Secret(
          this,
          venueSecret,
          {
            name: names.secret(venueSecret),
            description: `API key at ${venueSecret}. Restrict it at the venue to the Elastic IPs of ${config.name}.`,
            kmsKeyId: secretsKeyArn,
            policy,
          },
          KEPT,
        ).ref('arn'),
      ]),
    );
  }
}
