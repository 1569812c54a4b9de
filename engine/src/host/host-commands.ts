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

/** Stand-ins for the commands of a tree that only looks like a machine lie here below its root. */
export const STAND_INS = '/run/tradewind/stand-ins';

/** Commands that change files of an image and nothing else: run within it when it is one. All others would reach this machine. */
const IMAGE_COMMANDS = new Set(['systemctl', 'update-grub', 'grubby']);

const FOLDERS = ['/usr/sbin', '/usr/bin', '/sbin', '/bin'];
/** `update-grub` probes disks; everything else answers at once. */
const PATIENCE_MS = 120_000;

/** Where a command of the machine is, and how to run it. */
function resolveCommand(root: HostRoot, name: string): { program: string; before: string[] } | undefined {
  const first = (folders: readonly string[]) =>
    folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
  if (root.live) {
    const program = first(FOLDERS);
    return program === undefined ? undefined : { program, before: [] };
  }
  const standIn = first([root.real(STAND_INS)]);
  if (standIn !== undefined) return { program: standIn, before: [] };
  if (!IMAGE_COMMANDS.has(name) || process.getuid?.() !== 0) return undefined;
  if (first(FOLDERS.map((folder) => root.real(folder))) === undefined) return undefined;
  return { program: 'chroot', before: [root.prefix, name] };
}

export function commandsOf(root: HostRoot): RunCommand {
  return (name, args) => {
    const found = resolveCommand(root, name);
    if (found === undefined) return { code: 127, stdout: '', stderr: `${name} is not installed` };
    const env = { PATH: FOLDERS.join(':'), LC_ALL: 'C', TRADEWIND_ROOT: root.prefix };
    const options = { encoding: 'utf8', timeout: PATIENCE_MS, env } as const;
    const done = spawnSync(found.program, [...found.before, ...args], options);
    const stderr = done.error === undefined ? done.stderr : done.error.message;
    return { code: done.status ?? 1, stdout: done.stdout ?? '', stderr: stderr.trim() };
  };
}
