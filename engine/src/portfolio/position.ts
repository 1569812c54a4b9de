import {
  type Amount,
  amountToNumber,
  type BinaryReader,
  type BinaryWriter,
  type Instrument,
  notional,
  Side,
  type StateHash,
} from '../domain/index.js';
import { ceilDivide } from './rounding.js';

/** One instrument's position as everyone outside may see it. Money is in the quote asset. */
export interface PositionView {
  readonly instrument: Instrument;
  /** Signed, in size units: positive is long. */
  readonly quantity: number;
  /** What the open quantity cost: positive for a long position, minus the proceeds for a short one. */
  readonly costBasis: Amount;
  /** Average entry price in quote per base, for display only; 0 when flat. */
  readonly averagePrice: number;
  /** Profit of everything closed so far, before fees. */
  readonly realized: Amount;
  /** Money received minus money paid for the base asset, before fees. */
  readonly cashFlow: Amount;
  /** Fees in the quote asset, and in the base asset at the price of their fill (rounded up). Rebates are negative. */
  readonly feesInQuote: Amount;
  /** Bought and sold so far, in size units. */
  readonly buyQuantity: number;
  readonly sellQuantity: number;
  readonly fills: number;
  /** Profit of closing everything at `markPrice` (price units), before fees. */
  unrealized(markPrice: number): Amount;
}

/**
 * A position by average cost. Exact: `realized + unrealized(mark) = cashFlow + quantity × mark` to the last 10^-18, after
 * any fills. A division happens only when part of a position is closed; what it rounds off stays in the cost basis.
 */
export class Position implements PositionView {
  /** Replaced when the venue changes the rules; never its precisions or assets. */
  instrument: Instrument;
  quantity = 0;
  costBasis: Amount = 0n;
  realized: Amount = 0n;
  cashFlow: Amount = 0n;
  feesInQuote: Amount = 0n;
  buyQuantity = 0;
  sellQuantity = 0;
  fills = 0;

  constructor(instrument: Instrument) {
    this.instrument = instrument;
  }

  get averagePrice(): number {
    if (this.quantity === 0) return 0;
    const perUnit = this.costBasis * 10n ** BigInt(this.instrument.sizePrecision);
    return amountToNumber(perUnit / BigInt(this.quantity));
  }

  unrealized(markPrice: number): Amount {
    if (this.quantity === 0) return 0n;
    return notional(this.instrument, markPrice, this.quantity) - this.costBasis;
  }

  /** Books a fill of `quantity` (positive, size units) at `price`. */
  fill(side: Side, price: number, quantity: number): void {
    const before = this.quantity;
    const value = notional(this.instrument, price, quantity);
    this.fills++;
    if (side === Side.Buy) {
      this.buyQuantity += quantity;
      this.quantity = before + quantity;
      this.cashFlow -= value;
    } else {
      this.sellQuantity += quantity;
      this.quantity = before - quantity;
      this.cashFlow += value;
    }
    const signed = side === Side.Buy ? value : -value;
    const held = Math.abs(before);
    const closes = before !== 0 && before > 0 === (side === Side.Sell);
    if (!closes) {
      this.costBasis += signed;
    } else if (quantity >= held) {
      const closing = notional(this.instrument, price, held);
      const signedClosing = side === Side.Buy ? closing : -closing;
      this.realized += -signedClosing - this.costBasis;
      this.costBasis = signed - signedClosing;
    } else {
      const released = (this.costBasis * BigInt(quantity)) / BigInt(held);
      this.realized += -signed - released;
      this.costBasis -= released;
    }
  }

  /**
   * Books a fee (positive is paid) of the fill at `price`. Returns false when its asset is neither base nor quote, so
   * that it has no price here.
   */
  fee(asset: string, amount: Amount, price: number): boolean {
    const { base, quote, pricePrecision } = this.instrument;
    if (asset === quote) this.feesInQuote += amount;
    else if (asset === base) {
      this.feesInQuote += ceilDivide(amount * BigInt(price), 10n ** BigInt(pricePrecision));
    } else return false;
    return true;
  }

  hashInto(hash: StateHash): void {
    hash.int(this.quantity).int(this.buyQuantity).int(this.sellQuantity).int(this.fills);
    hash.big(this.costBasis).big(this.realized).big(this.cashFlow).big(this.feesInQuote);
  }

  save(out: BinaryWriter): void {
    out.number(this.quantity);
    out.number(this.buyQuantity);
    out.number(this.sellQuantity);
    out.number(this.fills);
    out.big(this.costBasis);
    out.big(this.realized);
    out.big(this.cashFlow);
    out.big(this.feesInQuote);
  }

  load(input: BinaryReader): void {
    this.quantity = input.integer('position');
    this.buyQuantity = input.integer('quantity bought', 0);
    this.sellQuantity = input.integer('quantity sold', 0);
    this.fills = input.integer('fills', 0);
    this.costBasis = input.big();
    this.realized = input.big();
    this.cashFlow = input.big();
    this.feesInQuote = input.big();
  }
}
