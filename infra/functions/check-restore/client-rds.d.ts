// The one call this function makes; Lambda's runtime brings the client, the repository does not install it.
declare module '@aws-sdk/client-rds' {
  export interface DBInstance {
    DBInstanceStatus?: string;
    StorageEncrypted?: boolean;
  }
  export class DescribeDBInstancesCommand {
    constructor(input: { DBInstanceIdentifier: string });
  }
  export class RDSClient {
    constructor(config: Record<string, never>);
    send(command: DescribeDBInstancesCommand): Promise<{ DBInstances?: DBInstance[] }>;
  }
}
