import { comparePair } from './compare-pair.js';
import {
  CLIENT_ORDER_ID_FORMATS,
  ConnectionState,
  EventKind,
  type ExchangeOrder,
  isOpen,
  type Kernel,
  type Order,
  OrderStatus,
  parseClientOrderId,
  TradingState,
  VenueChannel,
} from './engine.js';
import type { Stage } from './faults.js';
import type { Judge } from './judge.js';
import type { PairNode } from './node/pair-node.js';
import type { PairSettings } from './node/settings.js';

/** Both nodes find together again while trading goes on. */
const REUNION_US = 800_000;
/** Long enough for two audits, so that what the private stream never told is found. */
const AUDITS_US = 1_100_000;
/** Whatever the venue has done by then has been told: no message of a healthy network takes as long. */
const TOLD_US = 50_000;
/** The rest of the journal reaches both disks. */
const DRAIN_US = 200_000;
const POLL_US = 50_000;
const PATIENCE_US = 6_000_000;
const ACCOUNT_ASSETS = ['BTC', 'USDT'];

/**
 * The end of a run: nothing goes wrong any more. The pair must find together, stop opening orders when told to, and then
 * agree with the venue about everything that ever happened, and with each other about every bit of it.
 */
export async function settle(stage: Stage, judge: Judge, settings: PairSettings): Promise<void> {
  const { world, venue, nodes } = stage;
  const everyoneMovesUs = Math.max(world.nowUs, ...nodes.map(({ stalledUntilUs }) => stalledUntilUs));
  await world.run(everyoneMovesUs + REUNION_US);
  if (!(await until(stage, judge, () => leaderOf(stage) !== undefined && isFollowed(stage)))) return;
  venue.quiet();
  const leader = leaderOf(stage)!;
  world.after(0, leader.process.trading, 'stop opening', () => {
    leader.leader!.engine.sink({
      ...{ kind: EventKind.TradingStateSet, tsEvent: 0, tsInit: 0 },
      ...{ state: TradingState.Reducing, who: 'chaos', why: 'the run is ending' },
    });
  });
  await world.run(world.nowUs + AUDITS_US);
  if (!(await until(stage, judge, () => isSettled(leaderOf(stage), world.nowUs - judge.executedUs)))) return;
  const survivor = leaderOf(stage)!;
  const kernel = survivor.kernel!;
  compareOrders(kernel, judge, knowsEverythingSent(settings));
  compareBalances(kernel, judge);
  if (judge.violation !== undefined) return;
  survivor.leader!.engine.close();
  await world.run(world.nowUs + DRAIN_US);
  comparePair(stage, judge, settings);
}

/**
 * Whoever has ever lived and does not lead follows. One whose connection hangs on a machine that is gone takes three seconds to
 * give it up.
 */
function isFollowed({ nodes }: Stage): boolean {
  return nodes.every(
    ({ life, leader, standby }) => life === 0 || leader !== undefined || standby?.isStreaming === true,
  );
}

/** The one that leads with the venue connected, when there is exactly one. */
function leaderOf({ nodes }: Stage): PairNode | undefined {
  const leaders = nodes.filter(({ leader }) => leader !== undefined);
  return leaders.length === 1 ? leaders[0] : undefined;
}

/**
 * Nothing is on its way: neither what we asked of the venue nor, `sinceUs` after the last thing that happened to an order
 * of ours there, the word of it. The answer to a cancel and the balance it frees come on connections of their own.
 */
export function isSettled(node: Pick<PairNode, 'leader' | 'kernel'> | undefined, sinceUs: number): boolean {
  const view = node?.kernel?.view;
  if (node?.leader === undefined || view === undefined || sinceUs < TOLD_US) return false;
  for (const channel of [VenueChannel.Orders, VenueChannel.User]) {
    if (view.connection(0, channel) !== ConnectionState.Up) return false;
  }
  return view.orders.inFlightCount === 0;
}

/** Waits for it; a breach when it never comes. */
async function until(stage: Stage, judge: Judge, condition: () => boolean): Promise<boolean> {
  const { world, nodes } = stage;
  const deadline = world.nowUs + PATIENCE_US;
  while (judge.violation === undefined) {
    if (condition()) return true;
    if (world.nowUs >= deadline) {
      const state = nodes.map((node) => `${node.name} ${node.role}, ${describe(node.kernel)}`);
      judge.breach(
        'did not settle',
        `${state.join('; ')}, ${(world.nowUs / 1e6).toFixed(1)} s after the start`,
      );
      return false;
    }
    await world.run(world.nowUs + POLL_US);
  }
  return false;
}

