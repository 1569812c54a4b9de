import { createHash } from 'node:crypto';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { startMoto } from '../functions/support/moto.js';
import { type Answer, HOST, has, put, run, temporaryFolder, testWith } from './support/tools.js';

// Programs are started by the dozen, on a machine that may be busy with other things.
jest.setTimeout(180_000);

const sha256 = (content: string | Uint8Array) => createHash('sha256').update(content).digest('hex');
const LOG = 'events-20261120T101112Z-0badcafe.log';
const OPEN = `TRADEWIND_SESSION__RECORD_TO=/var/lib/tradewind/records/${LOG}\n`;

/**
 * Stands for the AWS command line: objects are files, and S3's own rules hold: what is there is refused with 412, a body
 * that is not what its checksum says with BadDigest. `fail`: how many requests get no answer; `lie`: a wrong checksum.
 */
const AWS = `#!/bin/bash
cd "$AWS_STAND_IN"
echo "$*" >>calls
[ "$1 $2" = 's3api put-object' ] || exit 64
[ ! -e old ] || [[ $* != *--if-none-match* ]] || { echo 'aws: error: Unknown options: --if-none-match, *' >&2; exit 252; }
shift 2
while [ $# -gt 0 ]; do
  case $1 in --key) key=$2 ;; --body) body=$2 ;; --checksum-sha256) sum=$2 ;; --if-none-match) fresh=$2 ;; esac
  shift 2
done
left=$(cat fail 2>/dev/null || echo 0)
if [ "$left" -gt 0 ]; then echo $((left - 1)) >fail; echo 'Could not connect to the endpoint URL' >&2; exit 255; fi
[ "$(sha256sum <"$body" | cut -c 1-64 | python3 -c 'import base64,sys; print(base64.b64encode(bytes.fromhex(sys.stdin.read())).decode())')" = "$sum" ] ||
  { echo 'An error occurred (BadDigest)' >&2; exit 254; }
[ -e old ] || [ "$fresh" = '*' ] || exit 65
if [ -e "objects/$key" ]; then echo 'An error occurred (PreconditionFailed) when calling the PutObject operation' >&2; exit 254; fi
mkdir -p "objects/$(dirname "$key")"
cp "$body" "objects/$key"
if [ -e lie ]; then echo AAAA; else echo "$sum"; fi
`;

/** What the script needs of a host, as a tree of files. */
function host(): string {
  const root = temporaryFolder();
  put(
    root,
    'etc/tradewind/host.env',
    'TRADEWIND_HOST=primary\nTRADEWIND_ARCHIVE_BUCKET=tradewind-archive\nAWS_REGION=eu-west-1\n',
  );
  for (const folder of ['records', 'archive', 'metrics'])
    mkdirSync(join(root, 'var/lib/tradewind', folder), { recursive: true });
  return root;
}

const record = (root: string, name = LOG) => join(root, 'var/lib/tradewind/records', name);
const mark = (root: string) => join(root, 'var/lib/tradewind/archive/logs', LOG);
const gauge = (root: string, name: string) =>
  Number(
    new RegExp(`^tradewind_archive_${name} (\\S+)$`, 'm').exec(
      readFileSync(join(root, 'var/lib/tradewind/metrics/archive.prom'), 'utf8'),
    )![1],
  );
const age = (path: string, seconds: number) => {
  const then = Date.now() / 1000 - seconds;
  utimesSync(path, then, then);
};

const testArchive = testWith('bash', 'flock', 'python3', 'sha256sum');

