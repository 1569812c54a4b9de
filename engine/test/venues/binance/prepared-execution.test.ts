import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
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

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

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
/** Both sessions are logged on. */
const settle = () => log.until(() => execution.connected === true, 'both sessions are logged on');
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
    // Time for what must not be sent to arrive.
    await sleep(100);
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
    // The one for user data has not been of use yet: both are tried again.
    await log.until(() => retries() === 2);
    await settle();
    expect(log.events).toEqual([]);
    simulator.control.inject({ kind: 'disconnect', channel: 'wsapi' });
    await execution.start([instrument], log.sink);
    await log.until(() => log.up);
    execution.submit(order(3));
    await log.until(() => log.has(order(3), 'OrderAccepted'));
    expect(log.count('Reconciled')).toBeGreaterThan(0);
  });

  it('says whether both sessions are logged on, before it is started and after', async () => {
    expect(execution.connected).toBe(false);
    execution.prepare!([instrument]);
    await log.until(() => execution.connected === true);
    simulator.control.inject({ kind: 'disconnect', channel: 'wsapi' });
    await log.until(() => execution.connected === false);
    await log.until(() => execution.connected === true);
    await execution.start([instrument], log.sink);
    expect(execution.connected).toBe(true);
    simulator.control.inject({ kind: 'disconnect', channel: 'wsapi' });
    await log.until(() => execution.connected === false);
    await log.until(() => execution.connected === true);
    await execution.stop();
    expect(execution.connected).toBe(false);
  });

  it('keeps nothing of the connections that it lost', async () => {
    const { connections, alive } = countConnections();
    execution.prepare!([instrument]);
    await log.until(() => execution.connected === true);
    for (let lives = 1; lives <= 3; lives++) {
      simulator.control.inject({ kind: 'disconnect', channel: 'wsapi' });
      await log.until(() => connections() === 2 + 2 * lives && execution.connected === true);
    }
    await log.until(() => alive() === 2, 'two connections are left');
  });

  it('trades the instruments that it is started with', async () => {
    execution.prepare!([{ ...instrument, index: 5 }]);
    await settle();
    await execution.start([instrument], log.sink);
    execution.submit(order(5));
    await log.until(() => log.of(order(5)).length > 0);
    expect(log.kinds(order(5))).toEqual(['OrderAccepted']);
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

/** Sockets of the WebSocket API opened from now on, and those of them that something still refers to. */
function countConnections(): { connections: () => number; alive: () => number } {
  const sockets: WeakRef<WebSocket>[] = [];
  const options = venueOptions(simulator, new MetricRegistry(), { logger: logger as never });
  const openSocket = (url: string) => {
    const socket = new WebSocket(url, { perMessageDeflate: false });
    sockets.push(new WeakRef(socket));
    return socket;
  };
  execution = createBinanceVenue({ ...options, openSocket }).execution!;
  return {
    connections: () => sockets.length,
    alive: () => {
      collectGarbage();
      return sockets.filter((socket) => socket.deref() !== undefined).length;
    },
  };
}
