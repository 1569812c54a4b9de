/** Entry point of the exporter's worker thread: everything about telemetry that costs more than a store happens here. */
import { parentPort, workerData } from 'node:worker_threads';
import { Exposition } from './exposition.js';
import { createHealthServer, Heartbeat } from './health-server.js';
import { LogRingReader } from './log-ring.js';
import { LogWriter } from './log-writer.js';
import { MetricRegistry } from './metric-registry.js';
import {
  CONTROL,
  type FromWorker,
  type LogLine,
  type ReadinessState,
  type ToWorker,
  type WorkerOptions,
} from './protocol.js';

const DRAIN_MS = 50;

/** The error of a refused start, with the configuration key to look at. */
class StartError extends Error {
  readonly key: string;
  constructor(key: string, message: string) {
    super(message);
    this.key = key;
  }
}

async function run(options: WorkerOptions, port: NonNullable<typeof parentPort>): Promise<void> {
  const control = new Int32Array(options.control);
  const own = new MetricRegistry({ slots: 256 });
  const ringDropped = own.counter(
    'tradewind_log_records_dropped_total',
    'Binary log records dropped because the ring was full.',
  );
  const lines = {
    debug: lineCounter(own, 'debug'),
    info: lineCounter(own, 'info'),
    warn: lineCounter(own, 'warn'),
    error: lineCounter(own, 'error'),
    fatal: lineCounter(own, 'fatal'),
  };
  const writer = openLog(options, own);
  for (const code of options.codes) writer.defineCode(code);

  const exposition = new Exposition();
  const define = exposition.add(options.metrics, options.definitions);
  exposition.add(own.buffer, own.layout().metrics);

  const heartbeat = new Heartbeat(new Float64Array(options.metrics), options.heartbeatSlot);
  const readiness = new Map<string, ReadinessState>();
  const server = createHealthServer({
    exposition,
    heartbeat,
    heartbeatTimeoutMs: options.heartbeatTimeoutMs,
    readiness,
  });

  const ring = new LogRingReader(options.ring);
  /** Writes what the ring holds and `posted`, merged by time: a ring record is older than a line posted after it. */
  const write = (posted: readonly LogLine[]) => {
    const batch: LogLine[] = [];
    ring.drain((record) => batch.push(writer.format(record)));
    ringDropped.add(ring.dropped - ringDropped.value);
    batch.push(...posted);
    if (batch.length > posted.length && posted.length > 0) batch.sort((a, b) => a.tsUs - b.tsUs);
    for (const line of batch) {
      lines[line.level].add(1);
      writer.line(line);
    }
  };

  const timer = setInterval(() => {
    heartbeat.age();
    write([]);
  }, DRAIN_MS);

  port.on('message', (message: ToWorker) => {
    switch (message.type) {
      case 'metric':
        define(message.definition);
        break;
      case 'code':
        writer.defineCode(message.code);
        break;
      case 'log':
        write(message.lines);
        Atomics.add(control, CONTROL.LINES_TAKEN, message.lines.length);
        break;
      case 'ready':
        readiness.set(message.state.component, message.state);
        break;
      case 'flush':
        write([]);
        writer.flush(() => {
          Atomics.store(control, CONTROL.FLUSHED, message.id);
          Atomics.notify(control, CONTROL.FLUSHED);
        });
        break;
      case 'close':
        clearInterval(timer);
        void server.close().finally(() => {
          write([]);
          writer.flush(() => port.close());
        });
        break;
    }
  });

  if (options.http !== null) await listen(server, options.http);
  const address = server.server.address();
  const actual = address !== null && typeof address === 'object' ? address.port : null;
  port.postMessage({ type: 'started', port: actual } satisfies FromWorker);
}

function lineCounter(registry: MetricRegistry, level: string) {
  return registry.counter('tradewind_log_lines_total', 'Log lines written.', { level });
}

function openLog(options: WorkerOptions, metrics: MetricRegistry): LogWriter {
  try {
    return new LogWriter({ ...options.log, metrics });
  } catch (error) {
    throw new StartError('log.file', `cannot write ${options.log.file}: ${(error as Error).message}`);
  }
}

async function listen(
  server: ReturnType<typeof createHealthServer>,
  http: { readonly host: string; readonly port: number },
): Promise<void> {
  try {
    await server.listen(http);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const where = `${http.host}:${http.port}`;
    if (code === 'EADDRINUSE') {
      throw new StartError('telemetry.port', `${where} is already in use; choose a free port, or 0 for any`);
    }
    if (code === 'EACCES') throw new StartError('telemetry.port', `not allowed to listen on ${where}`);
    const key = code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' ? 'telemetry.host' : 'telemetry.port';
    throw new StartError(key, `cannot listen on ${where}: ${message}`);
  }
}

if (parentPort !== null) {
  const port = parentPort;
  run(workerData as WorkerOptions, port).catch((error: unknown) => {
    const key = error instanceof StartError ? error.key : 'telemetry';
    const message = error instanceof Error ? error.message : String(error);
    port.postMessage({ type: 'failed', key, message } satisfies FromWorker);
  });
}