function describe(kernel: Kernel | undefined): string {
  if (kernel === undefined) return 'without a kernel';
  const { orders } = kernel.view;
  return `${orders.inFlightCount} orders in flight, orders channel ${kernel.view.connection(0, VenueChannel.Orders)}`;
}

/** Every order and fill the venue acknowledged is known, once; and what is open here is open there. */
function compareOrders(kernel: Kernel, judge: Judge, knowsAll: boolean): void {
  const { orders } = kernel.view;
  const venue = judge.venue!;
  for (const [id, accepted] of judge.accepted) {
    const { epoch, sequence } = parseClientOrderId(CLIENT_ORDER_ID_FORMATS.binance, id)!;
    const theirs = venue.venue.exchange.order({
      account: venue.account,
      symbol: 0,
      orderId: accepted.orderId,
    })!;
    const ours = orders.find(epoch, sequence);
    // Canceled without a fill: no venue lists it any more, and nothing came of it.
    if (ours === null && !knowsAll && isGone(theirs)) continue;
    if (ours === null) return void judge.breach('order lost', `${id}, ${theirs.status} at the venue`);
    compareOrder(id, ours, theirs, judge);
  }
  const open = judge.openOrders().length;
  if (open !== orders.openCount) {
    judge.breach('open orders differ', `${open} at the venue, ${orders.openCount} in the store`);
  }
  if (judge.foreignOrders() !== venue.foreign) {
    judge.breach('foreign order touched', `${judge.foreignOrders()} rest of ${venue.foreign}`);
  }
  const { quantity } = kernel.view.position(0);
  if (quantity !== judge.position) {
    judge.breach('position differs', `${judge.position} at the venue, ${quantity} in the store`);
  }
  if (orders.counters.fills !== judge.fills.length) {
    const more = orders.counters.fills > judge.fills.length;
    judge.breach(
      more ? 'fill counted twice' : 'fill lost',
      `${judge.fills.length} at the venue, ${orders.counters.fills} in the store`,
    );
  }
}

/** Whether orders wait until whoever may take over knows of them. */
function knowsEverythingSent({ durability, alone }: PairSettings): boolean {
  return durability === 'replicated-before-send' || (alone && durability === 'fsync-before-send');
}

function isGone({ status, cumQuantity }: ExchangeOrder): boolean {
  return cumQuantity === 0 && status !== 'NEW';
}

function compareOrder(id: string, ours: Order, theirs: ExchangeOrder, judge: Judge): void {
  const what = `${id}: ${theirs.cumQuantity} filled at the venue, ${ours.cumQuantity} in the store`;
  if (ours.cumQuantity < theirs.cumQuantity) return void judge.breach('fill lost', what);
  if (ours.cumQuantity > theirs.cumQuantity) return void judge.breach('fill counted twice', what);
  if (ours.cumCost !== theirs.cumQuote / quoteUnit(theirs)) {
    return void judge.breach(
      'fill lost',
      `${id}: paid ${theirs.cumQuote} at the venue, ${ours.cumCost} in the store`,
    );
  }
  const isOpenThere = theirs.status === 'NEW' || theirs.status === 'PARTIALLY_FILLED';
  if (isOpen(ours.status) !== isOpenThere) {
    const name = Object.entries(OrderStatus).find(([, status]) => status === ours.status)![0];
    judge.breach('open orders differ', `${id}: ${theirs.status} at the venue, ${name} in the store`);
  }
}

/** The exchange counts money in 10^-18, the store in price units times size units. */
function quoteUnit({ cumQuantity, cumQuote }: ExchangeOrder): bigint {
  return cumQuantity === 0 || cumQuote === 0n ? 1n : 10n ** 11n;
}

function compareBalances(kernel: Kernel, judge: Judge): void {
  const venue = judge.venue!;
  for (const asset of ACCOUNT_ASSETS) {
    const theirs = venue.venue.exchange.balance(venue.account, asset);
    const ours = kernel.view.portfolio.balances.get(0, asset);
    if (ours?.free === theirs.free && ours.locked === theirs.locked) continue;
    judge.breach(
      'balance differs',
      `${asset}: ${theirs.free} free and ${theirs.locked} locked at the venue, ${ours?.free} and ${ours?.locked} in the store`,
    );
  }
}
