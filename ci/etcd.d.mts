import type { ChildProcess } from 'node:child_process';

export function findEtcd(): string | undefined;
export function startEtcd(): Promise<{
  /** Client URL. */
  readonly endpoint: string;
  readonly child: ChildProcess;
  stop(): Promise<void>;
}>;
