import { expect, it } from '@jest/globals';
import { OrderStatus, Side } from '../../../src/domain/index.js';
import { World } from './reconcile-world.js';

const balanceOf = (world: World, asset: string) => world.exchange.balance(world.us, asset);
const known = (world: World, asset: string) => world.process.kernel.view.portfolio.balances.get(0, asset)!;

it('an audit tells the balance of an account event that never came', async () => {
  const world = await World.begin();
  world.process.trade(Side.Buy, 9_990_00, 30_000);
  world.deliver();
  const { free, locked } = balanceOf(world, 'USDT');
  expect(locked > 0n).toBe(true);
  expect(known(world, 'USDT')).toMatchObject({ free, locked });

  world.cancel(0);
  const lost = world.wire.filter((message) => message.includes('outboundAccountPosition'));
  expect(lost).toHaveLength(1);
  world.wire.splice(0, world.wire.length, ...world.wire.filter((message) => !lost.includes(message)));
  world.deliver();
  expect(world.process.kernel.view.orders.find(1, 1)!.status).toBe(OrderStatus.Canceled);
  // The order is gone and what it locked is not: so far only the venue knows better.
  expect(known(world, 'USDT')).toMatchObject({ free, locked });

  expect(await world.process.reconciler.audit(() => false)).toBe(true);
  expect(known(world, 'USDT')).toMatchObject({ free: free + locked, locked: 0n });
});
