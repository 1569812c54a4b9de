/** Faults that act on the exchange at once: somebody fills, or the venue cancels, a client's order behind its back. */
import { OrderType, parseUnits, Side, TimeInForce } from '../../../domain/index.js';
import type { ExchangeOrder } from '../../matching/index.js';
import type { Venue } from '../venue.js';
import type { Fault } from './schema.js';

type OrderFault = Extract<Fault, { kind: 'fill' | 'cancel' }>;

/** Why an immediate fault could not be applied. */
export class FaultError extends Error {
  override readonly name = 'FaultError';
}

/** Enough for any book: each step takes a level, or a part of our own. */
const MAX_STEPS = 100_000;

export class OrderActions {
  readonly #venue: Venue;
  #taker: number | null = null;

  constructor(venue: Venue) {
    this.#venue = venue;
  }

  /** The order a fault means: by id, else the latest open order that fits. */
  #find(fault: OrderFault): ExchangeOrder {
    const { venue, account, symbol } = this.#scope(fault);
    const accounts = account === undefined ? venue.accounts : [account];
    const open = accounts
      .flatMap((one) => venue.exchange.openOrders(one.index, symbol))
      .filter((order) => fault.orderId === undefined || order.orderId === fault.orderId)
      .filter((order) => fault.clientOrderId === undefined || order.clientOrderId === fault.clientOrderId)
      .filter((order) => fault.kind === 'cancel' || order.onBook);
    const found = open.at(-1);
    if (found === undefined) throw new FaultError('no open order fits');
    return found;
  }

  #scope(fault: OrderFault) {
    const venue = this.#venue;
    const account = fault.account === undefined ? undefined : venue.accountNamed(fault.account);
    if (fault.account !== undefined && account === undefined)
      throw new FaultError(`no account ${fault.account}`);
    const symbol = fault.symbol === undefined ? undefined : venue.exchange.symbolIndex(fault.symbol);
    if (fault.symbol !== undefined && symbol === undefined) throw new FaultError(`no symbol ${fault.symbol}`);
    return { venue, account, symbol };
  }

  /** Applies the fault. Throws {@link FaultError}. */
  apply(fault: OrderFault): void {
    const order = this.#find(fault);
    if (fault.kind === 'cancel') {
      const { account, symbol, orderId, clientOrderId } = order;
      this.#venue.exchange.cancel(
        { account, symbol, orderId, cancelClientOrderId: clientOrderId },
        this.#venue.exchangeUs(),
      );
    } else {
      this.#fill(order, fault.quantity);
    }
    this.#venue.settle();
  }

  /** Takes everything ahead of the order, then the order. */
  #fill(order: ExchangeOrder, quantity: string | undefined): void {
    const { exchange } = this.#venue;
    const { symbol, side, price } = order;
    const wanted =
      quantity === undefined
        ? order.leavesQuantity
        : Math.min(order.leavesQuantity, parseUnits(quantity, this.#venue.spec(symbol).sizePrecision));
    if (wanted <= 0) throw new FaultError('quantity must be positive');
    const target = order.cumQuantity + wanted;
    this.#taker ??= exchange.addAccount({ internal: true });
    for (let step = 0; step < MAX_STEPS && order.cumQuantity < target && order.onBook; step++) {
      const top = exchange.top(symbol);
      const [best, size] = side === Side.Buy ? [top.bid, top.bidSize] : [top.ask, top.askSize];
      const ours = best === price;
      const result = exchange.place(
        {
          account: this.#taker,
          symbol,
          side: side === Side.Buy ? Side.Sell : Side.Buy,
          type: OrderType.Limit,
          timeInForce: TimeInForce.IOC,
          price: best,
          quantity: ours ? target - order.cumQuantity : size,
        },
        this.#venue.exchangeUs(),
      );
      if (!result.ok) throw new FaultError(result.error.message);
    }
  }
}
