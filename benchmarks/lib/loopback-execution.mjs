import { connect } from 'node:net';
import { EventKind, RejectReason } from '@tradewind/engine/domain';
import { ANSWER_BYTES, REQUEST_BYTES } from './loopback-frames.mjs';
import { nanos } from './measure.mjs';

/**
 * Order entry at a loopback venue: each order one write to a real socket, each answer an acceptance and, as an order that
 * takes what is there or nothing, its end. Keeps per order, by its number, when it was written.
 */
export class LoopbackExecution {
  #socket;
  #sink;
  #rest = Buffer.alloc(0);
  /** Called after the events of each chunk of answers. */
  onAnswers = () => {};
  /** Called with an order's sequence once its bytes were handed to the socket, and the time. */
  onSent = (_sequence, _ns) => {};
  sent = 0;
  answered = 0;

  /** @param {number} port */
  static async connect(port) {
    const execution = new LoopbackExecution();
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    execution.#socket = socket;
    socket.on('data', (chunk) => execution.#take(chunk));
    return execution;
  }

  listen(sink) {
    this.#sink = sink;
  }

  submit({ epoch, sequence, instrument, side, price, quantity }) {
    const frame = Buffer.allocUnsafe(REQUEST_BYTES);
    frame.writeDoubleLE(epoch, 0);
    frame.writeDoubleLE(sequence, 8);
    frame.writeDoubleLE(price, 16);
    frame.writeDoubleLE(quantity, 24);
    frame.writeUInt32LE(instrument, 32);
    frame.writeUInt32LE(side, 36);
    this.#socket.write(frame);
    this.sent++;
    this.onSent(sequence, nanos());
  }

  cancel() {}

  query({ epoch, sequence }) {
    throw new Error(`order ${epoch}-${sequence} is asked about: its answer took too long`);
  }

  close() {
    this.#socket.destroy();
  }

  #take(chunk) {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = 0;
    for (; at + ANSWER_BYTES <= bytes.length; at += ANSWER_BYTES) {
      const order = { epoch: bytes.readDoubleLE(at), sequence: bytes.readDoubleLE(at + 8) };
      const base = { tsEvent: 0, tsInit: 0, ...order };
      this.#sink({ kind: EventKind.OrderAccepted, ...base, venueOrderId: String(order.sequence) });
      this.#sink({ kind: EventKind.OrderExpired, ...base, reason: RejectReason.NO_LIQUIDITY });
      this.answered++;
    }
    this.#rest = bytes.subarray(at);
    this.onAnswers();
  }
}
