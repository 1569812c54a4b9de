const FLUSH_CHARACTERS = 64 * 1024;

let isListening = false;
let isGone = false;

/** Whether the error says that nobody reads any more. */
function isEnd({ code }: NodeJS.ErrnoException): boolean {
  const ended = code === 'EPIPE' || code === 'ERR_STREAM_DESTROYED';
  isGone ||= ended;
  return ended;
}

/**
 * Standard output for many lines: written in large pieces, waiting for whoever reads. A reader that goes away, as `head`
 * does, ends the output and is no error.
 */
export class LineOutput {
  #text = '';

  constructor() {
    if (isListening) return;
    isListening = true;
    process.stdout.on('error', (error) => {
      if (!isEnd(error)) throw error;
    });
  }

  /** Nobody reads any more: what is written from now on is dropped. */
  get isGone(): boolean {
    return isGone;
  }

  /** Adds a line; when it returns a promise, that is to be waited for. */
  line(text: string): Promise<void> | undefined {
    this.#text += `${text}\n`;
    return this.#text.length < FLUSH_CHARACTERS ? undefined : this.flush();
  }

  async flush(): Promise<void> {
    const text = this.#text;
    this.#text = '';
    if (text === '' || isGone) return;
    await new Promise<void>((resolve, reject) => {
      process.stdout.write(text, (error) => {
        if (error && !isEnd(error)) reject(error);
        else resolve();
      });
    });
  }
}
