import { RADIX } from '../../domain/index.js';

const LOWER_T = 0x74;
const LOWER_W = 0x77;
const LOWER_X = 0x78;
const MINUS = 0x2d;
const LOWER_C = 0x63;
const MAX_EPOCH_DIGITS = 6;
const MAX_SEQUENCE_DIGITS = 9;

/**
 * What follows our order's id in the id of the request that cancels it. Binance renames a canceled order to the cancel's
 * id, so an order of ours stays readable under both; `-` is in no order id of ours.
 */
export const CANCEL_SUFFIX = '-c';

/** Reads our client order ids from bytes, without making strings: the inverse of `formatClientOrderId`. */
export class ClientIdReader {
  epoch = 0;
  sequence = 0;
  #at = 0;

  /** True when `bytes[start, stop)` is one of our order ids, or of our cancels of one: its numbers are then in the fields. */
  read(bytes: Uint8Array, start: number, stop: number): boolean {
    if (stop - start < 5 || bytes[start] !== LOWER_T || bytes[start + 1] !== LOWER_W) return false;
    const end = bytes[stop - 2] === MINUS && bytes[stop - 1] === LOWER_C ? stop - 2 : stop;
    const epoch = this.#base32(bytes, start + 2, end, MAX_EPOCH_DIGITS);
    if (epoch < 0 || bytes[this.#at] !== LOWER_X) return false;
    const sequence = this.#base32(bytes, this.#at + 1, end, MAX_SEQUENCE_DIGITS);
    if (sequence < 0 || this.#at !== end) return false;
    this.epoch = epoch;
    this.sequence = sequence;
    return true;
  }

  /** Digits from `start`, up to `end` or the first other byte; -1 when there are none, too many, or a leading zero. */
  #base32(bytes: Uint8Array, start: number, end: number, maxDigits: number): number {
    let value = 0;
    let at = start;
    while (at < end) {
      const byte = bytes[at]!;
      let digit = -1;
      if (byte >= 0x30 && byte <= 0x39) digit = byte - 0x30;
      else if (byte >= 0x61 && byte <= 0x76) digit = byte - 0x57;
      if (digit < 0) break;
      value = value * RADIX + digit;
      at++;
      if (at - start > maxDigits) return -1;
    }
    this.#at = at;
    if (at === start || (bytes[start] === 0x30 && at - start > 1)) return -1;
    return value;
  }
}
