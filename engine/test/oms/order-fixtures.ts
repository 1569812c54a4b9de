import { expect } from '@jest/globals';
import { type Order, StateHash } from '../../src/domain/index.js';
import { OrderManager } from '../../src/oms/index.js';
import { intentOf } from './order-events.js';

export function managerAt(epoch = 1, options = {}): OrderManager {
  const manager = new OrderManager({ queryAfterUs: 1_000, maxQueryIntervalUs: 10_000, ...options });
  manager.startSession(epoch);
  return manager;
}

/** A submitted order of 10 at 100 and its manager. */
export function submitted(change = {}, options = {}): { manager: OrderManager; order: Order } {
  const manager = managerAt(1, options);
  const order = manager.create(intentOf(change), 0);
  expect(manager.markSubmitted(order, 0)).toBe(true);
  return { manager, order };
}

export function dueAt(manager: OrderManager, now: number): number[] {
  const sequences: number[] = [];
  manager.due(now, (order) => sequences.push(order.sequence));
  return sequences;
}

export function hashOf(manager: OrderManager): string {
  const hash = new StateHash();
  manager.hashInto(hash);
  return hash.digest();
}
