import { AMOUNT_SCALE, type Instrument } from '../domain/index.js';

/** What the market maker is told. Basis points are of the middle price. */
export interface MarketMakingParams {
  /** Venue symbol, e.g. `BTCUSDT`. The first instrument of that symbol is traded. */
  readonly symbol: string;
  /** Distance between our bid and our ask. */
  readonly spreadBps: number;
  /** Quote only while the others' spread (our own quotes taken out) is at least this; 0 quotes always. */
  readonly minSpreadBps: number;
  /** Size of a quote, decimal text of the base asset. Less is quoted where the inventory leaves no room for it. */
  readonly orderSize: string;
  /** Largest position, long or short, decimal text of the base asset. */
  readonly maxInventory: string;
  /** How far both quotes move against the position when it is at the maximum: down when long, up when short. */
  readonly inventorySkewBps: number;
  /** Shortest time between two quotes on one side. 0: on every change of the book. */
  readonly repriceIntervalMs: number;
  /** A quote stays where it is while the price wanted is no further from it than this. */
  readonly repriceThresholdBps: number;
  /** A quote older than this is replaced. */
  readonly orderTimeoutMs: number;
}

/** Throws a RangeError naming the first parameter that cannot work. */
export function checkParams(params: MarketMakingParams): void {
  const fail = (field: keyof MarketMakingParams, must: string): never => {
    throw new RangeError(`market maker: ${field} must be ${must}, was ${JSON.stringify(params[field])}`);
  };
  if (params.symbol === '') fail('symbol', 'a venue symbol');
  if (!(params.spreadBps > 0 && params.spreadBps < 10_000)) fail('spreadBps', 'above 0 and below 10000');
  for (const field of ['minSpreadBps', 'inventorySkewBps', 'repriceThresholdBps'] as const) {
    if (!(params[field] >= 0 && params[field] < 10_000)) fail(field, 'from 0 to below 10000');
  }
  if (!(params.repriceIntervalMs >= 0 && Number.isFinite(params.repriceIntervalMs))) {
    fail('repriceIntervalMs', '0 or more');
  }
  if (!(params.orderTimeoutMs > 0 && Number.isFinite(params.orderTimeoutMs))) {
    fail('orderTimeoutMs', 'above 0');
  }
  for (const field of ['orderSize', 'maxInventory'] as const) {
    if (!/^\d+(\.\d+)?$/.test(params[field]) || Number(params[field]) === 0)
      fail(field, 'a decimal number above 0');
  }
}

/** The parameters in one instrument's units. */
export interface QuoteSizing {
  readonly orderSize: number;
  readonly maxInventory: number;
  /** Smallest order value, in price units × size units. */
  readonly minNotional: number;
}

/** Throws a RangeError when the instrument cannot be quoted with these parameters at all. */
export function sizingFor(params: MarketMakingParams, instrument: Instrument): QuoteSizing {
  const { sizePrecision, pricePrecision, sizeIncrement, minQuantity, minNotional } = instrument;
  const units = (text: string) => {
    const [whole, fraction = ''] = text.split('.') as [string, string?];
    const value = Number(whole + fraction.slice(0, sizePrecision).padEnd(sizePrecision, '0'));
    return value - (value % sizeIncrement);
  };
  const orderSize = units(params.orderSize);
  const maxInventory = units(params.maxInventory);
  if (orderSize === 0 || orderSize < minQuantity || !Number.isSafeInteger(orderSize)) {
    throw new RangeError(`market maker: orderSize ${params.orderSize} is not tradable on ${instrument.id}`);
  }
  if (!Number.isSafeInteger(maxInventory) || maxInventory < orderSize) {
    throw new RangeError(
      `market maker: maxInventory ${params.maxInventory} must be at least orderSize ${params.orderSize}`,
    );
  }
  const perProduct = 10n ** BigInt(AMOUNT_SCALE - pricePrecision - sizePrecision);
  return { orderSize, maxInventory, minNotional: Number((minNotional + perProduct - 1n) / perProduct) };
}
