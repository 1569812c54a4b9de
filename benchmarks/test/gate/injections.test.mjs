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

  itBuilt.each(WORKLOADS)(
    '%s does its work',
    async (name) => {
      const { allocated } = await measureAllocation(name, HEAD_TREE);
      expect(Number.isFinite(allocated)).toBe(true);
    },
    60_000,
  );
});
