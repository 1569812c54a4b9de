import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, test } from '@jest/globals';

export const REPOSITORY = fileURLToPath(new URL('../../../../', import.meta.url));
/** The plain files under test. */
export const HOST = join(REPOSITORY, 'infra', 'host');
export const ENGINE = join(REPOSITORY, 'engine');

const TOOL_FOLDERS = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/sbin'];

export function has(tool: string): boolean {
  return TOOL_FOLDERS.some((folder) => existsSync(join(folder, tool)));
}

/** `test` where all tools are there, a skip otherwise: name the tools in the title. */
export function testWith(...tools: string[]): typeof test | typeof test.skip {
  return tools.every(has) ? test : test.skip;
}

/** Only root may change owners, make users and enter other roots. */
export const isRoot = process.getuid?.() === 0;
/** The engine as it is shipped needs a build. */
export const isBuilt = existsSync(join(ENGINE, 'dist', 'cli', 'main.js'));

export interface Answer {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end, without what this test process has in its environment. */
export function run(program: string, args: readonly string[], env: Record<string, string> = {}): Answer {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    encoding: 'utf8',
    env: { PATH: TOOL_FOLDERS.join(':'), LC_ALL: 'C', HOME: '/nonexistent', ...env },
    maxBuffer: 64 * 1024 * 1024,
  });
  if (error !== undefined) throw error;
  return { code: status, stdout, stderr };
}

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tradewind-host-'));
  folders.push(folder);
  return folder;
}

export function put(root: string, path: string, text: string, mode = 0o644): void {
  const real = join(root, path);
  mkdirSync(dirname(real), { recursive: true });
  writeFileSync(real, text, { mode });
}

/** All files below a folder, sorted; links are files. */
export function filesBelow(folder: string): string[] {
  const found: string[] = [];
  const walk = (at: string) => {
    for (const entry of readdirSync(at, { withFileTypes: true })) {
      const path = join(at, entry.name);
      if (entry.isDirectory()) walk(path);
      else found.push(relative(folder, path));
    }
  };
  walk(folder);
  return found.sort();
}

/** One digest over names, permissions, owners and contents of everything below a folder. */
export function treeHash(folder: string): string {
  const hash = createHash('sha256');
  for (const path of filesBelow(folder)) {
    const real = join(folder, path);
    const { mode, uid, gid } = lstatSync(real);
    const content = lstatSync(real).isSymbolicLink() ? readlinkSync(real) : readFileSync(real);
    hash.update(`${path}\0${mode}\0${uid}:${gid}\0`).update(content);
  }
  return hash.digest('hex');
}

/** A release of this very engine, as a folder: its dependencies are found above it, see {@link linkDependencies}. */
export function stageRelease(folder: string, version: string): string {
  const release = join(folder, version);
  mkdirSync(release, { recursive: true });
  for (const part of ['bin', 'dist', 'config', 'package.json']) {
    cpSync(join(ENGINE, part), join(release, 'engine', part), { recursive: true });
  }
  cpSync(HOST, join(release, 'host'), { recursive: true });
  writeManifest(release, version);
  return release;
}

export function writeManifest(release: string, version: string): void {
  const sums = filesBelow(release)
    .filter((path) => path !== 'RELEASE.json')
    .map((path) => [
      path,
      createHash('sha256')
        .update(readFileSync(join(release, path)))
        .digest('hex'),
    ]);
  const manifest = { version, files: Object.fromEntries(sums) };
  writeFileSync(join(release, 'RELEASE.json'), `${JSON.stringify(manifest, null, 2)}\n`);
}

/** Node looks for packages in every folder above a file: one link instead of a copy of all of them. */
export function linkDependencies(root: string): void {
  mkdirSync(join(root, 'opt/tradewind'), { recursive: true });
  symlinkSync(join(REPOSITORY, 'node_modules'), join(root, 'opt/tradewind/node_modules'));
}

/** A small running Debian machine as a tree of files: eight cores, a boot loader, systemd's stand-in. */
export function fakeDebian(): string {
  const root = temporaryFolder();
  put(root, 'etc/os-release', 'ID=debian\nVERSION_ID="12"\n');
  put(root, 'etc/passwd', 'root:x:0:0:root:/root:/bin/bash\n');
  put(root, 'etc/group', 'root:x:0:\n');
  put(root, 'etc/default/grub', 'GRUB_CMDLINE_LINUX=""\n');
  put(root, 'boot/grub/grub.cfg', '\tlinux /vmlinuz ro\n');
  putMachine(root);
  const standIn = (name: string, script: string) =>
    put(root, `run/tradewind/stand-ins/${name}`, `#!/bin/sh\ncd "$TRADEWIND_ROOT"\n${script}\n`, 0o755);
  standIn(
    'update-grub',
    `words=$(sed -n 's/^GRUB_CMDLINE_LINUX="$GRUB_CMDLINE_LINUX \\(.*\\)"$/\\1/p' etc/default/grub.d/*.cfg)
printf '\\tlinux /vmlinuz ro %s\\n' "$words" > boot/grub/grub.cfg`,
  );
  standIn(
    'systemctl',
    `mkdir -p etc/systemd/system/multi-user.target.wants
case $1 in
enable) ln -sf /usr/lib/systemd/system/$2 etc/systemd/system/multi-user.target.wants/$2 ;;
mask) ln -sf /dev/null etc/systemd/system/$2 ;;
esac`,
  );
  for (const unit of ['chrony', 'nftables', 'auditd', 'irqbalance']) {
    put(root, `usr/lib/systemd/system/${unit}.service`, '[Install]\nWantedBy=multi-user.target\n');
  }
  return root;
}

/** What a kernel of an eight-core guest shows in /proc and /sys, as far as settings look at it. */
export function putMachine(root: string): void {
  put(root, 'sys/devices/system/cpu/online', '0-7\n');
  put(root, 'proc/cmdline', 'root=/dev/vda1\n');
  put(root, 'proc/meminfo', 'MemTotal: 16000000 kB\n');
  put(root, 'proc/cpuinfo', 'vendor_id\t: GenuineIntel\nflags\t\t: hypervisor tsc\n');
  put(root, 'proc/sys/kernel/osrelease', '6.1.0\n');
  const table = readFileSync(join(HOST, 'knobs.yaml'), 'utf8');
  for (const [, key] of table.matchAll(/kind: sysctl\n\s+target: (\S+)/g)) {
    put(root, `proc/sys/${key!.replaceAll('.', '/')}`, '7\n');
  }
}
