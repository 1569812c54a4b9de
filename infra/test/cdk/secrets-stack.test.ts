import { expect, test } from '@jest/globals';
import { bySid, planOf, resources, templateOf } from '../support/foundation.js';

const template = templateOf(planOf('prod-virginia'), 'Secrets');

test('each venue key has a secret under its planned name and the secrets key', () => {
  const secrets = Object.values(resources(template, 'AWS::SecretsManager::Secret')).map(
    ({ Properties }) => Properties,
  );
  expect(secrets.map(({ Name }) => Name).sort()).toEqual(
    ['coinbase', 'gemini', 'kraken'].map((venue) => `tradewind/prod-virginia/venues/${venue}`),
  );
  for (const { KmsKeyId } of secrets) expect(JSON.stringify(KmsKeyId)).toContain('SecretsKey');
});

test('no template holds a key: a secret is born with a placeholder that says so', () => {
  for (const { Properties } of Object.values(resources(template, 'AWS::SecretsManager::Secret'))) {
    expect(Properties.SecretString).toBeUndefined();
    expect(JSON.parse(Properties.GenerateSecretString.SecretStringTemplate)).toEqual({ state: 'unset' });
  }
});

test('only roles tagged as of this environment read it, whatever IAM allows others', () => {
  const policies = Object.values(resources(template, 'AWS::SecretsManager::ResourcePolicy'));
  expect(policies).toHaveLength(3);
  for (const { Properties } of policies) {
    const { OnlyRolesOfThisEnvironmentRead: denial } = bySid(Properties.ResourcePolicy);
    expect(denial).toMatchObject({
      Effect: 'Deny',
      Action: 'secretsmanager:GetSecretValue',
      Condition: { StringNotEquals: { 'aws:PrincipalTag/tradewind:environment': 'prod-virginia' } },
    });
  }
});

test('the reader of the description is told to restrict the key to our addresses', () => {
  for (const { Properties } of Object.values(resources(template, 'AWS::SecretsManager::Secret'))) {
    expect(Properties.Description).toContain('to the Elastic IPs of prod-virginia');
  }
});
