import { OWN_PREFIX, RADIX, SEPARATOR, writeUnits } from '../../domain/index.js';

const PREFIX = Buffer.from(OWN_PREFIX);
const SEPARATOR_BYTE = SEPARATOR.charCodeAt(0);
const DIGITS = Buffer.from('0123456789abcdefghijklmnopqrstuv');

/** Appends to one reused buffer; the caller makes it large enough for whatever it will ever write. */
export class ByteWriter {
  readonly buffer: Buffer;
  length = 0;
  /** By length: making one costs more memory than all that is written. */
  readonly #views: Buffer[] = [];

  constructor(size: number) {
    this.buffer = Buffer.alloc(size);
  }

  put(bytes: Uint8Array): void {
    this.buffer.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** A string of characters below 0x100. */
  latin(text: string): void {
    this.length += this.buffer.write(text, this.length, 'latin1');
  }

  /** A safe integer in decimal. */
  integer(value: number): void {
    this.length = writeUnits(this.buffer, this.length, value, 0);
  }

  /** A price or quantity with exactly `precision` decimals. */
  units(value: number, precision: number): void {
    this.length = writeUnits(this.buffer, this.length, value, precision);
  }

  /** Our client order id, as `formatClientOrderId` of the domain would make it for Binance. */
  clientOrderId(epoch: number, sequence: number): void {
    this.put(PREFIX);
    this.#base32(epoch);
    this.buffer[this.length++] = SEPARATOR_BYTE;
    this.#base32(sequence);
  }

  /** The bytes written so far, sharing memory: valid until the next write. */
  view(): Buffer {
    const { length } = this;
    this.#views[length] ??= this.buffer.subarray(0, length);
    return this.#views[length]!;
  }

  #base32(value: number): void {
    let digits = 1;
    for (let bound = RADIX; value >= bound; bound *= RADIX) digits++;
    let rest = value;
    for (let at = this.length + digits - 1; at >= this.length; at--) {
      const next = Math.floor(rest / RADIX);
      this.buffer[at] = DIGITS[rest - next * RADIX]!;
      rest = next;
    }
    this.length += digits;
  }
}
