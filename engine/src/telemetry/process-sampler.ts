import {
  constants,
  type EventLoopUtilization,
  monitorEventLoopDelay,
  PerformanceObserver,
} from 'node:perf_hooks';
import type { Counter } from './counters.js';
import type { MetricRegistry } from './metric-registry.js';

const BEAT_MS = 250;
const BEATS_PER_SAMPLE = 4;
const LOOP_RESOLUTION_MS = 10;

/** Node's own numbers for kinds of garbage collection. */
const GC_KINDS: readonly (readonly [number, string])[] = [
  [constants.NODE_PERFORMANCE_GC_MINOR, 'minor'],
  [constants.NODE_PERFORMANCE_GC_MAJOR, 'major'],
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL, 'incremental'],
  [constants.NODE_PERFORMANCE_GC_WEAKCB, 'weak_callbacks'],
];

/**
 * Samples this thread and its process into slots: memory, CPU time, event-loop delay and garbage collection once a
 * second, and a heartbeat four times a second. Its timer does not keep the process alive.
 */
export class ProcessSampler {
  readonly heartbeat: Counter;
  readonly #sample: () => void;
  readonly #loop = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS });
  readonly #gc: PerformanceObserver;
  #timer: NodeJS.Timeout | undefined;
  #beats = 0;

  constructor(metrics: MetricRegistry) {
    this.heartbeat = metrics.counter(
      'tradewind_heartbeats_total',
      'Turns of the main event loop seen by its own timer.',
    );
    this.#sample = defineSamples(metrics, this.#loop);
    const pauses = new Map(
      GC_KINDS.map(([kind, name]) => [
        kind,
        metrics.histogram(
          'tradewind_gc_pause_seconds',
          'Garbage collection pauses of the main thread.',
          { kind: name },
          { scale: 1e-9 },
        ),
      ]),
    );
    this.#gc = new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        const kind = (entry as typeof entry & { detail?: { kind?: number } }).detail?.kind ?? 0;
        pauses.get(kind)?.record(entry.duration * 1e6);
      }
    });
  }

  start(): void {
    this.#loop.enable();
    this.#gc.observe({ entryTypes: ['gc'] });
    this.heartbeat.add(1);
    this.#sample();
    this.#timer = setInterval(() => {
      this.heartbeat.add(1);
      if (++this.#beats % BEATS_PER_SAMPLE === 0) this.#sample();
    }, BEAT_MS);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#loop.disable();
    this.#gc.disconnect();
  }
}

function defineSamples(metrics: MetricRegistry, loop: ReturnType<typeof monitorEventLoopDelay>): () => void {
  const rss = metrics.gauge('tradewind_process_resident_memory_bytes', 'Resident memory of the process.');
  const heapUsed = metrics.gauge('tradewind_process_heap_used_bytes', 'Heap of the main thread in use.');
  const heapTotal = metrics.gauge(
    'tradewind_process_heap_size_bytes',
    'Heap of the main thread, used or not.',
  );
  const external = metrics.gauge(
    'tradewind_process_external_memory_bytes',
    'Memory of buffers outside the heap.',
  );
  const cpuHelp = 'Processor time the process has used.';
  const cpuUser = metrics.counter('tradewind_process_cpu_seconds_total', cpuHelp, { mode: 'user' });
  const cpuSystem = metrics.counter('tradewind_process_cpu_seconds_total', cpuHelp, { mode: 'system' });
  const started = metrics.gauge(
    'tradewind_process_start_time_seconds',
    'When the process started, since 1970 (UTC).',
  );
  const busy = metrics.gauge(
    'tradewind_event_loop_utilization_ratio',
    'Share of the last second the main thread was busy.',
  );
  const delayHelp = 'Lateness of the main event loop over the last second.';
  const delay = (stat: string) => metrics.gauge('tradewind_event_loop_delay_seconds', delayHelp, { stat });
  const delays = { p50: delay('p50'), p99: delay('p99'), max: delay('max') };
  started.set(performance.timeOrigin / 1000);

  let last: EventLoopUtilization = performance.eventLoopUtilization();
  // The monitor measures the distance between its own ticks: their resolution is no delay.
  const late = (ns: number) => Math.max(0, ns / 1e9 - LOOP_RESOLUTION_MS / 1000);
  return () => {
    const memory = process.memoryUsage();
    rss.set(memory.rss);
    heapUsed.set(memory.heapUsed);
    heapTotal.set(memory.heapTotal);
    external.set(memory.external);
    const cpu = process.cpuUsage();
    cpuUser.add(cpu.user / 1e6 - cpuUser.value);
    cpuSystem.add(cpu.system / 1e6 - cpuSystem.value);
    const now = performance.eventLoopUtilization();
    busy.set(performance.eventLoopUtilization(now, last).utilization);
    last = now;
    if (loop.max > 0) {
      delays.p50.set(late(loop.percentile(50)));
      delays.p99.set(late(loop.percentile(99)));
      delays.max.set(late(loop.max));
      loop.reset();
    }
  };
}
