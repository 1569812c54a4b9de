import { describe, expect, it } from '@jest/globals';
import { Exposition } from '../../src/telemetry/exposition.js';
import { createHealthServer, Heartbeat } from '../../src/telemetry/health-server.js';
import type { ReadinessState } from '../../src/telemetry/protocol.js';

function serve(heartbeatTimeoutMs: number, states: ReadinessState[] = []) {
  const heartbeat = new Heartbeat(new Float64Array(1), 0);
  const readiness = new Map(states.map((state) => [state.component, state]));
  return createHealthServer({ exposition: new Exposition(), heartbeat, heartbeatTimeoutMs, readiness });
}

const venue = { component: 'venue', ready: true, reason: '' };

describe('createHealthServer', () => {
  it('is unhealthy and not ready once the heartbeat is older than its limit', async () => {
    // Any age is too old here: what is tested is the answer, not the passing of time.
    const server = serve(-1, [venue]);
    const health = await server.inject('/health');
    expect([health.statusCode, health.json().status]).toEqual([503, 'stalled']);
    const ready = await server.inject('/ready');
    expect(ready.statusCode).toBe(503);
    expect(ready.json().notReady).toEqual([{ component: 'engine', reason: 'the main thread is stalled' }]);
  });

  it('is not ready before anything has said so', async () => {
    const ready = await serve(60_000).inject('/ready');
    expect([ready.statusCode, ready.json().notReady]).toEqual([
      503,
      [{ component: 'engine', reason: 'starting' }],
    ]);
  });

  it('is ready when every component is', async () => {
    const ready = await serve(60_000, [venue]).inject('/ready');
    expect([ready.statusCode, ready.json()]).toEqual([200, { status: 'ready', components: ['venue'] }]);
  });

  it('knows no other path', async () => {
    expect((await serve(60_000).inject('/')).statusCode).toBe(404);
  });
});

describe('Heartbeat', () => {
  it('is young again whenever the count has changed', async () => {
    const slots = new Float64Array(1);
    const heartbeat = new Heartbeat(slots, 0);
    heartbeat.age();
    let age = 0;
    while (age < 5) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      age = heartbeat.age();
    }
    slots[0] = 1;
    expect(heartbeat.age()).toBe(0);
  });
});
