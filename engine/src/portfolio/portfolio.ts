import type { Amount, BinaryReader, BinaryWriter, Instrument, Side, StateHash } from '../domain/index.js';
import { BalanceDrift } from './balance-drift.js';
import { BalanceSheet } from './balance-sheet.js';
import { EquityTracker, type PnlView } from './equity-tracker.js';
import { Position, type PositionView } from './position.js';

/** Positions of every instrument, profit and loss per quote asset, fees per asset, balances per venue and asset. */
export class Portfolio {
  readonly balances = new BalanceSheet();
  readonly drift = new BalanceDrift();
  readonly #positions: Position[] = [];
  readonly #trackers: EquityTracker[] = [];
  /** Per instrument: which tracker, and which line in it. */
  readonly #trackerOf: number[] = [];
  readonly #lineOf: number[] = [];
  readonly #fees = new Map<string, Amount>();
  #unpricedFees = 0;

  /** Makes room for an instrument. They come in index order, each once. */
  define(instrument: Instrument): void {
    const position = new Position(instrument);
    this.#positions[instrument.index] = position;
    let tracker = this.#trackers.findIndex(({ asset }) => asset === instrument.quote);
    if (tracker < 0) tracker = this.#trackers.push(new EquityTracker(instrument.quote)) - 1;
    this.#trackerOf[instrument.index] = tracker;
    this.#lineOf[instrument.index] = this.#trackers[tracker]!.add(position);
    this.balances.define(instrument);
    this.drift.define(instrument);
  }

  /** The venue changed an instrument's rules. Precisions and assets are what they were: the caller has seen to it. */
  redefine(instrument: Instrument): void {
    this.#positions[instrument.index]!.instrument = instrument;
    this.balances.redefine(instrument);
  }

  /**
   * Books a fill: `price` and `quantity` in the instrument's units, `fee` positive when paid. A fee in the base or quote
   * asset also lowers net profit; a fee in a third asset is only counted in {@link fees}.
   */
  onFill(
    instrument: Instrument,
    side: Side,
    price: number,
    quantity: number,
    feeAsset: string,
    fee: Amount,
  ): void {
    const { index } = instrument;
    const position = this.#positions[index]!;
    position.fill(side, price, quantity);
    this.drift.onFill(instrument, side, price, quantity, feeAsset, fee);
    if (fee !== 0n) {
      this.#fees.set(feeAsset, (this.#fees.get(feeAsset) ?? 0n) + fee);
      if (!position.fee(feeAsset, fee, price)) this.#unpricedFees++;
    }
    this.#trackers[this.#trackerOf[index]!]!.settle(this.#lineOf[index]!, price);
  }

  /** Takes in an instrument's best bid and ask (price units). True when that changed the equity. Allocates nothing. */
  mark(instrument: number, bid: number, ask: number): boolean {
    return this.#trackers[this.#trackerOf[instrument]!]!.mark(this.#lineOf[instrument]!, bid, ask);
  }

  /** The last best ask an instrument was marked with (or the price of a fill before), 0 when there was none. */
  lastAsk(instrument: number): number {
    return this.#trackers[this.#trackerOf[instrument]!]!.lastAsk(this.#lineOf[instrument]!);
  }

  /** Starts a new day of profit and loss when `now` lies in one. */
  rollDay(now: number): void {
    for (let i = 0; i < this.#trackers.length; i++) this.#trackers[i]!.rollDay(now);
  }

  /** Forgets peaks and day losses; see {@link EquityTracker.rebase}. */
  rebase(): void {
    for (let i = 0; i < this.#trackers.length; i++) this.#trackers[i]!.rebase();
  }

  position(instrument: number): PositionView {
    return this.#positions[instrument]!;
  }

  get positions(): readonly PositionView[] {
    return this.#positions;
  }

  /** Profit and loss per quote asset, in the order the assets appeared. */
  get pnl(): readonly PnlView[] {
    return this.#trackers;
  }

  /** The equity tracker an instrument's position counts in. */
  equityOf(instrument: number): EquityTracker {
    return this.#trackers[this.#trackerOf[instrument]!]!;
  }

  get trackers(): readonly EquityTracker[] {
    return this.#trackers;
  }

  /** Fees paid so far, by asset. */
  get fees(): ReadonlyMap<string, Amount> {
    return this.#fees;
  }

  /** Fills whose fee was in an asset with no price here, and so is missing from net profit. */
  get unpricedFees(): number {
    return this.#unpricedFees;
  }

  hashInto(hash: StateHash): void {
    for (const position of this.#positions) position.hashInto(hash);
    for (const tracker of this.#trackers) tracker.hashInto(hash);
    for (const [asset, fee] of this.#fees) hash.text(asset).big(fee);
    hash.int(this.#unpricedFees);
    this.balances.hashInto(hash);
    this.drift.hashInto(hash);
  }

  save(out: BinaryWriter): void {
    this.balances.save(out);
    this.drift.save(out);
    for (const position of this.#positions) position.save(out);
    for (const tracker of this.#trackers) tracker.save(out);
    out.u32(this.#fees.size);
    for (const [asset, fee] of this.#fees) {
      out.text(asset);
      out.big(fee);
    }
    out.number(this.#unpricedFees);
  }

  /** Into an empty portfolio; `instruments` are those it was saved with, in index order. */
  load(input: BinaryReader, instruments: readonly Instrument[]): void {
    this.balances.load(input);
    this.drift.load(input);
    for (const instrument of instruments) this.define(instrument);
    for (const position of this.#positions) position.load(input);
    for (const tracker of this.#trackers) tracker.load(input);
    for (let left = input.u32(); left > 0; left--) this.#fees.set(input.text(), input.big());
    this.#unpricedFees = input.integer('unpriced fees', 0);
  }
}
