const WIDTH = 30;
/** Without a terminal a line is printed for each tenth. */
const PLAIN_STEPS = 10;

/** How far a long run is: a bar on a terminal, else a line now and then. */
export class ProgressLine {
  readonly #name: string;
  readonly #total: number;
  readonly #began = performance.now();
  readonly #isTerminal = process.stderr.isTTY === true;
  #done = 0;

  constructor(name: string, total: number) {
    this.#name = name;
    this.#total = total;
  }

  step(): void {
    this.#done++;
    if (this.#isTerminal) this.#draw();
    else if (this.#done % Math.max(1, Math.ceil(this.#total / PLAIN_STEPS)) === 0) {
      process.stderr.write(`${this.#text()}\n`);
    }
  }

  /** Prints something above the bar. */
  say(text: string): void {
    if (this.#isTerminal) process.stderr.write('\r\x1b[K');
    process.stdout.write(text);
    if (this.#isTerminal) this.#draw();
  }

  end(): void {
    if (this.#isTerminal) process.stderr.write('\r\x1b[K');
  }

  #draw(): void {
    const filled = Math.round((this.#done / this.#total) * WIDTH);
    process.stderr.write(`\r\x1b[K[${'#'.repeat(filled).padEnd(WIDTH, '.')}] ${this.#text()}`);
  }

  #text(): string {
    const seconds = (performance.now() - this.#began) / 1000;
    const left = this.#done === 0 ? 0 : (seconds / this.#done) * (this.#total - this.#done);
    return `${this.#name} ${this.#done}/${this.#total} seeds, ${seconds.toFixed(0)} s, ${left.toFixed(0)} s to go`;
  }
}
