const WIDTH = 30;
const LINE_MS = 10_000;

/** How far a run has come: a bar on a terminal, a line now and then elsewhere. */
export class Progress {
  readonly #total: number;
  readonly #out: NodeJS.WriteStream;
  readonly #beganMs = performance.now();
  #done = 0;
  #what = '';
  #toldMs = 0;

  constructor(total: number, out: NodeJS.WriteStream) {
    this.#total = total;
    this.#out = out;
  }

  begin(what: string): void {
    this.#what = what;
    this.#toldMs = 0;
    this.#show();
  }

  tick(): void {
    this.#done++;
    this.#show();
  }

  /** A line of its own above the bar. */
  say(text: string): void {
    this.#out.write(this.#out.isTTY ? `\r\x1b[K${text}\n` : `${text}\n`);
    this.#show();
  }

  end(): void {
    if (this.#out.isTTY) this.#out.write('\r\x1b[K');
  }

  #show(): void {
    const now = performance.now();
    const seconds = (now - this.#beganMs) / 1000;
    const text = `${this.#done}/${this.#total} faults, ${this.#what}, ${Math.round(seconds)} s`;
    if (this.#out.isTTY) {
      const filled = Math.round((WIDTH * this.#done) / Math.max(1, this.#total));
      this.#out.write(`\r\x1b[K[${'#'.repeat(filled)}${'.'.repeat(WIDTH - filled)}] ${text}`);
    } else if (now - this.#toldMs >= LINE_MS) {
      this.#toldMs = now;
      this.#out.write(`${text}\n`);
    }
  }
}
