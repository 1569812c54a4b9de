import { type Json, type Mutation, on } from './mutation.js';

const DATABASE = 'AWS::RDS::DBInstance';
const CACHE = 'AWS::ElastiCache::ReplicationGroup';
const KAFKA = 'AWS::MSK::Cluster';
const TABLE = 'AWS::DynamoDB::Table';

/** Mistakes on databases, cache, Kafka and tables. */
export const STORE_MUTATIONS: readonly Mutation[] = [
  {
    mistake: 'an unencrypted database',
    type: DATABASE,
    make: on((database) => {
      database.StorageEncrypted = false;
      delete database.KmsKeyId;
    }),
    rule: 'TW-DATA-01',
    says: /StorageEncrypted is false/,
    measured: true,
  },
  {
    mistake: 'a database under the default key',
    type: DATABASE,
    make: on((database) => {
      delete database.KmsKeyId;
    }),
    rule: 'TW-DATA-01',
    says: /no KmsKeyId/,
  },
  {
    mistake: 'a database that can be deleted with one call',
    type: DATABASE,
    make: on((database) => {
      database.DeletionProtection = false;
    }),
    rule: 'TW-DATA-01',
    says: /DeletionProtection is false/,
  },
  {
    mistake: 'a public database',
    type: DATABASE,
    make: on((database) => {
      database.PubliclyAccessible = true;
    }),
    rule: 'TW-DATA-01',
    says: /reachable from the internet/,
    measured: true,
  },
  {
    mistake: 'a database password in the template',
    type: DATABASE,
    make: on((database) => {
      delete database.ManageMasterUserPassword;
      database.MasterUserPassword = 'correct-horse-battery';
    }),
    rule: 'TW-DATA-02',
    says: /MasterUserPassword is given/,
    measured: true,
  },
  {
    mistake: 'storage as a word',
    type: DATABASE,
    make: on((database) => {
      database.BackupRetentionPeriod = 'a week';
    }),
    rule: 'built-in',
    says: /a week|integer|type/i,
    measured: true,
  },
  {
    mistake: 'a database that lasts longer than a backup may',
    type: DATABASE,
    make: on((database) => {
      database.BackupRetentionPeriod = 99;
    }),
    rule: 'built-in',
    says: /99|35/,
    measured: true,
  },
  {
    mistake: 'Redis failover with one node',
    type: CACHE,
    make: on((cache) => {
      cache.NumCacheClusters = 1;
      cache.AutomaticFailoverEnabled = true;
      delete cache.NumNodeGroups;
      delete cache.ReplicasPerNodeGroup;
    }),
    rule: 'TW-DATA-03',
    says: /AutomaticFailoverEnabled with 1 node/,
    measured: true,
  },
  {
    mistake: 'Redis over two zones that does not fail over',
    type: CACHE,
    make: on((cache) => {
      cache.MultiAZEnabled = true;
      cache.AutomaticFailoverEnabled = false;
    }),
    rule: 'TW-DATA-03',
    says: /Multi-AZ without automatic failover/,
  },
  {
    mistake: 'Redis in clear text',
    type: CACHE,
    make: on((cache) => {
      cache.TransitEncryptionEnabled = false;
    }),
    rule: 'TW-DATA-04',
    says: /TransitEncryptionEnabled is false/,
  },
  {
    mistake: 'four brokers over three subnets',
    type: KAFKA,
    make: on((kafka) => {
      kafka.BrokerNodeGroupInfo.ClientSubnets = ['subnet-0aaaaaaa', 'subnet-0bbbbbbb', 'subnet-0ccccccc'];
      kafka.NumberOfBrokerNodes = 4;
    }),
    rule: 'TW-DATA-05',
    says: /4 brokers over 3 subnets/,
    measured: true,
  },
  {
    mistake: 'a Kafka version that does not exist',
    type: KAFKA,
    make: on((kafka) => {
      kafka.KafkaVersion = '9.9.9';
    }),
    rule: 'TW-DATA-06',
    says: /"9\.9\.9" is not one of/,
    measured: true,
  },
  {
    mistake: 'Kafka clients in clear text',
    type: KAFKA,
    make: on((kafka) => {
      kafka.EncryptionInfo.EncryptionInTransit.ClientBroker = 'TLS_PLAINTEXT';
    }),
    rule: 'TW-DATA-07',
    says: /clients connect with TLS_PLAINTEXT/,
  },
  {
    mistake: 'a lease table without point-in-time recovery',
    type: TABLE,
    make: on((table) => {
      delete table.PointInTimeRecoverySpecification;
    }),
    rule: 'TW-DATA-08',
    says: /PointInTimeRecoveryEnabled.*absent/,
  },
  {
    mistake: 'a key attribute that is not defined',
    type: TABLE,
    make: on((table) => {
      table.KeySchema[0].AttributeName = 'leader';
    }),
    rule: 'built-in',
    says: /leader|AttributeDefinitions/,
    measured: true,
  },
  {
    mistake: 'a required property left out',
    type: TABLE,
    make: on((table) => {
      delete table.KeySchema;
    }),
    rule: 'built-in',
    says: /KeySchema/,
    measured: true,
  },
  {
    mistake: 'a table that is deleted with its stack',
    type: TABLE,
    make: (resource) => {
      delete resource.DeletionPolicy;
    },
    rule: 'TW-KEEP-01',
    says: /DeletionPolicy is absent/,
  },
  {
    mistake: 'a database that is deleted when it is replaced',
    type: DATABASE,
    make: (resource: Json) => {
      resource.UpdateReplacePolicy = 'Delete';
    },
    rule: 'TW-KEEP-01',
    says: /UpdateReplacePolicy is Delete/,
  },
];
