import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const CHILD = fileURLToPath(new URL('child.mjs', import.meta.url));
/** Slices before any counts: the optimizing compiler has seen everything by then. */
const WARM_UP = 20;
const SLICES = 60;
/** A slice takes milliseconds; a side that does not answer for so long never will. */
const SILENCE_MS = 60_000;

/**
 * One pair of fresh processes that take turns, slice by slice, so that only one runs at a time and whatever disturbs the
 * machine disturbs both. Who starts, and who goes first in each round, is drawn.
 *
 * @param {string} name of the workload
 * @param {{ base: string, head: string }} trees
 * @param {() => number} random 0 to 1
 * @returns {Promise<{ base: Side, head: Side }>} the least of each side, nanoseconds, and every slice by the clock
 *
 * @typedef {{ min: number, cpuMin: number, slices: number[] }} Side
 */
export async function playPair(name, trees, random) {
  const order = random() < 0.5 ? ['base', 'head'] : ['head', 'base'];
  const sides = {};
  try {
    for (const side of order) sides[side] = await Contestant.start(name, trees[side]);
    for (let round = -WARM_UP; round < SLICES; round++) {
      const first = random() < 0.5 ? 0 : 1;
      for (const side of [order[first], order[1 - first]]) await sides[side].turn(round >= 0);
    }
    return { base: sides.base.result(), head: sides.head.result() };
  } finally {
    for (const side of Object.values(sides)) side.end();
  }
}

class Contestant {
  #child;
  #slices = [];
  #cpu = [];

  static async start(name, tree) {
    const contestant = new Contestant(
      fork(CHILD, [tree, name, 'slices'], { execArgv: [], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] }),
    );
    await contestant.#answer();
    return contestant;
  }

  constructor(child) {
    this.#child = child;
  }

  async turn(counts) {
    const answer = this.#answer();
    this.#child.send('slice');
    const { ns, cpuNs } = await answer;
    if (!counts) return;
    this.#slices.push(ns);
    this.#cpu.push(cpuNs);
  }

  result() {
    return { min: Math.min(...this.#slices), cpuMin: Math.min(...this.#cpu), slices: this.#slices };
  }

  end() {
    this.#child.kill('SIGKILL');
  }

  #answer() {
    const child = this.#child;
    return new Promise((resolve, reject) => {
      const done = (settle) => (value) => {
        clearTimeout(late);
        child.off('message', onMessage).off('exit', onExit);
        settle(value);
      };
      const onMessage = done(resolve);
      const onExit = done((code) =>
        reject(new Error(`a measured process ended with ${code}; its output is above`)),
      );
      const late = setTimeout(
        done(() => reject(new Error(`a measured process did not answer for ${SILENCE_MS / 1_000} s`))),
        SILENCE_MS,
      );
      child.on('message', onMessage).on('exit', onExit);
    });
  }
}
