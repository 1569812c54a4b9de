import { benchInstrument, benchOrder } from '../../lib/bench-instrument.mjs';

const ORDERS = 15_000;
const TIMESTAMP_MS = 1_790_000_000_000;

/** Orders and cancels as the bytes that go to the venue, in a session that has logged on. */
export const workload = {
  question: 'does an order cost more to write?',
  async prepare(engine, share) {
    const count = Math.ceil(ORDERS * share);
    const { defineInstrument } = await engine('domain/index.js');
    const { OrderEncoder } = await engine('venues/binance/order-encoder.js');
    const instrument = defineInstrument(0, 0, benchInstrument('BTCUSDT', 'BTC'));
    const encoder = new OrderEncoder([instrument], 5_000);
    const order = benchOrder(TIMESTAMP_MS * 1_000);
    let sequence = 0;
    const slice = () => {
      let bytes = 0;
      for (let i = 0; i < count; i++) {
        order.sequence = ++sequence;
        order.price = 1_000_000 + (i & 0xff);
        bytes += encoder.place(sequence, order, TIMESTAMP_MS).length;
        if ((i & 3) === 0) bytes += encoder.cancel(sequence, order, 9_000_000 + i, TIMESTAMP_MS).length;
      }
      if (bytes < count * 100) throw new Error('hardly a byte: nothing was measured');
    };
    return { slice, operations: count };
  },
};
