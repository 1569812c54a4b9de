const CALLS = 60_000;
/** Places of the words in the memory of a log ring. */
const [WRITTEN, READ] = [0, 1];

/** What a message leaves behind on the trading thread: counts, a latency, now and then a log record. */
export const workload = {
  question: 'does a metric or a log record cost more on the trading thread?',
  async prepare(engine, share) {
    const count = Math.ceil(CALLS * share);
    const { LogCatalog, LogRing, MetricRegistry } = await engine('telemetry/index.js');
    const registry = new MetricRegistry();
    const counters = Array.from({ length: 8 }, (_, i) =>
      registry.counter('tradewind_bench_messages_total', 'Messages.', { kind: `k${i}` }),
    );
    const gauge = registry.gauge('tradewind_bench_position', 'Position.');
    const histogram = registry.histogram(
      'tradewind_bench_latency_seconds',
      'Latency.',
      {},
      { perSecond: 1e9 },
    );
    const code = new LogCatalog().define('info', 'order sent', ['instrument', 'side', 'price', 'quantity']);
    const ring = new LogRing({ capacity: count });
    const words = new Int32Array(ring.buffer);
    const slice = () => {
      for (let i = 0; i < count; i++) {
        counters[i & 7].add(1);
        gauge.set(i);
        histogram.record((i * 7_919) % 2_000_000);
        if ((i & 15) === 0) ring.write(code, i, 1, 0, 1_000_000, 5);
      }
      if (ring.dropped > 0 || words[WRITTEN] === words[READ]) throw new Error('log records were lost');
      // As its reader does, which formats them on another thread.
      Atomics.store(words, READ, words[WRITTEN]);
    };
    return { slice, operations: count };
  },
};
