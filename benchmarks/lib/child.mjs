import { fork } from 'node:child_process';

/**
 * A process of its own, so that what is measured shares neither a thread nor a heap with who sends it its work. Its module
 * calls {@link serve}.
 */
export class Child {
  #process;
  #calls = new Map();
  #next = 0;
  #exited;

  /**
   * @param {URL} module
   * @param {object} options for its `start`
   * @param {readonly string[]} execArgv of its Node
   */
  static async start(module, options = {}, execArgv = []) {
    const child = new Child(fork(module, [], { execArgv: [...execArgv], serialization: 'advanced' }));
    try {
      child.ready = await child.call('start', options);
    } catch (error) {
      await child.stop();
      throw error;
    }
    return child;
  }

  constructor(process) {
    this.#process = process;
    this.#exited = new Promise((resolve) => process.once('exit', resolve));
    process.on('message', ({ id, value, error }) => {
      const call = this.#calls.get(id);
      this.#calls.delete(id);
      if (error === undefined) call?.resolve(value);
      else call?.reject(new Error(error));
    });
    process.once('exit', (code, signal) => {
      const why = new Error(`a process of the benchmark ended with ${signal ?? code}`);
      for (const { reject } of this.#calls.values()) reject(why);
      this.#calls.clear();
    });
  }

  /**
   * Calls one of its functions; rejects with what it threw, or because the process is gone. A call nobody waits for may be
   * left alone: that the process is gone is told by those that are waited for.
   */
  call(name, argument) {
    const id = ++this.#next;
    const answer = new Promise((resolve, reject) => {
      this.#calls.set(id, { resolve, reject });
      this.#process.send({ id, name, argument }, (error) => {
        if (error !== null) reject(error);
      });
    });
    answer.catch(() => {});
    return answer;
  }

  /** Lets it end in order, and by force when it does not. */
  async stop() {
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), 10_000);
    if (this.#process.connected) this.#process.disconnect();
    await this.#exited;
    clearTimeout(timer);
  }
}

/**
 * Answers the calls of the process that started this one; `stop` is called when that is gone.
 *
 * @param {Record<string, (argument: any) => unknown>} functions
 */
export function serve(functions) {
  process.on('message', async ({ id, name, argument }) => {
    try {
      process.send({ id, value: await functions[name](argument) });
    } catch (error) {
      process.send({ id, error: error?.stack ?? String(error) });
    }
  });
  // A key press that ends the one who measures is not for this one: it ends when it is told.
  process.on('SIGINT', () => {});
  process.once('disconnect', async () => {
    await functions.stop?.();
    process.exit(0);
  });
}
