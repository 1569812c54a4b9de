import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { WebSocket } from 'ws';
import {
  DenialReason,
  defineInstrument,
  EventKind,
  type Instrument,
  parseUnits,
  type SendFailed,
} from '../../../src/domain/index.js';
import { createSimulator, type RunningSimulator } from '../../../src/simulator/index.js';
import { MetricRegistry } from '../../../src/telemetry/index.js';
import { createBinanceVenue, type ExecutionPort } from '../../../src/venues/index.js';
import { EventLog, venueOptions } from './execution-harness.js';
import { orderOf } from './private-fixtures.js';

type Line = [kind: string, ...unknown[]];

let simulator: RunningSimulator;
let execution: ExecutionPort;
let instrument: Instrument;
let log: EventLog;
let told: { msg: string; session?: string }[];
/** Order requests as they arrived at the venue. */
let asked: Line[];

const logger = {
  info: (msg: string, fields?: object) => told.push({ msg, ...fields }),
  warn: (msg: string, fields?: object) => told.push({ msg, ...fields }),
  error: (msg: string, fields?: object) => told.push({ msg, ...fields }),
  debug: () => {},
  child: () => logger,
};

beforeEach(async () => {
  [asked, told, log] = [[], [], new EventLog()];
  const ledger = (text: string) => {
    const line = JSON.parse(text) as Line;
    if (line[0] === 'R') asked.push(line);
  };
  simulator = await createSimulator({ flow: null, ledger });
  const options = venueOptions(simulator, new MetricRegistry(), { logger: logger as never });
  const venue = createBinanceVenue(options);
  const [spec] = await venue.marketData.loadInstruments(['BTCUSDT']);
  instrument = defineInstrument(2, 0, spec!);
  execution = venue.execution!;
});
afterEach(async () => {
  await execution.stop();
  await simulator.close();
});

const lost = () => told.filter(({ msg }) => msg === 'session lost').length;
const retries = () => told.filter(({ msg }) => msg === 'connecting again').length;
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
/** Both sessions have been up for a while. */
const settle = () => sleep(400);
const order = (sequence: number) =>
  orderOf(sequence, {
    instrument: instrument.index,
    price: parseUnits('50000', instrument.pricePrecision),
    quantity: parseUnits('0.01', instrument.sizePrecision),
  });

describe('an execution port that is prepared', () => {
  it('sends no order, tells nothing, and refuses what it is given until it is started', async () => {
    execution.prepare!([instrument]);
    execution.prepare!([instrument]);
    await settle();
    execution.submit(order(1));
    execution.cancel(order(1));
    execution.query(order(1));
    await settle();
    expect(asked).toEqual([]);
    expect(log.events).toEqual([]);
    await execution.start([instrument], log.sink);
    expect(log.up).toBe(true);
    execution.submit(order(2));
    await log.until(() => log.has(order(2), 'OrderAccepted'));
    expect(asked).toHaveLength(1);
    expect(lost() + retries()).toBe(0);
  });

  it('uses the connections it has', async () => {
    const { connections } = countConnections();
    execution.prepare!([instrument]);
    await settle();
    const before = connections();
    expect(before).toBe(2);
    await execution.start([instrument], log.sink);
    expect(connections()).toBe(before);
    await expect(execution.start([instrument], log.sink)).rejects.toThrow('already been started');
  });

  it('connects again when it is cut off, and is started all the same', async () => {
    execution.prepare!([instrument]);
    await settle();
    simulator.control.inject({ kind: 'disconnect', channel: 'wsapi' });
    await settle();
    // The one for user data has not been of use yet: both are tried again.
    expect(retries()).toBe(2);
    expect(log.events).toEqual([]);
    simulator.control.inject({ kind: 'disconnect', channel: 'wsapi' });
    await execution.start([instrument], log.sink);
    await log.until(() => log.up);
    execution.submit(order(3));
    await log.until(() => log.has(order(3), 'OrderAccepted'));
    expect(log.count('Reconciled')).toBeGreaterThan(0);
  });

  it('can be stopped without having been started, and begun anew', async () => {
    execution.prepare!([instrument]);
    await settle();
    await execution.stop();
    execution.submit(order(4));
    await execution.start([instrument], log.sink);
    await log.until(() => log.up && log.has(order(4), 'SendFailed'));
    const [failed] = log.of(order(4)) as SendFailed[];
    expect(failed).toMatchObject({ kind: EventKind.SendFailed, reason: DenialReason.SUBMIT_FAILED });
  });
});

/** Sockets of the WebSocket API opened from now on. */
function countConnections(): { connections: () => number } {
  let opened = 0;
  const options = venueOptions(simulator, new MetricRegistry(), { logger: logger as never });
  const openSocket = (url: string) => {
    opened++;
    return new WebSocket(url, { perMessageDeflate: false });
  };
  execution = createBinanceVenue({ ...options, openSocket }).execution!;
  return { connections: () => opened };
}
