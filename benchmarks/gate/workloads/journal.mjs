import { journalEvents, orderCommands, orderEvents } from '../../lib/journal-events.mjs';

const APPENDS = 12_000;
const RING_BYTES = 2 ** 25;
const NO_COMMANDS = { length: 0, at: () => undefined };
/** Every sixth event leads to commands. */
const COMMANDS_EACH = 6;

/** Records into the memory that the journal's thread reads; what that thread would do is not done. */
export const workload = {
  question: 'does the trading thread pay more for a journal record?',
  async prepare(engine, share) {
    const count = Math.ceil(APPENDS * share);
    const { JournalFront } = await engine('journal/live/journal-front.js');
    const { RING_HEADER_BYTES, RING_READ, RING_WRITTEN } = await engine('journal/live/ring-layout.js');
    const front = new JournalFront({ ringBytes: RING_BYTES, durability: 'async', start: 0 });
    const counters = new Int32Array(front.ring.buffer, 0, RING_HEADER_BYTES / 4);
    const { quote, 'book delta of 20 levels': delta, fill } = journalEvents();
    const { accepted, canceled, rejected, trade, timer, snapshot } = orderEvents();
    const events = [quote, delta, quote, trade, quote, accepted, quote, fill, quote, canceled];
    events.push(quote, trade, quote, timer, quote, rejected, delta, snapshot);
    const commands = orderCommands();
    const slice = () => {
      const before = counters[RING_WRITTEN];
      for (let i = 0; i < count; i++) {
        front.append(events[i % events.length], i % COMMANDS_EACH === 0 ? commands : NO_COMMANDS);
      }
      if (counters[RING_WRITTEN] === before || front.ring.broken) throw new Error('records were lost');
      // As the reader does once records are in safe hands.
      Atomics.store(counters, RING_READ, counters[RING_WRITTEN]);
    };
    return { slice, operations: count };
  },
};
