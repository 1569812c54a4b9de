import { strict as assert } from 'node:assert';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LogCatalog, LogRing } from '@tradewind/engine/telemetry';
import { LogRingReader } from '../../engine/dist/telemetry/log-ring.js';
import { timeCalls } from './time-calls.mjs';

/**
 * A line about an order: pino (the engine's own version) into a file, as it comes and with a buffer of 4 KiB; ours into the
 * ring, which a worker empties and formats in the engine. Here it is emptied between batches, uncounted.
 */
export async function logsBeside() {
  const engine = createRequire(new URL('../../engine/package.json', import.meta.url));
  const pino = engine('pino');
  const folder = mkdtempSync(join(tmpdir(), 'bench-log-'));
  try {
    const files = { naive: join(folder, 'naive.log'), buffered: join(folder, 'buffered.log') };
    const destinations = {
      naive: pino.destination({ dest: files.naive, sync: true }),
      buffered: pino.destination({ dest: files.buffered, sync: true, minLength: 4_096 }),
    };
    const naive = pino({}, destinations.naive);
    const buffered = pino({}, destinations.buffered);
    const line = (logger) => (i) =>
      logger.info(
        { symbol: 'BTCUSDT', side: 'buy', price: 61737.63, quantity: 0.01, sequence: i },
        'order sent',
      );
    const code = new LogCatalog().define('info', 'order sent', [
      'symbol',
      'side',
      'price',
      'quantity',
      'sequence',
    ]);
    const ring = new LogRing();
    const reader = new LogRingReader(ring.buffer);
    let taken = 0;
    const { summaries, calls } = timeCalls({
      naive: { call: line(naive) },
      buffered: { call: line(buffered) },
      ours: {
        call: (i) => ring.write(code, 1_790_000_000_000_000, 0, 1, 6_173_763, 1_000, i),
        after: () => reader.drain(() => taken++),
      },
    });
    destinations.buffered.flushSync();
    for (const file of Object.values(files)) assert.equal(lines(file), calls, `${file}: lines are missing`);
    assert.equal(taken, calls, 'records are missing');
    return summaries;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function lines(file) {
  let count = 0;
  for (const byte of readFileSync(file)) if (byte === 10) count++;
  return count;
}
