import type { Construct } from 'constructs';
import { ExchangeSecret } from '../constructs/exchange-secret.js';
import { pascal } from '../constructs/logical-id.js';
import { EnvironmentStack, type EnvironmentStackProps } from '../environment-stack.js';
import type { KeyRefs, SecretRefs } from '../refs.js';

export interface SecretsStackProps extends EnvironmentStackProps {
  readonly keys: KeyRefs;
}

/** The API keys of venues, one secret each. Whoever rotates them is attached from the stack of the functions. */
export class SecretsStack extends EnvironmentStack {
  readonly refs: SecretRefs;

  constructor(scope: Construct, props: SecretsStackProps) {
    super(scope, 'Secrets', props, { stateful: true, description: 'API keys of venues' });
    const { config, names } = this.plan;
    const wanted = new Set(config.venues.flatMap(({ secret }) => secret ?? []));
    this.refs = Object.fromEntries(
      [...wanted].map((venueSecret) => [
        venueSecret,
        new ExchangeSecret(this, pascal(venueSecret), {
          secretName: names.secret(venueSecret),
          venueSecret,
          environment: config.name,
          key: props.keys.secrets,
        }).secret,
      ]),
    );
  }
}
