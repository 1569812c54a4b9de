import {
  type Amount,
  type BalanceTransfer,
  type BinaryReader,
  type BinaryWriter,
  baseAmount,
  type Instrument,
  notional,
  type Reconciled,
  Side,
  type StateHash,
} from '../domain/index.js';
import type { BalanceSheet } from './balance-sheet.js';

/** What a venue's total of one asset should be, and how far it was off when last compared. Total: free and locked. */
export interface DriftView {
  readonly venue: number;
  readonly asset: string;
  /** The total when first compared. */
  readonly baseline: Amount;
  /** What the total should be by now: by our own fills, their fees and the transfers told. */
  readonly expected: Amount;
  /** The venue's total at the last comparison. */
  readonly total: Amount;
  /** By how much the last comparison found more than expected; 0 = explained. */
  readonly drift: Amount;
  /** Sum of the drifts that raised an alarm and that nothing has explained since. */
  readonly unexplained: Amount;
  /** Comparisons that raised one. */
  readonly alarms: number;
}

/** How an instrument's fills changed its base asset at the venue, since that venue was first compared. */
export interface HoldingView {
  /** Bought less sold, as the position counts it. */
  readonly traded: Amount;
  /** Fees in the base asset: by so much the balance grew less than the position. */
  readonly baseFees: Amount;
}

type Slot = { -readonly [K in keyof DriftView]: DriftView[K] };
type Holding = { -readonly [K in keyof HoldingView]: HoldingView[K] };

/**
 * Less than this is not worth an alarm: 10^-8, the last decimal venues print. It stays in what is expected, so dust that
 * adds up is told in the end.
 */
export const DUST: Amount = 10n ** 10n;

/**
 * Whether a venue's balances are what our own fills, fees and transfers make of them. The first comparison is the baseline;
 * at each further one an unexplained difference is told once, and from then on is part of what is expected. Exact.
 *
 * Says nothing before the first comparison: history before it is not ours to explain.
 */
export class BalanceDrift {
  readonly #slots: Slot[] = [];
  /** By venue and asset. */
  readonly #index = new Map<number, Map<string, number>>();
  /** By instrument index. */
  readonly #base: number[] = [];
  readonly #quote: number[] = [];
  readonly #holdings: Holding[] = [];
  /** By venue, once compared: up to when its balances had changed by then (its clock, microseconds). */
  readonly #comparedUs = new Map<number, number>();
  /** By instrument index. */
  readonly #lastTradeIds: string[] = [];
  #comparisons = 0;
  #alarms = 0;

  /** Makes room for an instrument. Instruments come in index order. */
  define({ index, venue, base, quote }: Instrument): void {
    this.#base[index] = this.#slot(venue, base);
    this.#quote[index] = this.#slot(venue, quote);
    this.#holdings[index] ??= { traded: 0n, baseFees: 0n };
  }

  /** Comparisons so far, of all venues. */
  get comparisons(): number {
    return this.#comparisons;
  }

  /** Unexplained drifts beyond dust so far, of all assets. */
  get alarms(): number {
    return this.#alarms;
  }

  /** Every asset known here, in the order they appeared. An alarm at the last comparison: its drift is beyond dust. */
  get assets(): readonly DriftView[] {
    return this.#slots;
  }

  /**
   * By instrument index, as the last comparison of its venue said: every trade of ours up to and including this one is
   * known here. Where a takeover or restart begins to ask. Empty: never compared.
   */
  get lastTradeIds(): readonly string[] {
    return this.#lastTradeIds;
  }

  /** Why an instrument's position and the change of its base balance differ. */
  holding(instrument: number): HoldingView {
    return this.#holdings[instrument]!;
  }

