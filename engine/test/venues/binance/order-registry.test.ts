import { describe, expect, it } from '@jest/globals';
import { OrderRegistry } from '../../../src/venues/binance/order-registry.js';

/** More than the registry remembers. */
const MANY = 20_000;

describe('the registry of orders that have ended', () => {
  it('forgets none with a fill missing until that has been told', () => {
    const registry = new OrderRegistry();
    let sequence = 0;
    const next = () => registry.remember(1, ++sequence, 0);
    const endMany = () => {
      for (let i = 0; i < MANY; i++) registry.close(next());
    };
    const owed = next();
    owed.reported = 5;
    registry.close(owed);
    endMany();
    expect(registry.awaited()).toEqual([owed]);
    expect(registry.find(1, 2)).toBeUndefined();
    owed.cumQuantity = 5;
    endMany();
    expect(registry.awaited()).toEqual([]);
    expect(registry.find(1, owed.sequence)).toBeUndefined();
  });
});
