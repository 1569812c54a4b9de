// What every client's checks share: counting, deadlines, waiting for a message.
const DEADLINE_MS = 10_000;

/** What was checked so far. */
export const tally = { passed: 0, failed: 0 };

/** Runs one check against a deadline and prints what came of it. */
export async function check(client, name, run) {
  let timer;
  const deadline = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`nothing within ${DEADLINE_MS} ms`)), DEADLINE_MS);
  });
  try {
    const seen = await Promise.race([run(), deadline]);
    tally.passed++;
    console.log(`ok    ${client}: ${name}${seen === undefined ? '' : ` (${seen})`}`);
  } catch (error) {
    tally.failed++;
    const text =
      error instanceof Error ? error.message : (JSON.stringify(error?.body ?? error) ?? String(error));
    console.log(`FAIL  ${client}: ${name}: ${text}`);
    if (process.env.DEBUG) console.log(error);
  } finally {
    clearTimeout(timer);
  }
}

export function assert(condition, message) {
  if (!condition) throw new Error(message);
}

/** Resolves with the first message that `accept` accepts. */
export function collector() {
  const seen = [];
  const waiting = new Set();
  return {
    push(message) {
      seen.push(message);
      for (const wait of waiting) wait();
    },
    find: (accept) =>
      new Promise((done) => {
        const look = () => {
          const found = seen.find(accept);
          if (found === undefined) return;
          waiting.delete(look);
          done(found);
        };
        waiting.add(look);
        look();
      }),
  };
}

export const SYMBOL = 'BTCUSDT';
export const ORDER = { quantity: 0.001, price: 50000 };

/** A logger that says nothing. */
export const silent = { trace() {}, info() {}, error() {} };
