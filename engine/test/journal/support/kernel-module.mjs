import { Kernel } from '../../../dist/kernel/index.js';

/** What the snapshot thread imports: a kernel without strategies, of the options in the journal. */
export function makeKernel({ config }) {
  return new Kernel({
    limits: {
      priceCollarBps: 0,
      maxPosition: {},
      maxOpenOrders: 0,
      orderRate: { perSecond: 0, burst: 1 },
    },
    strategies: [],
    staleAfterUs: config.staleAfterUs,
  });
}
