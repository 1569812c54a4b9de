const LIMITS = {
  maxOrderQuantity: '1',
  priceCollarBps: 500,
  maxPosition: { BTCUSDT: '1' },
  maxOpenOrders: 10,
  orderRate: { perSecond: 1_000, burst: 1_000 },
  circuitBreakerBps: 500,
};

/** A kernel's options: one market maker on BTCUSDT, of whichever tree it is, under limits that check everything. */
export function marketMaking(MarketMaker) {
  const strategy = new MarketMaker({
    symbol: 'BTCUSDT',
    spreadBps: 1,
    minSpreadBps: 0,
    orderSize: '0.01',
    maxInventory: '0.2',
    inventorySkewBps: 1,
    repriceIntervalMs: 100,
    repriceThresholdBps: 0.1,
    orderTimeoutMs: 10_000,
  });
  return { strategies: [strategy], limits: LIMITS, staleAfterUs: 5_000_000 };
}
