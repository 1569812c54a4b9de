/** lease/dynamo: the lease as one DynamoDB item. Apart, for it loads the AWS SDK. */
export * from './dynamo-lease-store.js';