describe('archive-records.sh (bash, flock, python3, sha256sum)', () => {
  let root: string;
  let cloud: string;
  const ship = (...args: string[]): Answer =>
    run(join(HOST, 'bin/archive-records.sh'), ['--retry-after', '0', ...args], {
      TRADEWIND_ROOT: root,
      AWS_STAND_IN: cloud,
      PATH: `${join(cloud, 'bin')}:${process.env.PATH}`,
    });
  const calls = () =>
    existsSync(join(cloud, 'calls')) ? readFileSync(join(cloud, 'calls'), 'utf8').trim().split('\n') : [];
  const objects = () => {
    const folder = join(cloud, 'objects');
    if (!existsSync(folder)) return [];
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
      .sort();
  };
  const content = (key: string) => readFileSync(join(cloud, 'objects', key), 'utf8');
  const standIn = (name: string, script: string) =>
    put(cloud, `bin/${name}`, `#!/bin/bash\n${script}\n`, 0o755);

  beforeEach(() => {
    root = host();
    cloud = temporaryFolder();
    put(cloud, 'bin/aws', AWS, 0o755);
  });

  testArchive('ships a closed event log and rotated logs once, by day and content', () => {
    put(root, `var/lib/tradewind/records/${LOG}`, 'every event');
    put(root, 'var/log/audit/audit.log', 'being written');
    put(root, 'var/log/audit/audit.log.1', 'who did what');
    put(root, 'var/log/tradewind/host.json.2.gz', 'verified');
    put(root, 'var/log/tradewind/engine.json.1', 'may still be written');
    for (const path of ['audit/audit.log.1', 'tradewind/host.json.2.gz'])
      utimesSync(join(root, 'var/log', path), 1_700_000_000, 1_700_000_000);
    expect(ship()).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(objects()).toEqual([
      `hosts/primary/2023/11/14/audit.log.${sha256('who did what')}`,
      `hosts/primary/2023/11/14/host.json.gz.${sha256('verified')}`,
      `hosts/primary/2026/11/20/${LOG}.000000000000000.${sha256('every event')}`,
    ]);
    expect(calls()[0]).toMatch(/--checksum-algorithm SHA256 --checksum-sha256 \S{44} --if-none-match \*/);
    expect(['backlog_files', 'backlog_bytes', 'failures'].map((name) => gauge(root, name))).toEqual([
      0, 0, 0,
    ]);
    // Rotated on: another number, the same record.
    put(root, 'var/log/audit/audit.log.2', 'who did what');
    rmSync(join(root, 'var/log/audit/audit.log.1'));
    expect(ship().code).toBe(0);
    expect(calls()).toHaveLength(3);
  });

  testArchive('ships a log that is being written in pieces, which together are the log', () => {
    put(root, 'run/tradewind/record.env', OPEN);
    put(root, `var/lib/tradewind/records/${LOG}`, '0123456789');
    const often = ['--piece-bytes', '4'];
    expect(ship(...often).code).toBe(0);
    // Two whole pieces; the rest is too small and too new.
    expect(objects().map(content)).toEqual(['0123', '4567']);
    expect([gauge(root, 'backlog_files'), gauge(root, 'backlog_bytes')]).toEqual([1, 2]);
    age(mark(root), 1000);
    expect(ship(...often).code).toBe(0);
    expect(objects().map(content)).toEqual(['0123', '4567', '89']);
    appendFileSync(record(root), 'ab');
    age(mark(root), 300);
    ship(...often);
    expect([objects().length, gauge(root, 'oldest_unshipped_seconds')]).toEqual([3, expect.any(Number)]);
    expect(Math.abs(gauge(root, 'oldest_unshipped_seconds') - 300)).toBeLessThan(30);
    rmSync(join(root, 'run/tradewind/record.env'));
    expect(ship(...often).code).toBe(0);
    expect(objects().map(content).join('')).toBe(readFileSync(record(root), 'utf8'));
    expect(gauge(root, 'backlog_files')).toBe(0);
  });

  testArchive('asks again, and after that leaves the rest to the next run', () => {
    put(root, `var/lib/tradewind/records/${LOG}`, 'every event');
    put(cloud, 'fail', '2');
    expect(ship()).toMatchObject({ code: 0 });
    expect(calls()).toHaveLength(3);
    for (let i = 0; i < 9; i += 1) put(root, `var/log/audit/audit.log.${i}`, `audit ${i}`);
    put(cloud, 'fail', '1000');
    const away = ship();
    expect(away).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/Could not connect to the endpoint/),
    });
    // Three records were tried four times each.
    expect([calls().length, gauge(root, 'failures'), gauge(root, 'backlog_files')]).toEqual([15, 3, 9]);
    put(cloud, 'fail', '0');
    expect(ship().code).toBe(0);
    expect([objects().length, gauge(root, 'backlog_files')]).toEqual([10, 0]);
  });

  testArchive(
    'cut off between the upload and its note, finds the object there and overwrites nothing',
    () => {
      put(root, `var/lib/tradewind/records/${LOG}`, 'every event');
      standIn('sync', 'kill -9 $PPID');
      writeFileSync(freshMark(root), '');
      expect(ship().code).not.toBe(0);
      expect([objects().length, readFileSync(mark(root), 'utf8')]).toEqual([1, '']);
      rmSync(join(cloud, 'bin/sync'));
      expect(ship()).toEqual({ code: 0, stdout: '', stderr: '' });
      expect(readFileSync(mark(root), 'utf8')).toBe(`0 11 ${sha256('every event')}\n`);
      expect([objects().length, calls().length]).toEqual([1, 2]);
    },
  );

  testArchive('ships with a command line that can not refuse to write over, as that of Debian 12', () => {
    put(root, `var/lib/tradewind/records/${LOG}`, 'every event');
    put(root, 'var/log/audit/audit.log.1', 'who did what');
    put(cloud, 'old', '');
    expect(ship()).toEqual({ code: 0, stdout: '', stderr: '' });
    expect([objects().length, calls().map((call) => call.includes('--if-none-match'))]).toEqual([
      2,
      [true, false, false],
    ]);
  });

  testArchive('believes no answer with another checksum', () => {
    put(root, `var/lib/tradewind/records/${LOG}`, 'every event');
    put(cloud, 'lie', '');
    expect(ship()).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/the archive answered with checksum AAAA, not /),
    });
    expect([gauge(root, 'failures'), gauge(root, 'backlog_files')]).toEqual([1, 1]);
    expect(readFileSync(mark(root), 'utf8')).toBe('');
  });

  testArchive('a full disk: what is shipped but can not be noted is not taken for archived', () => {
    put(root, `var/lib/tradewind/records/${LOG}`, 'every event');
    writeFileSync(freshMark(root), '');
    standIn('sync', 'echo "sync: No space left on device" >&2; exit 1');
    standIn('df', 'printf "avail size\\n0 100\\n"');
    age(record(root), 30 * 86_400);
    expect(ship()).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/shipped, which could not be noted: sync: No space left on device/),
    });
    expect(existsSync(record(root))).toBe(true);
    expect([gauge(root, 'backlog_files'), gauge(root, 'volume_free_percent')]).toEqual([1, 0]);
  });

  describe('where space is needed', () => {
    beforeEach(() => standIn('df', 'printf "avail size\\n10 100\\n"'));

    testArchive('deletes what is confirmed and old, and nothing else', () => {
      const names = ['a', 'b', 'c'].map((end) => `events-20261101T000000Z-${end}.log`);
      for (const name of names) put(root, `var/lib/tradewind/records/${name}`, `events of ${name}`);
      expect(ship().code).toBe(0);
      const [old, open, grown] = names as [string, string, string];
      for (const name of names) age(record(root, name), 8 * 86_400);
      put(root, 'run/tradewind/record.env', OPEN.replace(LOG, open));
      put(root, `var/lib/tradewind/records/${LOG}`, 'new');
      appendFileSync(record(root, grown), 'more');
      age(record(root, grown), 8 * 86_400);
      put(cloud, 'fail', '1000');
      expect(ship()).toMatchObject({
        code: 1,
        stdout: `archive-records: ${old} is archived: deleted for its space\n`,
      });
      expect(names.map((name) => existsSync(record(root, name)))).toEqual([false, true, true]);
      expect(existsSync(record(root))).toBe(true);
    });

    testArchive('leaves a log that was tampered with after it was archived, and says so', () => {
      put(root, `var/lib/tradewind/records/${LOG}`, 'every event');
      expect(ship().code).toBe(0);
      writeFileSync(record(root), 'every EVENT');
      age(record(root), 8 * 86_400);
      expect(ship()).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(
          /is not what was archived under its name: left for a person to compare/,
        ),
      });
      expect([existsSync(record(root)), gauge(root, 'failures')]).toEqual([true, 1]);
      expect(objects().map(content)).toEqual(['every event']);
    });
  });

  testArchive('deletes nothing while there is space, however old', () => {
    standIn('df', 'printf "avail size\\n50 100\\n"');
    put(root, `var/lib/tradewind/records/${LOG}`, 'every event');
    age(record(root), 400 * 86_400);
    expect(ship().code).toBe(0);
    expect(existsSync(record(root))).toBe(true);
  });

  testArchive('does not run twice at once', () => {
    const lock = join(root, 'var/lib/tradewind/archive/lock');
    const answer = run('flock', [lock, join(HOST, 'bin/archive-records.sh')], {
      TRADEWIND_ROOT: root,
      PATH: `${join(cloud, 'bin')}:${process.env.PATH}`,
    });
    expect(answer).toMatchObject({ code: 1, stderr: 'archive-records: another run is under way\n' });
  });
});

