import type { BinaryReader } from './binary-reader.js';
import type { BinaryWriter } from './binary-writer.js';
import { defineInstrument, type Instrument } from './instrument.js';
import { JournalError } from './journal-error.js';

/** Appends an instrument; its `id` follows from symbol and venue name. */
export function encodeInstrument(instrument: Instrument, out: BinaryWriter): void {
  out.u32(instrument.index);
  out.u32(instrument.venue);
  out.text(instrument.venueName);
  out.text(instrument.symbol);
  out.text(instrument.base);
  out.text(instrument.quote);
  out.u8(instrument.pricePrecision);
  out.u8(instrument.sizePrecision);
  out.number(instrument.priceIncrement);
  out.number(instrument.sizeIncrement);
  out.number(instrument.minPrice);
  out.number(instrument.maxPrice);
  out.number(instrument.minQuantity);
  out.number(instrument.maxQuantity);
  out.big(instrument.minNotional);
  out.big(instrument.maxNotional);
}

/** Reads an instrument and holds it to the domain's own rules. */
export function decodeInstrument(input: BinaryReader): Instrument {
  const { offset } = input;
  const index = input.u32();
  const venue = input.u32();
  const spec = {
    venueName: input.text(),
    symbol: input.text(),
    base: input.text(),
    quote: input.text(),
    pricePrecision: input.u8(),
    sizePrecision: input.u8(),
    priceIncrement: input.number(),
    sizeIncrement: input.number(),
    minPrice: input.number(),
    maxPrice: input.number(),
    minQuantity: input.number(),
    maxQuantity: input.number(),
    minNotional: input.big(),
    maxNotional: input.big(),
  };
  try {
    return defineInstrument(index, venue, spec);
  } catch (error) {
    throw new JournalError('TW_JOURNAL_MALFORMED', offset, (error as Error).message);
  }
}
