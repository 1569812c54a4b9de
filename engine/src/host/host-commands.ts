import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { HostRoot } from './host-root.js';

export interface CommandAnswer {
  /** Exit code; 127 when there is no such command. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a machine's own commands (`ethtool`, `systemctl`, `chronyc`, ...). */
export type RunCommand = (name: string, args: readonly string[]) => CommandAnswer;

/** Stand-ins of a machine that is not this one lie here below its root: nothing of this machine is ever run for it. */
export const STAND_INS = '/run/tradewind/stand-ins';

const FOLDERS = ['/usr/sbin', '/usr/bin', '/sbin', '/bin'];
/** `update-grub` probes disks; everything else answers at once. */
const PATIENCE_MS = 120_000;

export function commandsOf(root: HostRoot): RunCommand {
  const folders = root.live ? FOLDERS : [root.real(STAND_INS)];
  return (name, args) => {
    const path = folders.map((folder) => join(folder, name)).find((candidate) => existsSync(candidate));
    if (path === undefined) return { code: 127, stdout: '', stderr: `${name} is not installed` };
    const env = { PATH: `${FOLDERS.join(':')}`, LC_ALL: 'C', TRADEWIND_ROOT: root.prefix };
    const done = spawnSync(path, args, { encoding: 'utf8', timeout: PATIENCE_MS, env });
    const stderr = done.error === undefined ? done.stderr : done.error.message;
    return { code: done.status ?? 1, stdout: done.stdout ?? '', stderr: stderr.trim() };
  };
}
