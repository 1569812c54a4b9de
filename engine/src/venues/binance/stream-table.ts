import type { Instrument } from '../../domain/index.js';
import { FrameKind } from './decode-codes.js';
import { QUOTE } from './json-grammar.js';
import { ascii } from './json-kinds.js';

const { imul } = Math;

/** What a frame of the venue begins with, byte for byte, and what stands between its stream's name and its payload. */
const HEAD = ascii('{"stream":"');
const MIDDLE = ascii('","data":{');
/** The names under which the streams of one symbol come. */
const KINDS: readonly (readonly [name: string, kind: FrameKind])[] = [
  ['depth@100ms', FrameKind.Depth],
  ['depth', FrameKind.Depth],
  ['depth@0ms', FrameKind.Depth],
  ['depth@500ms', FrameKind.Depth],
  ['trade', FrameKind.Trade],
  ['bookTicker', FrameKind.Quote],
];

/** A stream as it is written in frames. */
export interface KnownStream {
  readonly name: Uint8Array;
  readonly kind: FrameKind;
  readonly instrument: Instrument;
  /** As payloads write it. */
  readonly symbol: Uint8Array;
}

/**
 * Recognizes the envelope of a frame written exactly as the venue writes it, in one pass over the stream's name. Frames
 * written in any other way are for the general reader.
 */
export class StreamTable {
  /** Where the payload's first member begins, after {@link open} found a stream. */
  payload = 0;
  /** Open addressing, at most a quarter full. */
  readonly #slots: (KnownStream | undefined)[];

  constructor(instruments: readonly Instrument[]) {
    let size = 64;
    while (size < instruments.length * KINDS.length * 4) size *= 2;
    this.#slots = new Array<KnownStream | undefined>(size).fill(undefined);
    for (const instrument of instruments) {
      const symbol = Buffer.from(instrument.symbol);
      for (const [suffix, kind] of KINDS) {
        const name = Buffer.from(`${instrument.symbol.toLowerCase()}@${suffix}`);
        let slot = hashOf(name) & (size - 1);
        while (this.#slots[slot] !== undefined) slot = (slot + 1) & (size - 1);
        this.#slots[slot] = { name, kind, instrument, symbol };
      }
    }
  }

  /** The stream of the frame in `bytes[start, end)`, or undefined when it does not begin as most do. */
  open(bytes: Uint8Array, start: number, end: number): KnownStream | undefined {
    // Room for the shortest frame there is: no offset below can then lie beyond the end unnoticed.
    if (end - start < 40 || !matches(HEAD, bytes, start)) return undefined;
    const name = start + HEAD.length;
    let at = name;
    let hash = 0;
    for (let byte = bytes[at]!; byte !== QUOTE; byte = bytes[at]!) {
      hash = imul(hash ^ byte, 0x01000193);
      if (++at >= end) return undefined;
    }
    if (end - at < MIDDLE.length + 1 || !matches(MIDDLE, bytes, at)) return undefined;
    this.payload = at + MIDDLE.length;
    const slots = this.#slots;
    const mask = slots.length - 1;
    for (let slot = finish(hash) & mask; ; slot = (slot + 1) & mask) {
      const stream = slots[slot];
      if (stream === undefined) return undefined;
      if (stream.name.length === at - name && matches(stream.name, bytes, name)) return stream;
    }
  }
}

function hashOf(name: Uint8Array): number {
  let hash = 0;
  for (let i = 0; i < name.length; i++) hash = imul(hash ^ name[i]!, 0x01000193);
  return finish(hash);
}

function finish(hash: number): number {
  return hash ^ (hash >>> 15);
}

function matches(text: Uint8Array, bytes: Uint8Array, start: number): boolean {
  for (let i = 0; i < text.length; i++) if (bytes[start + i] !== text[i]) return false;
  return true;
}
