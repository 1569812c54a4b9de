import { afterEach, describe, expect, it } from '@jest/globals';
import { nullLogger, systemClock } from '../../../src/telemetry/index.js';
import { StreamKeeper } from '../../../src/venues/binance/stream-keeper.js';
import { FakeVenue } from './market-fake-venue.js';

const open: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

describe('the replacement of a market data connection', () => {
  it('that is refused is not tried again before the venue says so, nor later because the old one is lost', async () => {
    const venue = await FakeVenue.start();
    const keeper = new StreamKeeper(
      {
        url: venue.url,
        streams: ['btcusdt@trade'],
        heartbeat: { intervalMs: 10_000, timeoutMs: 5_000 },
        reconnect: { maxAttempts: 0, minDelayMs: 5, maxDelayMs: 20 },
        clock: systemClock,
        logger: nullLogger,
        random: () => 0.5,
      },
      { onConnecting() {}, onUp() {}, onFrame() {}, onDown() {} },
    );
    open.push(
      () => keeper.stop(),
      () => venue.close(),
    );
    await keeper.start();
    const refusedAt = performance.now();
    venue.refusals.push(2);
    keeper.renew('test');
    while (venue.refusals.length > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    // Longer than the second after which a failed replacement is usually tried again.
    await new Promise((resolve) => setTimeout(resolve, 1_300));
    expect(venue.sockets).toHaveLength(1);
    venue.socket.terminate();
    while (venue.sockets.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(performance.now() - refusedAt).toBeGreaterThan(1_990);
  });
});
