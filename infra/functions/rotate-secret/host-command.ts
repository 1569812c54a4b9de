import {
  GetCommandInvocationCommand,
  InvocationDoesNotExist,
  SendCommandCommand,
  type SSMClient,
} from '@aws-sdk/client-ssm';

export interface HostCommandOptions {
  readonly ssm: SSMClient;
  readonly sleep: (ms: number) => Promise<void>;
  readonly pollEveryMs: number;
  readonly timeoutMs: number;
}

const PENDING = new Set(['Pending', 'InProgress', 'Delayed', 'Cancelling']);

export interface HostCommandResult {
  readonly succeeded: boolean;
  readonly status: string;
  readonly output: string;
}

/** Runs a command document on one host and waits for its end; a command that did not end in time did not succeed. */
export async function runOnHost(
  { ssm, sleep, pollEveryMs, timeoutMs }: HostCommandOptions,
  document: string,
  instanceId: string,
  parameters: Readonly<Record<string, string>>,
): Promise<HostCommandResult> {
  const { Command } = await ssm.send(
    new SendCommandCommand({
      DocumentName: document,
      InstanceIds: [instanceId],
      Parameters: Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, [value]])),
    }),
  );
  for (let waited = 0; waited < timeoutMs; waited += pollEveryMs) {
    await sleep(pollEveryMs);
    try {
      const found = await ssm.send(
        new GetCommandInvocationCommand({ CommandId: Command?.CommandId, InstanceId: instanceId }),
      );
      const status = found.Status ?? 'Pending';
      if (PENDING.has(status)) continue;
      return { succeeded: status === 'Success', status, output: found.StandardOutputContent ?? '' };
    } catch (error) {
      // A moment after it was sent the command is not known on the host yet.
      if (!(error instanceof InvocationDoesNotExist)) throw error;
    }
  }
  return { succeeded: false, status: `not ended within ${timeoutMs} ms`, output: '' };
}
