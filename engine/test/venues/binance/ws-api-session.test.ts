import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type Logger, nullLogger } from '../../../src/telemetry/index.js';
import { type SessionOptions, WsApiSession } from '../../../src/venues/binance/ws-api-session.js';
import { ScriptedVenue } from './scripted-venue.js';

let script: ScriptedVenue;
let session: WsApiSession;

beforeEach(async () => {
  script = new ScriptedVenue();
  await script.listen();
});
afterEach(async () => {
  await session.stop();
  await script.close();
});

function make(options: Partial<SessionOptions> = {}): WsApiSession {
  return new WsApiSession({
    name: 'test',
    url: script.endpoints.wsApi,
    reconnect: { maxAttempts: 0, minDelayMs: 20, maxDelayMs: 10_000 },
    heartbeat: { intervalMs: 10_000, timeoutMs: 5_000 },
    lifetimeMs: 60_000,
    logger: nullLogger,
    authenticate: () => Promise.resolve(),
    onFrame() {},
    onReady() {},
    onDown() {},
    onRefused() {},
    standsBy: () => false,
    holdOffMs: () => 0,
    onLost() {},
    ...options,
  });
}

describe('a session', () => {
  it('that breaks as soon as it is up is tried again at growing intervals', async () => {
    const delays: number[] = [];
    const logger: Logger = {
      ...nullLogger,
      info: (message, fields) => {
        if (message === 'connecting again') delays.push(fields!.delayMs as number);
      },
    };
    session = make({
      logger,
      onReady: () => {
        for (const socket of script.sockets) socket.terminate();
      },
    });
    await session.start();
    const deadline = performance.now() + 8_000;
    while (delays.length < 5 && performance.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, 5));
    // Each wait is drawn from the upper half of 20, 40, 80, 160, 320 ms.
    for (const [i, least] of [10, 20, 40, 80, 160].entries()) expect(delays[i]).toBeGreaterThanOrEqual(least);
  });

  it('that stood ready for long each time before it broke is tried again soon, however often it broke', async () => {
    const delays: number[] = [];
    const logger: Logger = {
      ...nullLogger,
      info: (message, fields) => {
        if (message === 'connecting again') delays.push(fields!.delayMs as number);
      },
    };
    const now = performance.now.bind(performance);
    let passedMs = 0;
    const clock = jest.spyOn(performance, 'now').mockImplementation(() => now() + passedMs);
    try {
      session = make({
        logger,
        reconnect: { maxAttempts: 2, minDelayMs: 20, maxDelayMs: 10_000 },
        // Logged on, and waiting for a process that leads.
        authenticate: () => {
          passedMs += 20_000;
          for (const socket of script.sockets) socket.terminate();
          return new Promise(() => {});
        },
      });
      session.start().catch(() => {});
      const deadline = now() + 8_000;
      while (delays.length < 5 && now() < deadline) await new Promise((resolve) => setTimeout(resolve, 5));
      expect(delays).toHaveLength(5);
      expect(Math.max(...delays)).toBeLessThanOrEqual(20);
    } finally {
      clock.mockRestore();
    }
  });

  it('that is stopped before it is up ends its start', async () => {
    script.refusal = { status: 503 };
    session = make();
    const started = session.start().catch((error: Error) => error.message);
    while (script.refused === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await session.stop();
    expect(await started).toBe('binance: the test session was stopped before it was up');
  });
});
