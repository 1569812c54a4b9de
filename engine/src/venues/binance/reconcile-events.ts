import {
  type Balance,
  type ClientOrderId,
  DecimalError,
  EventKind,
  type Instrument,
  LiquiditySide,
  type OrderAdopted,
  type OrderFilled,
  type OrderReport,
  OrderType,
  parseUnits,
  Side,
  TimeInForce,
} from '../../domain/index.js';
import type { AccountRow, OrderRow, TradeRow } from './account-queries.js';
import { orderStatusFrom } from './order-decoder.js';
import { RestError } from './rest-client.js';
import { amountOf, toBalance } from './user-stream.js';
import { toMicroseconds } from './venue-time.js';

/** Rows of the venue's lists as events. Each throws a RestError on a row that cannot be read: nothing is guessed. */

const SIDES: Readonly<Record<string, Side>> = { BUY: Side.Buy, SELL: Side.Sell };
const TYPES: Readonly<Record<string, OrderType>> = {
  MARKET: OrderType.Market,
  LIMIT: OrderType.Limit,
  LIMIT_MAKER: OrderType.Limit,
  STOP_LOSS: OrderType.StopMarket,
  STOP_LOSS_LIMIT: OrderType.StopLimit,
  TAKE_PROFIT: OrderType.TakeProfitMarket,
  TAKE_PROFIT_LIMIT: OrderType.TakeProfitLimit,
};
const TIMES: Readonly<Record<string, TimeInForce>> = {
  GTC: TimeInForce.GTC,
  IOC: TimeInForce.IOC,
  FOK: TimeInForce.FOK,
};

/** A number the instrument cannot hold means that its definition is out of date. */
export function unitsOf(text: string, precision: number): number {
  try {
    return parseUnits(text, precision);
  } catch (error) {
    if (error instanceof DecimalError) throw new RestError(error.message, true, error);
    throw error;
  }
}

export function sideOf(row: OrderRow): Side {
  return member(SIDES, row.side, 'side');
}

export function adoptionOf(row: OrderRow, id: ClientOrderId, instrument: Instrument): OrderAdopted {
  const { pricePrecision, sizePrecision } = instrument;
  return {
    kind: EventKind.OrderAdopted,
    tsEvent: Math.max(0, toMicroseconds(row.time ?? row.updateTime ?? 0)),
    tsInit: 0,
    epoch: id.epoch,
    sequence: id.sequence,
    instrument: instrument.index,
    side: sideOf(row),
    type: member(TYPES, row.type, 'type'),
    timeInForce: member(TIMES, row.timeInForce, 'time in force'),
    postOnly: row.type === 'LIMIT_MAKER',
    quantity: unitsOf(row.origQty, sizePrecision),
    price: unitsOf(row.price, pricePrecision),
    triggerPrice: unitsOf(row.stopPrice ?? '0', pricePrecision),
    venueOrderId: String(row.orderId),
  };
}

export function fillOf(trade: TradeRow, id: ClientOrderId, instrument: Instrument): OrderFilled {
  const fee = amountOf(trade.commission);
  if (fee === undefined) throw new RestError(`fee ${trade.commission} is no amount`, true);
  return {
    kind: EventKind.OrderFilled,
    tsEvent: Math.max(0, toMicroseconds(trade.time)),
    tsInit: 0,
    epoch: id.epoch,
    sequence: id.sequence,
    tradeId: String(trade.id),
    price: unitsOf(trade.price, instrument.pricePrecision),
    quantity: unitsOf(trade.qty, instrument.sizePrecision),
    liquidity: trade.isMaker ? LiquiditySide.Maker : LiquiditySide.Taker,
    feeAsset: trade.commissionAsset ?? instrument.quote,
    fee,
  };
}

export function reportOf(row: OrderRow, id: ClientOrderId, instrument: Instrument): OrderReport {
  const status = orderStatusFrom(row.status);
  if (status === undefined) throw new RestError(`order status ${row.status} is not known`, true);
  return {
    kind: EventKind.OrderReport,
    tsEvent: Math.max(0, toMicroseconds(row.updateTime ?? row.time ?? 0)),
    tsInit: 0,
    epoch: id.epoch,
    sequence: id.sequence,
    venueOrderId: String(row.orderId),
    status,
    cumQuantity: unitsOf(row.executedQty, instrument.sizePrecision),
  };
}

export function balancesOf({ balances, updateTime }: AccountRow, venue: number): Balance[] {
  const tsEvent = Math.max(0, toMicroseconds(updateTime ?? 0));
  return balances.map(({ asset, free, locked }) => {
    const balance = toBalance(asset, free, locked);
    if (balance === undefined) throw new RestError(`balance of ${asset} is no number`, true);
    return { kind: EventKind.Balance, tsEvent, tsInit: 0, venue, ...balance };
  });
}

function member<T>(names: Readonly<Record<string, T>>, name: string, what: string): T {
  const value = Object.hasOwn(names, name) ? names[name] : undefined;
  if (value === undefined) throw new RestError(`order ${what} ${name} is not known`, true);
  return value;
}