  /** A fill of ours; as `Portfolio.onFill`. Of a trade within the account both sides come here. */
  onFill(
    instrument: Instrument,
    side: Side,
    price: number,
    quantity: number,
    feeAsset: string,
    fee: Amount,
  ): void {
    const { index, venue } = instrument;
    if (!this.#comparedUs.has(venue)) return;
    const sign = side === Side.Buy ? 1n : -1n;
    const traded = sign * baseAmount(instrument, quantity);
    this.#slots[this.#base[index]!]!.expected += traded;
    this.#slots[this.#quote[index]!]!.expected -= sign * notional(instrument, price, quantity);
    if (fee !== 0n) this.#slots[this.#slot(venue, feeAsset)]!.expected -= fee;
    const holding = this.#holdings[index]!;
    holding.traded += traded;
    if (feeAsset === instrument.base) holding.baseFees += fee;
  }

  /** Money that came or went without a trade. */
  onTransfer({ venue, asset, amount, tsEvent }: BalanceTransfer): void {
    const comparedUs = this.#comparedUs.get(venue);
    if (comparedUs === undefined) return;
    const slot = this.#slots[this.#slot(venue, asset)]!;
    if (tsEvent === 0 || tsEvent > comparedUs) {
      slot.expected += amount;
      return;
    }
    // Told late: the total last compared had it already, and the alarm, if there was one, is explained now.
    if (slot.drift === 0n) return;
    slot.drift -= amount;
    slot.unexplained -= amount;
  }

  /** A comparison is complete: `balances` hold the venue's word. Returns how many assets raised an alarm. */
  onReconciled({ venue, tsEvent, lastTradeIds }: Reconciled, balances: BalanceSheet): number {
    const isFirst = !this.#comparedUs.has(venue);
    let alarms = 0;
    for (const balance of balances.all) {
      if (balance.venue !== venue || !balance.known) continue;
      const slot = this.#slots[this.#slot(venue, balance.asset)]!;
      slot.total = balance.free + balance.locked;
      if (isFirst) {
        slot.baseline = slot.total;
        slot.expected = slot.total;
      } else if (this.#judge(slot)) alarms++;
    }
    this.#comparedUs.set(venue, tsEvent);
    this.#takeTrades(lastTradeIds);
    this.#comparisons++;
    this.#alarms += alarms;
    return alarms;
  }

  /** Adds nothing before the first comparison: a state without one is the state it was before there were any. */
  hashInto(hash: StateHash): void {
    if (this.#comparisons === 0) return;
    hash.int(this.#comparisons).int(this.#alarms);
    for (const slot of this.#slots) {
      hash.int(slot.venue).text(slot.asset).big(slot.baseline).big(slot.expected);
      hash.big(slot.total).big(slot.drift).big(slot.unexplained).int(slot.alarms);
    }
    for (const { traded, baseFees } of this.#holdings) hash.big(traded).big(baseFees);
    for (const [venue, us] of this.#comparedUs) hash.int(venue).int(us);
    for (const id of this.#lastTradeIds) hash.text(id);
  }

  save(out: BinaryWriter): void {
    out.number(this.#comparisons);
    out.number(this.#alarms);
    out.u32(this.#slots.length);
    for (const slot of this.#slots) {
      out.u32(slot.venue);
      out.text(slot.asset);
      for (const amount of [slot.baseline, slot.expected, slot.total, slot.drift, slot.unexplained]) {
        out.big(amount);
      }
      out.number(slot.alarms);
    }
    out.u32(this.#holdings.length);
    for (const { traded, baseFees } of this.#holdings) {
      out.big(traded);
      out.big(baseFees);
    }
    out.u32(this.#comparedUs.size);
    for (const [venue, us] of this.#comparedUs) {
      out.u32(venue);
      out.number(us);
    }
    out.u32(this.#lastTradeIds.length);
    for (const id of this.#lastTradeIds) out.text(id);
  }

  /** Into a new one, before any instrument is defined: that finds its assets in their old slots. */
  load(input: BinaryReader): void {
    this.#comparisons = input.integer('comparisons', 0);
    this.#alarms = input.integer('drift alarms', 0);
    for (let left = input.u32(); left > 0; left--) {
      const slot = this.#slots[this.#slot(input.u32(), input.text())]!;
      slot.baseline = input.big();
      slot.expected = input.big();
      slot.total = input.big();
      slot.drift = input.big();
      slot.unexplained = input.big();
      slot.alarms = input.integer('drift alarms', 0);
    }
    for (let left = input.u32(); left > 0; left--) {
      this.#holdings.push({ traded: input.big(), baseFees: input.big() });
    }
    for (let left = input.u32(); left > 0; left--) {
      this.#comparedUs.set(input.u32(), input.integer('time', 0));
    }
    for (let left = input.u32(); left > 0; left--) this.#lastTradeIds.push(input.text());
  }

  /** True: an alarm. */
  #judge(slot: Slot): boolean {
    slot.drift = slot.total - slot.expected;
    if (slot.drift <= DUST && slot.drift >= -DUST) return false;
    slot.alarms++;
    slot.unexplained += slot.drift;
    slot.expected = slot.total;
    return true;
  }

  #takeTrades(lastTradeIds: readonly string[]): void {
    for (const [index, id] of lastTradeIds.entries()) {
      while (this.#lastTradeIds.length <= index) this.#lastTradeIds.push('');
      if (id !== '') this.#lastTradeIds[index] = id;
    }
  }

  /** Of an asset that appears after the baseline nothing was there before. */
  #slot(venue: number, asset: string): number {
    let byAsset = this.#index.get(venue);
    if (byAsset === undefined) {
      byAsset = new Map();
      this.#index.set(venue, byAsset);
    }
    let index = byAsset.get(asset);
    if (index === undefined) {
      const none = { baseline: 0n, expected: 0n, total: 0n, drift: 0n, unexplained: 0n, alarms: 0 };
      index = this.#slots.push({ venue, asset, ...none }) - 1;
      byAsset.set(asset, index);
    }
    return index;
  }
}
