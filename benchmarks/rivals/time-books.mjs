import { BinanceDecoder, FrameKind } from '@tradewind/engine/venues';
import { interleave, nanos, Samples } from '../lib/measure.mjs';

/** The snapshot and the depth messages among frames. */
export function depthOnly({ items, instrument }) {
  const decoder = new BinanceDecoder([instrument]);
  const isDepth = ({ kind, bytes }) => kind === 'frame' && decoder.decode(bytes) === FrameKind.Depth;
  return {
    instrument,
    snapshot: items.find(({ kind }) => kind === 'rest').bytes,
    // A Buffer, as sockets hand it over.
    messages: items.filter(isDepth).map(({ bytes }) => Buffer.from(bytes)),
  };
}

/**
 * Both over the same messages, in turn; each pass into a new book. In the end the books must be one and the same.
 *
 * @param {ReturnType<typeof depthOnly>} depth
 * @param {{ ours: new (instrument: object) => object, rival: new (instrument: object) => object }} books
 * @param {{ warmUp: number, rounds: number }} plan
 */
export function timeBooks(depth, books, plan) {
  const sides = Object.entries(books).map(([name, Book]) => ({
    ...{ name, Book, samples: new Samples(depth.messages.length * plan.rounds), levels: undefined },
  }));
  interleave(
    sides.map((side) => (counted) => {
      side.levels = pass(depth, new side.Book(depth.instrument), counted ? side.samples : undefined);
    }),
    plan,
  );
  const [ours, rival] = sides;
  for (const side of ['bids', 'asks']) checkSame(side, ours.levels[side], rival.levels[side]);
  return Object.fromEntries(sides.map(({ name, samples }) => [name, samples.summary()]));
}

function pass({ snapshot, messages }, book, samples) {
  book.onSnapshot(snapshot);
  for (const message of messages) {
    const start = nanos();
    book.onMessage(message);
    samples?.add(nanos() - start);
  }
  return book.levels();
}

/** Throws an Error that names the first level that is not the same. */
function checkSame(side, ours, theirs) {
  if (ours.length === 0) throw new Error(`no ${side}: nothing was measured`);
  for (let i = 0; i < Math.max(ours.length, theirs.length); i++) {
    const [mine, other] = [String(ours[i]), String(theirs[i])];
    if (mine !== other) throw new Error(`the ${side} differ: level ${i} is ${mine} here, ${other} there`);
  }
}