/** A mark that is there already, so that the first `sync` is that of the confirmation. */
function freshMark(root: string): string {
  mkdirSync(join(root, 'var/lib/tradewind/archive/logs'), { recursive: true });
  return mark(root);
}

describe('the archive itself (moto_server, the AWS command line)', () => {
  const runs = has('aws') && has('moto_server');
  const testS3 = runs ? testWith('bash', 'flock', 'sha256sum') : test.skip;
  let moto: Awaited<ReturnType<typeof startMoto>>;
  const env = () => ({
    PATH: process.env.PATH ?? '',
    HOME: '/nonexistent',
    AWS_ACCESS_KEY_ID: 'x',
    AWS_SECRET_ACCESS_KEY: 'x',
    AWS_DEFAULT_REGION: 'eu-west-1',
    AWS_ENDPOINT_URL: moto!.config.endpoint,
  });
  const aws = (...args: string[]) => {
    const { code, stdout, stderr } = run('aws', ['--output', 'json', 's3api', ...args], env());
    expect([code, stderr]).toEqual([0, '']);
    return stdout === '' ? {} : JSON.parse(stdout);
  };

  beforeAll(async () => {
    moto = runs ? await startMoto() : undefined;
  });
  afterAll(() => moto?.stop());

  testS3('(moto_server, aws, flock) takes records once, with their checksum, and locks them', () => {
    aws(
      'create-bucket',
      '--bucket',
      'tradewind-archive',
      '--object-lock-enabled-for-bucket',
      '--create-bucket-configuration',
      'LocationConstraint=eu-west-1',
    );
    aws(
      'put-object-lock-configuration',
      '--bucket',
      'tradewind-archive',
      '--object-lock-configuration',
      '{"ObjectLockEnabled":"Enabled","Rule":{"DefaultRetention":{"Mode":"COMPLIANCE","Days":2}}}',
    );
    const root = host();
    const ship = () => run(join(HOST, 'bin/archive-records.sh'), [], { ...env(), TRADEWIND_ROOT: root });
    put(root, `var/lib/tradewind/records/${LOG}`, 'every event');
    expect(ship()).toEqual({ code: 0, stdout: '', stderr: '' });
    // As after a crash that lost the note.
    rmSync(mark(root));
    expect(ship()).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(statSync(mark(root)).size).toBeGreaterThan(0);
    const { Versions } = aws('list-object-versions', '--bucket', 'tradewind-archive') as {
      Versions: { Key: string; VersionId: string }[];
    };
    expect(Versions.map(({ Key }) => Key)).toEqual([
      `hosts/primary/2026/11/20/${LOG}.000000000000000.${sha256('every event')}`,
    ]);
    const at = ['--bucket', 'tradewind-archive', '--key', Versions[0]!.Key];
    expect(aws('head-object', ...at, '--checksum-mode', 'ENABLED')).toMatchObject({
      ContentLength: 11,
      ChecksumSHA256: Buffer.from(sha256('every event'), 'hex').toString('base64'),
    });
    const removal = run(
      'aws',
      ['s3api', 'delete-object', ...at, '--version-id', Versions[0]!.VersionId],
      env(),
    );
    expect(removal).toMatchObject({
      code: expect.any(Number),
      stderr: expect.stringMatching(/AccessDenied/),
    });
  });
});
