import { REST_CONNECTIONS } from './rest-pool.js';

/** What is asked beside, and orders where they travel by REST, must not wait for a connection. */
const AT_ONCE = REST_CONNECTIONS - 2;

/** Asks about each item, a few at a time; the answers in the order of the items. Rejects with the first failure, asking no more. */
export async function inParallel<T, R>(items: readonly T[], ask: (item: T) => Promise<R>): Promise<R[]> {
  const answers: R[] = [];
  let next = 0;
  let failed = false;
  const work = async () => {
    while (next < items.length && !failed) {
      const at = next++;
      try {
        answers[at] = await ask(items[at]!);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, work));
  return answers;
}
