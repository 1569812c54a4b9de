import { nanos } from '../measure.mjs';
import { OpenSchedule } from '../open-schedule.mjs';

/** Bytes handed to a socket at a time when there is no other limit: what a busy sender's kernel has ready for a reader. */
const CHUNK_BYTES = 128 * 1024;

/** One connection that carries a stream of laps. */
export class LapSender {
  #socket;
  #laps;
  #next = 0;
  #running = false;
  #stopped = Promise.resolve();
  sent = 0;

  /**
   * @param {import('node:net').Socket} socket
   * @param {import('./lap.mjs').LapStream} laps
   */
  constructor(socket, laps) {
    this.#socket = socket;
    this.#laps = laps;
  }

  /** As fast as they are taken at the other end, until {@link stop}. */
  flood() {
    this.#running = true;
    const perChunk = Math.max(1, Math.floor((CHUNK_BYTES * this.#laps.messages) / this.#laps.byteLength));
    this.#stopped = new Promise((resolve) => {
      const pump = () => {
        // Whatever was handed over before has left: the ids may be written anew.
        do {
          if (!this.#running || this.#socket.destroyed) {
            resolve();
            return;
          }
        } while (this.#socket.write(this.#take(perChunk)));
        this.#socket.once('drain', pump);
      };
      this.#socket.once('close', resolve);
      pump();
    });
  }

  /** Resolves when everything has left. */
  async stop() {
    this.#running = false;
    await this.#stopped;
  }

  /** `count` messages, copied: those before may not have left yet. */
  send(count) {
    for (let left = count; left > 0; ) {
      const before = this.sent;
      this.#socket.write(Buffer.from(this.#take(left)));
      left -= this.sent - before;
    }
  }

  #take(count) {
    if (this.#next === this.#laps.messages) {
      this.#laps.nextRound();
      this.#next = 0;
    }
    const from = this.#next;
    this.#next = Math.min(this.#laps.messages, from + count);
    this.sent += this.#next - from;
    return this.#laps.slice(from, this.#next);
  }
}

/**
 * Calls `begin` with the number of each operation of the schedule when it is due, looking at the clock and the sockets in
 * turn without a pause: a timer of a millisecond would come late by more than what is measured.
 *
 * @param {OpenSchedule} schedule
 * @param {(i: number) => void} begin
 */
export function keepSchedule(schedule, begin) {
  return new Promise((resolve) => {
    const look = () => {
      for (let i = schedule.take(nanos()); i >= 0; i = schedule.take(nanos())) begin(i);
      if (schedule.isDone) resolve();
      else setImmediate(look);
    };
    look();
  });
}

/**
 * At a rate, on timers: what is due each millisecond goes at once, as from a network, and the processor is left to others.
 *
 * @param {number} perSecond
 * @param {() => boolean} isOver
 * @param {(count: number) => void} send
 */
export function pace(perSecond, isOver, send) {
  const start = nanos();
  let sent = 0;
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      const due = Math.floor(((nanos() - start) * perSecond) / 1e9) - sent;
      if (due > 0) {
        send(due);
        sent += due;
      }
      if (!isOver()) return;
      clearInterval(timer);
      resolve(sent);
    }, 1);
  });
}
