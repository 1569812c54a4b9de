import { type Json, type Mutation, on } from './mutation.js';

const FUNCTION = 'AWS::Lambda::Function';
const ALARM = 'AWS::CloudWatch::Alarm';
const KEY = 'AWS::KMS::Key';

/** Mistakes on functions, alarms, logs, names, secrets and on the template itself. */
export const TEMPLATE_MUTATIONS: readonly Mutation[] = [
  {
    mistake: 'a runtime past its end',
    type: FUNCTION,
    make: on((one) => {
      one.Runtime = 'nodejs18.x';
    }),
    rule: 'TW-FUN-01',
    says: /runtime "nodejs18\.x" is not one of/,
    measured: true,
  },
  {
    mistake: 'a runtime that is about to end',
    type: FUNCTION,
    make: on((one) => {
      one.Runtime = 'nodejs20.x';
    }),
    rule: 'TW-FUN-01',
    says: /runtime "nodejs20\.x" is not one of/,
  },
  {
    mistake: 'a function that logs where nobody set a retention',
    type: FUNCTION,
    make: on((one) => {
      delete one.LoggingConfig;
    }),
    rule: 'TW-FUN-02',
    says: /no log group is given/,
  },
  {
    mistake: 'a function that runs for an hour',
    type: FUNCTION,
    make: on((one) => {
      one.Timeout = 3600;
    }),
    rule: 'built-in',
    says: /3600|900/,
    measured: true,
  },
  {
    mistake: 'a misspelled property',
    type: FUNCTION,
    make: on((one) => {
      one.MemorySizes = 256;
    }),
    rule: 'built-in',
    says: /MemorySizes/,
    measured: true,
  },
  {
    mistake: 'a password in an environment variable',
    type: FUNCTION,
    make: on((one) => {
      one.Environment = { Variables: { VENUE_API_SECRET: 'p4ssw0rd-of-the-venue' } };
    }),
    rule: 'TW-SEC-01',
    says: /VENUE_API_SECRET looks like a secret/,
  },
  {
    mistake: 'an access key in user data',
    type: 'AWS::EC2::LaunchTemplate',
    make: on(({ LaunchTemplateData }) => {
      LaunchTemplateData.UserData = { 'Fn::Base64': 'export AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE\n' };
    }),
    rule: 'TW-SEC-02',
    says: /an AWS access key id stands in line \d+ of the template/,
  },
  {
    mistake: 'a password in user data',
    type: 'AWS::EC2::LaunchTemplate',
    make: on(({ LaunchTemplateData }) => {
      LaunchTemplateData.UserData = { 'Fn::Base64': 'PGPASSWORD=x\nexport API_SECRET=abcdef0123456789\n' };
    }),
    rule: 'TW-SEC-02',
    says: /a password stands in line/,
  },
  {
    mistake: 'the exchange secret in the template',
    type: 'AWS::SecretsManager::Secret',
    make: on((secret) => {
      delete secret.GenerateSecretString;
      secret.SecretString = '{"key":"abc","secret":"def"}';
    }),
    rule: 'TW-SEC-01',
    says: /SecretString is given/,
  },
  {
    mistake: 'an alarm that tells nobody',
    type: ALARM,
    make: on((alarm) => {
      delete alarm.AlarmActions;
    }),
    rule: 'TW-ALM-01',
    says: /has no action/,
  },
  {
    mistake: 'an alarm switched off during an incident and forgotten',
    type: ALARM,
    make: on((alarm) => {
      alarm.ActionsEnabled = false;
    }),
    rule: 'TW-ALM-01',
    says: /switched off/,
  },
  {
    mistake: 'an alarm without a runbook',
    type: ALARM,
    make: on((alarm) => {
      alarm.AlarmDescription = 'Something is wrong with the lease.';
    }),
    rule: 'TW-ALM-02',
    says: /no runbook URL/,
  },
  {
    mistake: 'an alarm that takes silence for health',
    type: ALARM,
    make: on((alarm) => {
      delete alarm.TreatMissingData;
    }),
    rule: 'TW-ALM-03',
    says: /TreatMissingData is absent/,
  },
  {
    mistake: 'three of two datapoints',
    type: ALARM,
    make: on((alarm) => {
      alarm.EvaluationPeriods = 2;
      alarm.DatapointsToAlarm = 3;
    }),
    rule: 'TW-ALM-03',
    says: /3 of 2 datapoints/,
  },
  {
    mistake: 'a comparison that does not exist',
    type: ALARM,
    make: on((alarm) => {
      alarm.ComparisonOperator = 'GreaterThan';
    }),
    rule: 'built-in',
    says: /GreaterThan/,
    measured: true,
  },
  {
    mistake: 'logs without end',
    type: 'AWS::Logs::LogGroup',
    make: on((group) => {
      delete group.RetentionInDays;
    }),
    rule: 'TW-LOG-01',
    says: /no RetentionInDays/,
  },
  {
    mistake: 'a log retention CloudWatch does not have',
    type: 'AWS::Logs::LogGroup',
    make: on((group) => {
      group.RetentionInDays = 1000;
    }),
    rule: 'built-in',
    says: /1000/,
    measured: true,
  },
  {
    mistake: 'logs under the key of CloudWatch',
    type: 'AWS::Logs::LogGroup',
    make: on((group) => {
      delete group.KmsKeyId;
    }),
    rule: 'TW-LOG-01',
    says: /no KmsKeyId/,
  },
  {
    mistake: 'a key deleted with its stack',
    type: KEY,
    make: (resource: Json) => {
      delete resource.DeletionPolicy;
      delete resource.UpdateReplacePolicy;
    },
    rule: 'TW-KEEP-01',
    says: /DeletionPolicy is absent/,
  },
  {
    mistake: 'an export another stack imports',
    type: KEY,
    make: (_, template, logicalId) => {
      template.Outputs = { KeyArn: { Value: { Ref: logicalId }, Export: { Name: 'TradewindKey' } } };
    },
    rule: 'TW-REF-01',
    says: /output "KeyArn" is exported/,
  },
  {
    mistake: 'an import of another stack’s export',
    type: FUNCTION,
    make: on((one) => {
      one.KmsKeyArn = { 'Fn::ImportValue': 'TradewindKey' };
    }),
    rule: 'TW-REF-01',
    says: /imports the export of another stack/,
  },
  {
    mistake: 'a name for a security group',
    type: 'AWS::EC2::SecurityGroup',
    make: on((group) => {
      group.GroupName = 'tradewind-hosts';
    }),
    rule: 'TW-NAME-01',
    says: /is given the name tradewind-hosts/,
  },
  {
    mistake: 'a topic outside the environment’s prefix',
    type: 'AWS::SNS::Topic',
    make: on((topic) => {
      topic.TopicName = 'alerts';
    }),
    rule: 'TW-NAME-02',
    says: /"alerts" does not begin with the environment's prefix/,
  },
  {
    mistake: 'a reference to a resource that is gone',
    type: FUNCTION,
    make: on((one) => {
      one.Role = { 'Fn::GetAtt': ['RemovedRole', 'Arn'] };
    }),
    rule: 'built-in',
    says: /RemovedRole/,
    measured: true,
  },
  {
    mistake: 'an attribute the type does not have',
    type: FUNCTION,
    make: (resource: Json, template) => {
      const [role] = Object.entries(template.Resources).find(([, one]) => one.Type === 'AWS::IAM::Role')!;
      resource.Properties.Role = { 'Fn::GetAtt': [role, 'RoleArn'] };
    },
    rule: 'built-in',
    says: /RoleArn/,
    measured: true,
  },
  {
    mistake: 'two resources that wait for each other',
    type: KEY,
    make: (resource: Json, template, logicalId) => {
      template.Resources.Waiting = { Type: 'AWS::SNS::Topic', Properties: {}, DependsOn: [logicalId] };
      resource.DependsOn = ['Waiting'];
    },
    rule: 'built-in',
    says: /[Cc]ircular/,
    measured: true,
  },
  {
    mistake: 'a resource type that does not exist',
    type: KEY,
    make: (_, template) => {
      template.Resources.Clock = { Type: 'AWS::EC2::PrecisionClock', Properties: {} };
    },
    rule: 'built-in',
    says: /AWS::EC2::PrecisionClock/,
    measured: true,
  },
];
