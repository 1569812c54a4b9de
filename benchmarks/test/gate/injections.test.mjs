import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { measureAllocation } from '../../gate/deterministic.mjs';
import { INJECTIONS, inject } from '../../gate/injections.mjs';
import { HEAD_TREE } from '../../gate/trees.mjs';
import { WORKLOADS } from '../../gate/workload.mjs';

const built = existsSync(join(HEAD_TREE, 'engine/dist/venues/index.js'));
const itBuilt = built ? it : it.skip;

describe('the gate on a built engine', () => {
  itBuilt.each(Object.keys(INJECTIONS))('an injected %s still decodes', async (name) => {
    const { path, remove } = inject(name, HEAD_TREE);
    try {
      const { BinanceDecoder } = await import(
        pathToFileURL(join(path, 'engine/dist/venues/binance/market-decoder.js')).href
      );
      const decoder = new BinanceDecoder([]);
      const kinds = new Set(
        Array.from({ length: 20 }, () => decoder.decode(Buffer.from('{"result":null,"id":1}'))),
      );
      expect(kinds.size).toBe(1);
      expect(decoder.injected).not.toBeUndefined();
    } finally {
      remove();
    }
  });

  itBuilt(
    'sees one object a message',
    async () => {
      const { path, remove } = inject('allocation', HEAD_TREE);
      try {
        const [base, head] = [
          await measureAllocation('decode', HEAD_TREE),
          await measureAllocation('decode', path),
        ];
        expect(head.allocated - base.allocated).toBeGreaterThanOrEqual(16);
        expect(head.allocated - base.allocated).toBeLessThan(100);
        expect((await measureAllocation('decode', HEAD_TREE)).allocated).toBeCloseTo(base.allocated, 6);
      } finally {
        remove();
      }
    },
    120_000,
  );

  /** Bytes an operation, on a line that is warm. An object takes 16 at least. */
  const MOST = { decode: 4, book: 4, kernel: 150, risk: 1, encode: 1, journal: 1, telemetry: 1 };
  itBuilt.each(WORKLOADS)(
    '%s does its work, and allocates no more than it may',
    async (name) => {
      const { allocated } = await measureAllocation(name, HEAD_TREE);
      expect(allocated).toBeGreaterThanOrEqual(0);
      expect(allocated).toBeLessThan(MOST[name]);
    },
    60_000,
  );
});
