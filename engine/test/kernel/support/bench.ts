import {
  type CommandKind,
  type CommandList,
  type ConnectionState,
  DenialReason,
  EventKind,
  type KernelEvent,
  CommandKind as Kinds,
  LiquiditySide,
  nameOf,
  type Order,
  Side,
  type TradingState,
  type VenueChannel,
} from '../../../src/domain/index.js';
import { Kernel, type KernelOptions } from '../../../src/kernel/index.js';
import type { StrategyContext } from '../../../src/strategies/index.js';
import { bookUpdate, instrument, opening, openLimits, START } from './fixtures.js';
import { intent, ScriptedStrategy } from './scripted-strategy.js';

/** Microseconds. */
export const SECOND = 1_000_000;

/** An event without what the bench fills in. */
export interface Loose {
  readonly kind: KernelEvent['kind'];
  readonly [field: string]: unknown;
}

/** A kernel with one scripted strategy, one instrument, every channel up and a valid book; and shorthands to drive it. */
export class Bench {
  readonly strategy = new ScriptedStrategy();
  readonly kernel: Kernel;
  now = START;
  #updateId = 0;

  constructor(options: Partial<KernelOptions> = {}, others: readonly ScriptedStrategy[] = []) {
    this.kernel = new Kernel({
      limits: openLimits,
      strategies: [this.strategy, ...others],
      staleAfterUs: SECOND,
      queryAfterUs: SECOND,
      ...options,
    });
    for (const event of opening([instrument()])) this.kernel.apply(event);
    this.book();
    this.strategy.calls.length = 0;
  }

  get view() {
    return this.kernel.view;
  }

  /** Applies an event at the bench's time; answers with the names of the commands. */
  apply(event: Loose): string[] {
    return names(this.kernel.apply({ tsEvent: 0, tsInit: this.now, ...event } as KernelEvent));
  }

  book(bid = 9_999_00, ask = 10_001_00): string[] {
    const id = ++this.#updateId;
    const kind = EventKind.BookSnapshot;
    return names(
      this.kernel.apply(bookUpdate(kind, this.now, 0, [id, id], [[bid, 50_000]], [[ask, 50_000]])),
    );
  }

  timer(later = 0): string[] {
    this.now += later;
    return this.apply({ kind: EventKind.Timer });
  }

  /** Does something inside a strategy's call, and answers with the commands of the event. */
  act(what: (context: StrategyContext) => void): string[] {
    this.strategy.on.trade = what;
    const commands = this.apply({
      kind: EventKind.Trade,
      instrument: 0,
      tradeId: 1,
      price: 1,
      quantity: 1,
      aggressor: Side.Buy,
    });
    this.strategy.on.trade = undefined;
    return commands;
  }

  /** A submitted order. */
  submit(changes: Parameters<typeof intent>[0] = {}): Order {
    let order: Order | undefined;
    this.act((context) => {
      order = context.submit(intent(changes));
    });
    return order!;
  }

  tell(order: Order, event: Loose): string[] {
    return this.apply({ epoch: order.epoch, sequence: order.sequence, ...event });
  }

  accept(order: Order): string[] {
    return this.tell(order, { kind: EventKind.OrderAccepted, venueOrderId: `v${order.sequence}` });
  }

  fill(order: Order, quantity = order.leavesQuantity, tradeId = 't1'): string[] {
    return this.tell(order, {
      kind: EventKind.OrderFilled,
      tradeId,
      price: order.price,
      quantity,
      liquidity: LiquiditySide.Maker,
      feeAsset: 'USDT',
      fee: 0n,
    });
  }

  connection(channel: VenueChannel, state: ConnectionState): string[] {
    return this.apply({ kind: EventKind.Connection, venue: 0, channel, state });
  }

  state(state: TradingState): string[] {
    return this.apply({ kind: EventKind.TradingStateSet, state, who: 'test', why: 'test' });
  }
}

/** The commands in words, such as `Cancel 3`. */
function names(commands: CommandList): string[] {
  return Array.from({ length: commands.length }, (_, i) => {
    const command = commands.at(i);
    const name = nameOf(Kinds, command.kind as CommandKind);
    if (command.kind === Kinds.Deny) return `${name} ${nameOf(DenialReason, command.reason)}`;
    return `${name} ${command.order.sequence}`;
  });
}
