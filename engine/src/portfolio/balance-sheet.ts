import {
  AMOUNT_SCALE,
  type Amount,
  type BinaryReader,
  type BinaryWriter,
  type Instrument,
  type StateHash,
} from '../domain/index.js';
import { doubleBelow, floorDivide } from './rounding.js';

/** What a venue says we hold of one asset. */
export interface BalanceView {
  readonly venue: number;
  readonly asset: string;
  /** Not locked in open orders. */
  readonly free: Amount;
  /** Locked in open orders. */
  readonly locked: Amount;
  /** False until the venue has told us. */
  readonly known: boolean;
  /** When we last learned it, microseconds since 1970 (UTC). */
  readonly ts: number;
}

type Slot = { -readonly [K in keyof BalanceView]: BalanceView[K] } & { readonly instruments: number[] };

interface InstrumentSlots {
  readonly instrument: Instrument;
  readonly base: number;
  readonly quote: number;
}

/**
 * Balances per venue and asset, as told by the venue: never computed from fills. For each instrument the free amounts are
 * also kept as doubles in its own units, rounded down, for comparisons on the trading line.
 */
export class BalanceSheet {
  readonly #slots: Slot[] = [];
  readonly #index: Map<string, number>[] = [];
  readonly #instruments: InstrumentSlots[] = [];
  readonly #freeBase: number[] = [];
  readonly #freeQuote: number[] = [];

  /** Makes room for an instrument's two assets. Instruments come in index order. */
  define(instrument: Instrument): void {
    const base = this.#slot(instrument.venue, instrument.base);
    const quote = this.#slot(instrument.venue, instrument.quote);
    this.#instruments[instrument.index] = { instrument, base, quote };
    for (const slot of [base, quote]) {
      const { instruments } = this.#slots[slot]!;
      if (!instruments.includes(instrument.index)) instruments.push(instrument.index);
    }
    this.#convert(instrument.index);
  }

  /** The venue changed an instrument's rules, its precisions and assets apart. */
  redefine(instrument: Instrument): void {
    const slots = this.#instruments[instrument.index]!;
    this.#instruments[instrument.index] = { ...slots, instrument };
  }

  /** Takes in the venue's word; returns the balance's slot. */
  set(venue: number, asset: string, free: Amount, locked: Amount, ts: number): number {
    const index = this.#slot(venue, asset);
    const slot = this.#slots[index]!;
    slot.free = free;
    slot.locked = locked;
    slot.known = true;
    slot.ts = ts;
    for (const instrument of slot.instruments) this.#convert(instrument);
    return index;
  }

  /** Undefined when neither an instrument nor the venue has named the asset. */
  get(venue: number, asset: string): BalanceView | undefined {
    const index = this.#index[venue]?.get(asset);
    return index === undefined ? undefined : this.#slots[index];
  }

  get all(): readonly BalanceView[] {
    return this.#slots;
  }

  at(slot: number): BalanceView {
    return this.#slots[slot]!;
  }

  /** The slots of an instrument's base and quote asset, and the instruments (by index) that use a slot. */
  baseSlot(instrument: number): number {
    return this.#instruments[instrument]!.base;
  }

  quoteSlot(instrument: number): number {
    return this.#instruments[instrument]!.quote;
  }

  instrumentsOf(slot: number): readonly number[] {
    return this.#slots[slot]!.instruments;
  }

  /** Free base asset in the instrument's size units, rounded down; Infinity while unknown. */
  freeBase(instrument: number): number {
    return this.#freeBase[instrument]!;
  }

  /** Free quote asset in price units × size units of the instrument, rounded down; Infinity while unknown. */
  freeQuote(instrument: number): number {
    return this.#freeQuote[instrument]!;
  }

  hashInto(hash: StateHash): void {
    for (const slot of this.#slots) {
      hash
        .int(slot.venue)
        .text(slot.asset)
        .int(slot.known ? 1 : 0);
      hash.big(slot.free).big(slot.locked).int(slot.ts);
    }
  }

  save(out: BinaryWriter): void {
    out.u32(this.#slots.length);
    for (const slot of this.#slots) {
      out.u32(slot.venue);
      out.text(slot.asset);
      out.bool(slot.known);
      out.big(slot.free);
      out.big(slot.locked);
      out.number(slot.ts);
    }
  }

  /** Into an empty sheet, before any instrument is defined: that finds its assets in their old slots. */
  load(input: BinaryReader): void {
    for (let left = input.u32(); left > 0; left--) {
      const slot = this.#slots[this.#slot(venueIndex(input), input.text())]!;
      slot.known = input.bool();
      slot.free = input.big();
      slot.locked = input.big();
      slot.ts = input.finite('time');
    }
  }

  #slot(venue: number, asset: string): number {
    this.#index[venue] ??= new Map();
    const byAsset = this.#index[venue];
    let index = byAsset.get(asset);
    if (index === undefined) {
      index =
        this.#slots.push({ venue, asset, free: 0n, locked: 0n, known: false, ts: 0, instruments: [] }) - 1;
      byAsset.set(asset, index);
    }
    return index;
  }

  #convert(index: number): void {
    const { instrument, base, quote } = this.#instruments[index]!;
    const { sizePrecision, pricePrecision } = instrument;
    this.#freeBase[index] = inUnits(this.#slots[base]!, sizePrecision);
    this.#freeQuote[index] = inUnits(this.#slots[quote]!, sizePrecision + pricePrecision);
  }
}

/** Dense: one out of all proportion is damage, and would cost memory. */
function venueIndex(input: BinaryReader): number {
  const venue = input.u32();
  if (venue > 0xffff) throw input.malformed(`venue ${venue}`);
  return venue;
}

function inUnits(slot: Slot, scale: number): number {
  if (!slot.known) return Number.POSITIVE_INFINITY;
  return doubleBelow(floorDivide(slot.free, 10n ** BigInt(AMOUNT_SCALE - scale)));
}
