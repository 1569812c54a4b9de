import fastify, { type FastifyInstance } from 'fastify';
import type { Exposition } from './exposition.js';
import type { ReadinessState } from './protocol.js';

/** The heartbeat as seen from here: counted by the main thread, timed by this thread's own monotonic clock. */
export class Heartbeat {
  readonly #slots: Float64Array;
  readonly #slot: number;
  #seen = Number.NaN;
  #changedAt = performance.now();

  constructor(slots: Float64Array, slot: number) {
    this.#slots = slots;
    this.#slot = slot;
  }

  /** Milliseconds since the count was last seen to change. Call it more often than the timeout. */
  age(): number {
    const now = performance.now();
    const value = this.#slots[this.#slot]!;
    if (value !== this.#seen) {
      this.#seen = value;
      this.#changedAt = now;
    }
    return now - this.#changedAt;
  }
}

export interface HealthServerOptions {
  readonly exposition: Exposition;
  readonly heartbeat: Heartbeat;
  readonly heartbeatTimeoutMs: number;
  readonly readiness: ReadonlyMap<string, ReadinessState>;
}

/**
 * `/metrics` (Prometheus text), `/health` (is the main thread's event loop turning?) and `/ready` (may it trade, and if
 * not, why not?). The last two answer 200 or 503 with JSON.
 */
export function createHealthServer(options: HealthServerOptions): FastifyInstance {
  const server = fastify({ logger: false, forceCloseConnections: true });
  const stalled = () => options.heartbeat.age() > options.heartbeatTimeoutMs;

  server.get('/metrics', async (_request, reply) => {
    reply.header('content-type', options.exposition.contentType);
    return options.exposition.text();
  });

  server.get('/health', async (_request, reply) => {
    const ok = !stalled();
    reply.code(ok ? 200 : 503);
    return { status: ok ? 'ok' : 'stalled', heartbeatAgeMs: Math.round(options.heartbeat.age()) };
  });

  server.get('/ready', async (_request, reply) => {
    const notReady = [...options.readiness.values()]
      .filter((state) => !state.ready)
      .map(({ component, reason }) => ({ component, reason }));
    if (options.readiness.size === 0) notReady.push({ component: 'engine', reason: 'starting' });
    if (stalled()) notReady.push({ component: 'engine', reason: 'the main thread is stalled' });
    reply.code(notReady.length === 0 ? 200 : 503);
    return notReady.length === 0
      ? { status: 'ready', components: [...options.readiness.keys()] }
      : { status: 'not ready', notReady };
  });

  return server;
}
