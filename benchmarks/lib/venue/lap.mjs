import { PlainBook } from '../plain-book.mjs';
import { frameBytes } from './frame-bytes.mjs';

const ID = /"(?:[Uu]|t)":(\d+)/g;
const SYMBOL = /BTCUSDT/gi;

/**
 * Frames of one market that can be sent again and again as one unbroken stream: the last one brings the book back to the
 * snapshot, and each time round all ids are higher by as many as one round takes.
 *
 * @typedef {object} Lap
 * @property {Buffer} snapshot answer to the question for the book, before the first round
 * @property {readonly Buffer[]} frames payloads of the first round
 * @property {number} span how much higher the update ids of each round are
 * @property {number} tradeSpan the same of trade ids
 *
 * @param {readonly { kind: string, bytes: Uint8Array }[]} items the snapshot, then what followed it
 * @param {string} symbol as long as BTCUSDT, in the place of which it is put
 * @returns {Lap}
 */
export function makeLap(items, symbol = 'BTCUSDT') {
  const [first, ...rest] = items;
  if (first?.kind !== 'rest') throw new Error('the frames do not begin with a snapshot');
  if (symbol.length !== 7) throw new RangeError(`${symbol}: not as long as BTCUSDT`);
  const book = new PlainBook();
  book.onSnapshot(first.bytes);
  const start = { bids: new Map(book.bids), asks: new Map(book.asks) };
  const snapshotId = JSON.parse(text(first.bytes)).lastUpdateId;
  let [depthId, lastId, firstTrade, lastTrade] = [snapshotId, snapshotId, Number.POSITIVE_INFINITY, 0];
  const frames = [];
  for (const { kind, bytes } of rest) {
    if (kind !== 'frame') continue;
    let frame = text(bytes);
    const { data } = JSON.parse(frame);
    if (data.e === 'trade') {
      firstTrade = Math.min(firstTrade, data.t);
      lastTrade = Math.max(lastTrade, data.t);
    } else if (data.u !== undefined) {
      if (data.u <= snapshotId) continue;
      // The one that reaches back behind the snapshot follows it without a gap every time round.
      if (data.U <= snapshotId) frame = frame.replace(`"U":${data.U},`, `"U":${snapshotId + 1},`);
      if (data.U !== undefined) depthId = data.u;
      lastId = Math.max(lastId, data.u);
      book.onMessage(bytes);
    }
    frames.push(frame);
  }
  frames.push(closing(book, start, depthId + 1, lastId + 1));
  const named = (frame) =>
    frame.replace(SYMBOL, (found) => (found === 'BTCUSDT' ? symbol : symbol.toLowerCase()));
  return {
    snapshot: Buffer.from(first.bytes),
    frames: frames.map((frame) => Buffer.from(named(frame), 'latin1')),
    span: lastId + 1 - snapshotId,
    tradeSpan: Math.max(1, lastTrade - firstTrade + 1),
  };
}

/** The depth event from what the book is in the end to what it was at first. */
function closing(book, start, firstId, lastId) {
  const changes = (now, then) => {
    const gone = now.filter(([price]) => !then.has(price)).map(([price]) => [price, 0]);
    const sizes = new Map(now);
    return [...gone, ...[...then].filter(([price, size]) => sizes.get(price) !== size)];
  };
  const side = (now, then) =>
    JSON.stringify(changes(now, then).map(([price, size]) => [price.toFixed(8), size.toFixed(8)]));
  return (
    `{"stream":"btcusdt@depth@100ms","data":{"e":"depthUpdate","E":1700000000000,"s":"BTCUSDT","U":${firstId},"u":${lastId},` +
    `"b":${side(book.bids, start.bids)},"a":${side(book.asks, start.asks)}}}`
  );
}

/** Laps of several markets, taken in turn, as the bytes of one connection. */
export class LapStream {
  /** Messages of a round. */
  messages = 0;
  #bytes;
  /** By message, where its frame begins, and where the last one ends. */
  #starts;
  #ids;
  #payloads;
  #round = 0;

  /** @param {readonly Lap[]} laps */
  constructor(laps) {
    const parts = [];
    const ids = [];
    let at = 0;
    const starts = [];
    const headers = [];
    for (let i = 0; laps.some(({ frames }) => i < frames.length); i++) {
      for (const { frames, span, tradeSpan } of laps) {
        if (i >= frames.length) continue;
        const payload = frames[i];
        const frame = frameBytes(payload);
        const header = frame.length - payload.length;
        for (const found of payload.toString('latin1').matchAll(ID)) {
          const digits = found[1].length;
          const offset = at + header + found.index + found[0].length - digits;
          ids.push({ offset, digits, value: Number(found[1]), step: found[0][1] === 't' ? tradeSpan : span });
        }
        starts.push(at);
        headers.push(header);
        parts.push(frame);
        at += frame.length;
        this.messages++;
      }
    }
    this.#bytes = Buffer.concat(parts);
    this.#starts = Float64Array.from([...starts, at]);
    this.#ids = ids;
    this.#payloads = headers.map((header, i) =>
      this.#bytes.subarray(starts[i] + header, this.#starts[i + 1]),
    );
  }

  get byteLength() {
    return this.#bytes.length;
  }

  /** The bytes of messages `[from, to)` of this round: valid until {@link nextRound}. */
  slice(from, to) {
    return this.#bytes.subarray(this.#starts[from], this.#starts[to]);
  }

  /** The payload of message `i` of this round, the same object each time. */
  payload(i) {
    return this.#payloads[i];
  }

  /** Writes the ids of the next round in the place of this one's, which must have been sent. */
  nextRound() {
    this.#round++;
    const [bytes, ids] = [this.#bytes, this.#ids];
    // By index: an iterator would leave its results on the heap of who measures what a message leaves there.
    for (let n = 0; n < ids.length; n++) {
      const id = ids[n];
      let rest = id.value + this.#round * id.step;
      for (let at = id.offset + id.digits - 1; at >= id.offset; at--) {
        bytes[at] = 0x30 + (rest % 10);
        rest = Math.floor(rest / 10);
      }
      if (rest > 0) throw new RangeError('the ids of the frames take another digit');
    }
  }
}

function text(bytes) {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}
