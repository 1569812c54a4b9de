import { readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { requireFreshBuild } from '../../delivery/engine-release.js';
import {
  buildRelease,
  type EngineRelease,
  type ReleaseManifest,
  releasePointer,
} from '../../delivery/index.js';
import { productionPackages, releaseFile } from '../../delivery/release-files.js';
import { tarGzip } from '../../delivery/tar-archive.js';
import { repositoryPath } from '../../model/index.js';
import { filesBelow, isBuilt, put, run, temporaryFolder, testWith } from '../host/support/tools.js';

const CONFIG = 'venue: { environment: simulator, symbols: [BTCUSDT] }\n';

function unpack(archive: string): string {
  const folder = temporaryFolder();
  expect(run('tar', ['-xzf', archive, '-C', folder])).toMatchObject({ code: 0, stderr: '' });
  return folder;
}

const whenBuilt = isBuilt ? describe : describe.skip;

whenBuilt('an engine release (needs a built engine)', () => {
  let release: EngineRelease;
  let folder: string;
  let manifest: ReleaseManifest;

  beforeAll(() => {
    release = buildRelease({ out: temporaryFolder(), engineConfig: CONFIG });
    folder = unpack(release.archive);
    manifest = JSON.parse(readFileSync(join(folder, 'RELEASE.json'), 'utf8'));
  });

  test('is the same, byte for byte, when it is built again', () => {
    const again = buildRelease({ out: temporaryFolder(), engineConfig: CONFIG });
    expect({ ...again, archive: '' }).toEqual({ ...release, archive: '' });
    expect(readFileSync(again.archive).equals(readFileSync(release.archive))).toBe(true);
  });

  test('is another with another configuration, and one without any', () => {
    const other = buildRelease({ out: temporaryFolder(), engineConfig: `${CONFIG}# calmer\n` });
    const bare = buildRelease({ out: temporaryFolder() });
    expect(new Set([release, other, bare].map(({ version }) => version)).size).toBe(3);
    expect(run('tar', ['-tzf', bare.archive]).stdout).not.toMatch(/^engine\.yaml$/m);
  });

  test('says who it is in its version', () => {
    const engine = JSON.parse(readFileSync(repositoryPath('engine', 'package.json'), 'utf8'));
    expect(release.version).toMatch(/^\d+\.\d+\.\d+-(?:[0-9a-f]{7,}|unknown)-[0-9a-f]{8}$/);
    expect(manifest).toMatchObject({ version: release.version, node: engine.engines.node });
    expect(release.version).toBe(`${engine.version}-${manifest.commit}-${release.version.split('-').at(-1)}`);
  });

  test('holds what a host runs, each file under its sum', () => {
    const listed = Object.keys(manifest.files);
    for (const path of [
      'agent.mjs',
      'delivery/shadow.mjs',
      'delivery/tradewind-release.sh',
      'engine.yaml',
      'engine/bin/tradewind.mjs',
      'engine/dist/cli/main.js',
      'engine/package.json',
      'host/bootstrap.sh',
      'host/units/tradewind-engine.service',
      'node_modules/ws/package.json',
    ]) {
      expect(listed).toContain(path);
    }
    expect(readFileSync(join(folder, 'engine.yaml'), 'utf8')).toBe(CONFIG);
  });

  test('is accepted by the script that activates releases', () => {
    const root = temporaryFolder();
    put(root, 'opt/tradewind/releases/.keep', '');
    expect(run('cp', ['-a', folder, join(root, 'opt/tradewind/releases', release.version)]).code).toBe(0);
    const answer = run(join(folder, 'host/bin/activate-release.sh'), ['--root', root, release.version]);
    expect(answer).toMatchObject({ code: 0, stdout: expect.stringContaining('is current now') });
  });

  test('holds no development dependency, type, map or test tool', () => {
    const listed = Object.keys(manifest.files);
    expect(
      listed.filter((path) => /^node_modules\/(?:typescript|jest|@biomejs|@types|aws-cdk)/.test(path)),
    ).toEqual([]);
    expect(listed.filter((path) => /\.d\.[cm]?ts$|\.map$|\.tsbuildinfo$/.test(path))).toEqual([]);
  });

  test('trades from any folder, with nothing else of the repository', () => {
    const elsewhere = temporaryFolder();
    const config = join(elsewhere, 'engine.yaml');
    const summary = join(elsewhere, 'summary.json');
    writeFileSync(config, `${CONFIG}session: { stateDir: ${elsewhere}/state }\n`);
    const answer = run(
      'sh',
      [
        '-c',
        `cd ${elsewhere} && exec ${process.execPath} ${folder}/engine/bin/tradewind.mjs paper --for 4s --config ${config} --summary-json ${summary}`,
      ],
      { NODE_PATH: '' },
    );
    expect(answer.code).toBe(0);
    expect(JSON.parse(readFileSync(summary, 'utf8')).orders.acked).toBeGreaterThan(0);
  }, 60_000);
});

test('a pointer names what was uploaded', () => {
  const release = { version: '1.0.0-abc1234-00112233', archive: '/tmp/x.tar.gz', sha256: 'f'.repeat(64) };
  expect(releasePointer(release, { bucket: 'releases', key: 'one.gz' })).toEqual({
    version: '1.0.0-abc1234-00112233',
    bucket: 'releases',
    key: 'one.gz',
    sha256: 'f'.repeat(64),
  });
});

describe('an engine that is not built', () => {
  const engineWith = (builtAt: number | undefined, editedAt: number): string => {
    const folder = temporaryFolder();
    put(folder, 'src/kernel/kernel.ts', '');
    put(folder, 'tsconfig.json', '{}');
    utimesSync(join(folder, 'tsconfig.json'), 1, 1);
    utimesSync(join(folder, 'src/kernel/kernel.ts'), editedAt, editedAt);
    if (builtAt !== undefined) {
      put(folder, 'dist/.tsbuildinfo', '');
      utimesSync(join(folder, 'dist/.tsbuildinfo'), builtAt, builtAt);
    }
    return folder;
  };

  test('or was edited since is not delivered', () => {
    expect(() => requireFreshBuild(engineWith(undefined, 100))).toThrow(
      'the engine is not built: run npm run build first',
    );
    expect(() => requireFreshBuild(engineWith(100, 200))).toThrow(
      /kernel\.ts is newer than the built engine: run npm run build first/,
    );
    expect(() => requireFreshBuild(engineWith(200, 100))).not.toThrow();
  });
});

describe('the packages a package needs', () => {
  const tree = (files: Readonly<Record<string, object>>): string => {
    const root = temporaryFolder();
    for (const [path, manifest] of Object.entries(files)) {
      put(root, join(path, 'package.json'), JSON.stringify(manifest));
    }
    return root;
  };
  const packages = (root: string) =>
    productionPackages(join(root, 'app'), root).map((folder) => folder.slice(root.length + 1));

  test('are its dependencies and theirs, each in the version that Node would find', () => {
    const root = tree({
      app: { dependencies: { a: '1' }, devDependencies: { tool: '1' } },
      'node_modules/a': { dependencies: { b: '2', c: '1' } },
      'node_modules/a/node_modules/b': {},
      'node_modules/b': {},
      'node_modules/c': { dependencies: { b: '1', a: '1' } },
      'node_modules/tool': {},
    });
    expect(packages(root)).toEqual([
      'node_modules/a',
      'node_modules/a/node_modules/b',
      'node_modules/b',
      'node_modules/c',
    ]);
  });

  test('may lack an optional one, and no other', () => {
    const optional = tree({
      app: {
        optionalDependencies: { fast: '1' },
        peerDependencies: { peer: '1' },
        peerDependenciesMeta: { peer: { optional: true } },
      },
    });
    expect(packages(optional)).toEqual([]);
    const missing = tree({ app: { dependencies: { gone: '1' } } });
    expect(() => packages(missing)).toThrow(/app\/package\.json: gone is not installed; run npm ci/);
  });
});

describe('the archive', () => {
  testWith('tar')('is read by tar: names, contents, who may run it', () => {
    const long = `${'folder/'.repeat(20)}${'n'.repeat(90)}`;
    const archive = join(temporaryFolder(), 'a.tar.gz');
    writeFileSync(
      archive,
      tarGzip([
        releaseFile(long, 'x'.repeat(513)),
        releaseFile('run.sh', '#!/bin/sh\n'),
        releaseFile('empty', ''),
      ]),
    );
    const folder = unpack(archive);
    expect(filesBelow(folder)).toEqual(['empty', long, 'run.sh']);
    expect(readFileSync(join(folder, long), 'utf8')).toBe('x'.repeat(513));
    expect(readFileSync(join(folder, 'empty'), 'utf8')).toBe('');
    expect(run('tar', ['-tvzf', archive]).stdout).toMatch(
      /^-rwxr-xr-x root\/root .* 1970-01-01 .* run\.sh$/m,
    );
  });

  test('does not depend on the order files are given in', () => {
    const [a, b] = [releaseFile('a', '1'), releaseFile('b', '2')];
    expect(tarGzip([a, b]).equals(tarGzip([b, a]))).toBe(true);
  });

  test('refuses a path that no tar header takes', () => {
    expect(() => tarGzip([releaseFile('n'.repeat(101), '')])).toThrow(
      /the path is too long for a tar header/,
    );
  });
});
