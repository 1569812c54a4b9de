import { createHash } from 'node:crypto';
import { existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, jest, test } from '@jest/globals';
import { filesBelow, HOST, put, run, temporaryFolder, testWith } from './support/tools.js';

// Programs are started by the dozen, on a machine that may be busy with other things.
jest.setTimeout(120_000);

const testMount = testWith('bash', 'blkid', 'mkfs.ext4');
const VOLUME = 'vol-0123456789abcdef0';
const SIZE = 64 * 1024 * 1024;

describe('mount-data.sh (blkid, mkfs.ext4)', () => {
  let root: string;
  let device: string;
  const mount = (...args: string[]) =>
    run(join(HOST, 'bin/mount-data.sh'), ['--volume', VOLUME, '--root', root, '--wait', '0', ...args]);
  const fstab = () => readFileSync(join(root, 'etc/fstab'), 'utf8');
  const digest = () => createHash('sha256').update(readFileSync(device)).digest('hex');

  /** A volume under the name its NVMe id gives it; a file does what a device would. */
  beforeEach(() => {
    root = temporaryFolder();
    device = join(root, `dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_${VOLUME.replace('-', '')}`);
    put(root, 'etc/fstab', 'UUID=1234 / ext4 defaults 0 1\n');
    put(root, device.slice(root.length), '');
    truncateSync(device, SIZE);
  });

  testMount('gives an empty volume a file system, once', () => {
    expect(mount()).toMatchObject({ code: 0, stdout: expect.stringMatching(/was empty: formatted/) });
    expect(fstab()).toMatch(
      /^UUID=1234 \/ ext4 defaults 0 1\nUUID=[0-9a-f-]{36} \/var\/lib\/tradewind ext4 noatime,nodev,nosuid,noexec,nofail,.* 0 2\n$/,
    );
    const [formatted, entries] = [digest(), fstab()];
    expect(mount()).toEqual({ code: 0, stdout: '', stderr: '' });
    expect([digest(), fstab()]).toEqual([formatted, entries]);
  });

  testMount('mounts a volume that comes with a file system, and changes no byte of it', () => {
    run('mkfs.ext4', ['-q', '-F', '-L', 'journal', device]);
    const before = digest();
    expect(mount()).toMatchObject({ code: 0, stdout: expect.not.stringMatching(/formatted/) });
    expect(digest()).toBe(before);
    expect(fstab()).toMatch(/ \/var\/lib\/tradewind ext4 /);
  });

  testMount('replaces the entry of a volume that was there before', () => {
    put(root, 'etc/fstab', 'LABEL=old /var/lib/tradewind xfs defaults 0 2\nUUID=1234 / ext4 defaults 0 1\n');
    mount();
    expect(fstab()).toMatch(/^UUID=1234 \/ ext4 defaults 0 1\nUUID=\S+ \/var\/lib\/tradewind ext4 [^\n]+\n$/);
  });

  testMount('leaves alone whatever else is on a volume', () => {
    const partitioned = Buffer.alloc(SIZE);
    // An MBR with one Linux partition.
    Buffer.from('000201008303202000080000000800000000', 'hex').copy(partitioned, 446);
    partitioned.writeUInt16LE(0xaa55, 510);
    const unknown = Buffer.alloc(SIZE);
    unknown.write('somebody keeps raw data here', 4096);
    const swap = Buffer.alloc(SIZE);
    swap.write('LVM2 001', 512 + 24);
    for (const [content, message] of [
      [partitioned, /but no file system: left alone|left alone/],
      [unknown, /holds data of a form that is not known: left alone; empty it by hand/],
      [swap, /left alone/],
    ] as const) {
      writeFileSync(device, content);
      const before = digest();
      expect(mount()).toMatchObject({ code: 1, stderr: expect.stringMatching(message) });
      expect(digest()).toBe(before);
      expect(fstab()).not.toMatch(/tradewind/);
    }
  });

  const GENERATOR = '/usr/lib/systemd/system-generators/systemd-fstab-generator';
  const testGenerator = existsSync(GENERATOR) ? testMount : test.skip;
  testGenerator(
    'a volume that is attached late is waited for, not given up (systemd-fstab-generator)',
    () => {
      mount();
      const out = temporaryFolder();
      run(GENERATOR, [out, out, out], { SYSTEMD_FSTAB: join(root, 'etc/fstab') });
      const timeout = filesBelow(out).find((path) => path.endsWith('device-timeout.conf'));
      expect(readFileSync(join(out, timeout!), 'utf8')).toMatch(/^JobRunningTimeoutSec=infinity$/m);
      // The rest of the machine comes up meanwhile.
      expect(readFileSync(join(out, 'var-lib-tradewind.mount'), 'utf8')).not.toMatch(
        /^Before=local-fs\.target$/m,
      );
    },
  );

  testMount('changes nothing with --dry-run', () => {
    const before = digest();
    expect(mount('--dry-run')).toMatchObject({ code: 0, stdout: expect.stringMatching(/^would {4}format /) });
    expect(digest()).toBe(before);
  });

  testMount.each<[string[], RegExp]>([
    [['--volume', 'vol-abc'], /"vol-abc" is no EBS volume id such as vol-0123456789abcdef0/],
    [['--volume', '/dev/sda'], /"\/dev\/sda" is no EBS volume id/],
    [['--volume', 'vol-0fffffffffffffff0'], /did not appear within 0 s: is vol-0fffffffffffffff0 attached\?/],
    [['--format'], /--format: no such option/],
  ])('refuses %j', (args, message) => {
    expect(mount(...args)).toMatchObject({ code: 1, stderr: expect.stringMatching(message) });
  });
});
