import { journalEvents } from '../../lib/journal-events.mjs';

const APPENDS = 12_000;
const RING_BYTES = 2 ** 25;
const NO_COMMANDS = { length: 0, at: () => undefined };

/** Records into the memory that the journal's thread reads, which is emptied after each slice. */
export const workload = {
  question: 'does the trading thread pay more for a journal record?',
  async prepare(engine) {
    const { JournalFront, JournalRingReader } = await engine('journal/index.js');
    const front = new JournalFront({ ringBytes: RING_BYTES, durability: 'async', start: 0 });
    const reader = new JournalRingReader(front.ring.buffer);
    const events = Object.values(journalEvents());
    const slice = () => {
      for (let i = 0; i < APPENDS; i++) front.append(events[i % events.length], NO_COMMANDS);
      while (!reader.isEmpty) reader.take();
      reader.release();
    };
    return { slice, operations: APPENDS };
  },
};
