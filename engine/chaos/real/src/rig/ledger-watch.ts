import { epochOf, type LedgerEntry, type Term } from '../judge/index.js';
import { LedgerFile } from './ledger-file.js';
import { until } from './waiting.js';

const LOOK_MS = 10;

/** Looks over the venue's shoulder while it trades: who leads, since when, and how much is going on. */
export class LedgerWatch {
  readonly #file: LedgerFile;
  readonly #timer: NodeJS.Timeout;
  readonly #terms: Term[] = [];
  #orders = 0;
  #requests = 0;

  constructor(path: string) {
    this.#file = new LedgerFile(path);
    this.#timer = setInterval(() => this.look(), LOOK_MS);
  }

  /** Orders accepted, and order requests of any kind. */
  get orders(): number {
    return this.#orders;
  }

  get requests(): number {
    return this.#requests;
  }

  /** The latest epoch that has traded; 0 before the first. */
  get epoch(): number {
    return this.#terms.at(-1)?.epoch ?? 0;
  }

  /** The first order of a leader later than `epoch`. */
  async nextLeader(epoch: number, patienceMs: number): Promise<Term> {
    return await until(`an order of a leader after epoch ${epoch}`, patienceMs, () =>
      this.#terms.find((term) => term.epoch > epoch),
    );
  }

  /** So many more orders than there are now. */
  async moreOrders(count: number, patienceMs: number): Promise<void> {
    const enough = this.#orders + count;
    await until(`${count} more orders`, patienceMs, () => this.#orders >= enough);
  }

  look(): void {
    this.#file.read((entry) => this.#take(entry));
  }

  close(): void {
    clearInterval(this.#timer);
    this.#file.close();
  }

  #take(entry: LedgerEntry): void {
    if (entry.kind === 'request') this.#requests++;
    if (entry.kind !== 'accepted') return;
    this.#orders++;
    const epoch = epochOf(entry.clientOrderId);
    if (epoch !== undefined && epoch > this.epoch) this.#terms.push({ epoch, firstOrderUs: entry.us });
  }
}
