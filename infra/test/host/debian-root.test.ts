import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import {
  HOST,
  has,
  isBuilt,
  isRoot,
  linkDependencies,
  putMachine,
  run,
  stageRelease,
  temporaryFolder,
  treeHash,
} from './support/tools.js';

/** Fetches packages from the Debian mirror: only where somebody asks for it. */
const asked = process.env.TRADEWIND_DEBIAN_ROOT === '1';
const testDebian =
  asked && isRoot && isBuilt && ['debootstrap', 'systemd-sysusers'].every(has) ? test : test.skip;
const MIRROR = process.env.TRADEWIND_DEBIAN_MIRROR ?? 'http://deb.debian.org/debian';

describe('bootstrap.sh in a Debian 12 of its own (TRADEWIND_DEBIAN_ROOT=1, debootstrap, root)', () => {
  testDebian(
    'installs packages, users, units and settings that the tools of that Debian accept, once',
    () => {
      const root = temporaryFolder();
      const made = run('debootstrap', [
        '--variant=minbase',
        '--include=systemd,procps',
        'bookworm',
        root,
        MIRROR,
      ]);
      expect([made.code, made.code === 0 ? '' : made.stdout.slice(-2_000)]).toEqual([0, '']);
      linkDependencies(root);
      const release = stageRelease(temporaryFolder(), '1.2.3');
      const bootstrap = () =>
        run(join(HOST, 'bootstrap.sh'), ['--root', root, '--role', 'single', '--release', release]);
      const inside = (...command: string[]) => run('chroot', [root, ...command]);

      const image = bootstrap();
      expect([image.code, image.stdout]).toEqual([
        0,
        expect.stringMatching(/^changed {2}packages: .*auditd.*chrony/m),
      ]);
      expect(image.stdout).toMatch(/^settings: left to the first boot/m);
      expect(inside('id', '-un', 'tradewind').code).toBe(0);
      expect(inside('systemctl', 'is-enabled', 'tradewind-tune.service').stdout).toBe('enabled\n');

      // The same machine at its first boot, as far as files tell.
      putMachine(root);
      const booted = bootstrap();
      expect([booted.code, booted.stderr]).toEqual([0, '']);
      expect(booted.stdout).toMatch(/^tune: [1-9]\d* changes, 0 failed/m);
      expect(inside('chronyd', '-p').stdout).toMatch(/^server 169\.254\.169\.123 /m);
      expect(inside('nft', '-c', '-f', '/etc/nftables.conf')).toEqual({ code: 0, stdout: '', stderr: '' });
      expect(inside('augenrules', '--check').stdout).toMatch(/Rules have changed and should be updated/);
      expect(inside('systemctl', 'is-enabled', 'nftables.service', 'auditd.service').stdout).toBe(
        'enabled\nenabled\n',
      );
      expect(inside('sysctl', '--dry-run', '-p', '/etc/sysctl.d/60-tradewind.conf').stdout).toMatch(
        /^net\.core\.busy_poll = 50$/m,
      );
      expect(readFileSync(join(root, 'etc/audit/rules.d/audit.rules'), 'utf8')).toMatch(
        /-k tradewind-config$/m,
      );
      expect(existsSync(join(root, 'usr/sbin/policy-rc.d'))).toBe(false);

      const before = treeHash(join(root, 'etc'));
      const again = bootstrap();
      expect(again.stdout).toMatch(/^bootstrap: 0 changes$/m);
      expect(treeHash(join(root, 'etc'))).toBe(before);
    },
    900_000,
  );
});
