import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { INFRA_LAYERS } from '../infra-layers.mjs';
import { DETERMINISTIC, lintFile, lintInfraFile, lintTree, ROOMS } from '../lint-rooms.mjs';

const messages = (path, text) => lintFile(path, text).map(({ message }) => message);

describe('the order of rooms', () => {
  it('accepts an import of an earlier room by its index', () => {
    expect(messages('book/a.ts', "import { Side } from '../domain/index.js';")).toEqual([]);
    expect(messages('wiring/a.ts', "import { x } from '../venues/binance/index.js';")).toEqual([]);
  });

  it('refuses each later room from each room', () => {
    for (const [index, room] of ROOMS.entries()) {
      for (const later of ROOMS.slice(index + 1)) {
        expect(messages(`${room}/a.ts`, `import type { X } from '../${later}/index.js';`)).toContain(
          `${room} imports ${later}, a later room: imports point up the list only`,
        );
      }
    }
  });

  it('refuses re-exports and dynamic imports of a later room', () => {
    expect(messages('domain/a.ts', "export * from '../oms/index.js';")).toHaveLength(1);
    expect(messages('venues/a.ts', "const x = import('../wiring/index.js');")).toHaveLength(1);
  });

  it('refuses to reach past an index', () => {
    expect(messages('wiring/a.ts', "import { x } from '../book/price-level-book.js';")).toEqual([
      'imports book/price-level-book.js: a room is entered by its index.js',
    ]);
  });

  it('refuses a folder that is no room, and a file that is too long', () => {
    expect(messages('utils/a.ts', '')).toEqual(['utils is no room of the engine']);
    expect(messages('cli/a.ts', '\n'.repeat(401))[0]).toMatch(/^has 401 lines/);
  });

  it('lets only risk make an approved order', () => {
    const text = 'const x = order as ApprovedOrder;';
    expect(messages('risk/a.ts', text)).toEqual([]);
    expect(messages('kernel/a.ts', text)).toEqual(['only the risk room makes an ApprovedOrder']);
  });
});

describe('the deterministic rooms', () => {
  const banned = {
    'a clock (Date)': 'const t = Date.now();',
    'a clock (new Date)': 'const t = new Date();',
    'a clock (performance)': 'const t = performance.now();',
    'a clock (hrtime)': 'const t = process.hrtime.bigint();',
    randomness: 'const r = Math.random();',
    'a timer': 'setTimeout(() => {}, 1);',
    'an interval': 'setInterval(() => {}, 1);',
    'I/O by module': "import { readFileSync } from 'node:fs';",
    'I/O by global': "fetch('x');",
    'a package': "import { WebSocket } from 'ws';",
    'an async function': 'async function f() {}',
    'an async arrow': 'const f = async () => 1;',
    'an async method': 'class A { async m() {} }',
    await: 'const x = await y;',
    'a promise': 'const p = new Promise(() => {});',
    'a promise type': 'function f(): Promise<void> {}',
    'a dynamic import': "const x = import('./b.js');",
    'the way around': 'globalThis.Date.now();',
    'an aliased clock': 'const { now } = Date;',
    'a clock in shorthand': 'const x = { performance };',
  };
  for (const [what, text] of Object.entries(banned)) {
    it(`refuse ${what}`, () => {
      for (const room of DETERMINISTIC) expect(messages(`${room}/a.ts`, text)).not.toEqual([]);
      expect(messages('cli/a.ts', text)).toEqual([]);
    });
  }

  it('may name a property, a member or a type member like a banned global', () => {
    const text = 'interface A { process: number } class B { fetch() { return this.a.performance; } }';
    expect(messages('kernel/a.ts', text)).toEqual([]);
  });

  it('take types, and only types, from telemetry', () => {
    expect(messages('kernel/a.ts', "import type { Counter } from '../telemetry/index.js';")).toEqual([]);
    expect(messages('kernel/a.ts', "import { type Counter } from '../telemetry/index.js';")).toEqual([]);
    expect(messages('kernel/a.ts', "import { systemClock } from '../telemetry/index.js';")).toHaveLength(1);
  });
});

it('the engine itself obeys', () => {
  const { problems, files } = lintTree(fileURLToPath(new URL('../../engine/src', import.meta.url)));
  expect(files).toBeGreaterThan(10);
  expect(problems).toEqual([]);
});

describe('the layers of infra', () => {
  it('accepts what points up and refuses each later layer', () => {
    for (const [index, layer] of INFRA_LAYERS.entries()) {
      for (const [other, name] of INFRA_LAYERS.entries()) {
        const found = lintInfraFile(`${layer}/deep/a.ts`, `export { x } from '../../${name}/index.js';`);
        expect(found).toHaveLength(other > index ? 1 : 0);
      }
    }
  });

  it('refuses folders that are no layer, and files too long to read', () => {
    expect(lintInfraFile('cdk/a.ts', "import { x } from '../host/x.js';")).toEqual([
      { line: 1, message: 'imports ../host/x.js: host is no layer of infra' },
    ]);
    expect(lintInfraFile('cdk/a.ts', '\n'.repeat(401))).toHaveLength(1);
  });

  it('holds in the tree as it is', () => {
    for (const layer of INFRA_LAYERS) {
      const root = fileURLToPath(new URL(`../../infra/${layer}`, import.meta.url));
      expect(lintTree(root, layer, lintInfraFile).problems).toEqual([]);
    }
  });
});
