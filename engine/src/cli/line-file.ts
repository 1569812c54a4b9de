import { closeSync, openSync, writeSync } from 'node:fs';

/** Lines are written together, this often: whoever reads along sees them that late. */
const FLUSH_MS = 5;
const FLUSH_CHARS = 64 * 1024;

/** A file that lines are appended to while somebody else reads along. Throws the file system's errors when opened. */
export class LineFile {
  readonly #file: number;
  readonly #timer: NodeJS.Timeout;
  #text = '';

  constructor(path: string) {
    this.#file = openSync(path, 'a');
    this.#timer = setInterval(() => this.#flush(), FLUSH_MS);
    this.#timer.unref();
  }

  write(line: string): void {
    this.#text += `${line}\n`;
    if (this.#text.length >= FLUSH_CHARS) this.#flush();
  }

  /** All lines are in the file when it returns. */
  close(): void {
    clearInterval(this.#timer);
    this.#flush();
    closeSync(this.#file);
  }

  #flush(): void {
    if (this.#text === '') return;
    const bytes = Buffer.from(this.#text);
    this.#text = '';
    for (let at = 0; at < bytes.length; ) at += writeSync(this.#file, bytes, at);
  }
}
