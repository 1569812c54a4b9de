import { buildSync } from 'esbuild';
import { infraPath, repositoryPath } from '../model/index.js';
import { type ReleaseFile, releaseFile } from './release-files.js';

const ROOMS = ['config', 'domain', 'journal', 'kernel', 'wiring'];

/** The shadow's tool as one file that uses the engine and the packages of the release it lies in: it compares with them. */
export function bundleShadowTool(): ReleaseFile {
  const { outputFiles } = buildSync({
    absWorkingDir: repositoryPath(),
    entryPoints: [infraPath('delivery', 'shadow', 'main.ts')],
    write: false,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    alias: Object.fromEntries(
      ROOMS.map((room) => [`@tradewind/engine/${room}`, `../engine/dist/${room}/index.js`]),
    ),
    external: ['../engine/dist/*', 'commander', 'yaml'],
    charset: 'utf8',
    legalComments: 'none',
    logLevel: 'error',
    banner: { js: '#!/usr/bin/env node' },
  });
  return releaseFile('delivery/shadow.mjs', outputFiles[0]!.contents);
}
