/**
 * A running 64-bit state hash: two 32-bit FNV-1a lanes with different offsets. Not cryptographic: it tells two states
 * apart in tests, replays and replicas. Every stateful class has `hashInto`.
 *
 * FNV-1a: http://www.isthe.com/chongo/tech/comp/fnv/ (offset basis 0x811c9dc5, prime 0x01000193).
 */
export class StateHash {
  #low = 0x811c9dc5;
  #high = 0xcbf29ce4;

  /** Adds a safe integer, sign included. A fraction is cut off: hash units, never decimals. */
  int(value: number): this {
    const low = value | 0;
    const high = ((value - (value >>> 0)) / 4294967296) | 0;
    this.#mix(low);
    this.#mix(high);
    return this;
  }

  big(value: bigint): this {
    return this.text(value.toString(36));
  }

  text(value: string): this {
    this.#mix(value.length);
    for (let i = 0; i < value.length; i++) this.#mix(value.charCodeAt(i));
    return this;
  }

  /** 16 hexadecimal digits. */
  digest(): string {
    const hex = (lane: number) => (lane >>> 0).toString(16).padStart(8, '0');
    return hex(this.#high) + hex(this.#low);
  }

  #mix(word: number): void {
    let low = this.#low;
    let high = this.#high;
    for (let shift = 0; shift < 32; shift += 8) {
      const byte = (word >>> shift) & 0xff;
      low = Math.imul(low ^ byte, 0x01000193);
      high = Math.imul(high ^ byte, 0x01000193) + (low >>> 24);
    }
    this.#low = low;
    this.#high = high;
  }
}
