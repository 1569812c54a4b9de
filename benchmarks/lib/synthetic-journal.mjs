import {
  CommandKind,
  defineInstrument,
  EventKind,
  parseAmount,
  VenueChannel,
} from '@tradewind/engine/domain';
import {
  BinaryWriter,
  beginRecord,
  checksumRecords,
  encodeCommands,
  encodeEvent,
  encodeOptions,
  endRecord,
  JOURNAL_START,
  RecordType,
  SegmentWriter,
} from '@tradewind/engine/journal';
import { Kernel } from '@tradewind/engine/kernel';
import { MarketMaker } from '@tradewind/engine/strategies';
import { benchInstrument } from './bench-instrument.mjs';

const START = 1_700_000_000_000_000;
const INSTRUMENTS = 4;
const LEVELS = 40;
/** What a second of a liquid spot market looks like over WebSocket, in shares of all events; the rest are our orders. */
const MIX = { quote: 0.5, trade: 0.25, delta: 0.18, timer: 0.03, balance: 0.01 };

const SYMBOLS = ['BTC', 'ETH', 'SOL', 'XRP'].slice(0, INSTRUMENTS);

export const OPTIONS = { version: 'benchmark', config: { strategies: SYMBOLS.length } };

/** A kernel with a market maker for each instrument. */
export function makeKernel() {
  return new Kernel({
    strategies: SYMBOLS.map(
      (base) =>
        new MarketMaker({
          symbol: `${base}USDT`,
          spreadBps: 2,
          minSpreadBps: 0,
          orderSize: '0.01',
          maxInventory: '0.5',
          inventorySkewBps: 1,
          repriceIntervalMs: 50,
          repriceThresholdBps: 0.5,
          orderTimeoutMs: 250,
        }),
    ),
    limits: {
      maxOrderQuantity: '1',
      priceCollarBps: 500,
      maxPosition: Object.fromEntries(SYMBOLS.map((base) => [`${base}USDT`, '1'])),
      maxOpenOrders: 10,
      orderRate: { perSecond: 1_000, burst: 1_000 },
      circuitBreakerBps: 1_000,
    },
    staleAfterUs: 5_000_000,
  });
}

/** Numerical Recipes' linear congruential generator. */
function generator(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/**
 * Writes a journal of `length` events: market data in the proportions of {@link MIX}, and a venue that takes, fills and
 * cancels the orders it leads to. Calls `onSynced` with the sequence after every `syncEvery` events. Answers with the state
 * hash at the end and how many events there were of each kind.
 */
export function writeJournal(disk, length, { segmentBytes, syncEvery, onSynced }) {
  const random = generator(42);
  const kernel = makeKernel();
  const writer = SegmentWriter.open(disk, { segmentBytes }, JOURNAL_START);
  const batch = new BinaryWriter(1 << 22);
  const kinds = new Map();
  const answers = [];
  const open = new Map();
  let sequence = 0;
  let events = 0;
  let now = START;
  let trades = 0;

  const record = (type, fill) => {
    const at = beginRecord(batch, type, ++sequence, 1, now);
    fill(batch);
    endRecord(batch, at);
  };
  const flush = () => {
    checksumRecords(batch.bytes);
    writer.append(batch.bytes);
    batch.reset();
  };
  const apply = (event) => {
    event.tsEvent = now - 500;
    event.tsInit = now;
    const commands = kernel.apply(event);
    record(RecordType.Event, (out) => {
      encodeEvent(event, out);
      if (commands.length > 0) encodeCommands(commands, out);
    });
    for (let i = 0; i < commands.length; i++) answer(commands.at(i));
    kinds.set(event.kind, (kinds.get(event.kind) ?? 0) + 1);
    if (batch.length > 1 << 21) flush();
    if (++events % syncEvery === 0) {
      flush();
      writer.sync();
      onSynced?.(writer.synced);
    }
  };
  const answer = ({ kind, order }) => {
    if (kind === CommandKind.Deny || kind === CommandKind.Query) return;
    const { epoch, sequence: id, instrument, side, price, quantity } = order;
    const base = { epoch, sequence: id };
    if (kind === CommandKind.Submit) {
      open.set(id, { ...base, instrument, side, price, quantity });
      answers.push({ kind: EventKind.OrderAccepted, ...base, venueOrderId: String(4_000_000_000 + id) });
    } else if (open.delete(id)) answers.push({ kind: EventKind.OrderCanceled, ...base });
  };
  const fill = ({ epoch, sequence: id, price, quantity }) => {
    open.delete(id);
    answers.push({
      kind: EventKind.OrderFilled,
      epoch,
      sequence: id,
      tradeId: String(700_000_000 + ++trades),
      price,
      quantity,
      liquidity: 0,
      feeAsset: 'USDT',
      fee: BigInt(price) * BigInt(quantity) * 10n ** 7n,
    });
  };

  record(RecordType.Options, (out) => out.raw(encodeOptions(OPTIONS)));
  apply({ kind: EventKind.SessionStarted, epoch: 1, version: 'benchmark', configDigest: 'none' });
  const markets = SYMBOLS.map((base, index) => {
    const symbol = `${base}USDT`;
    apply({
      kind: EventKind.InstrumentDefined,
      instrument: defineInstrument(index, 0, benchInstrument(symbol, base)),
    });
    return { index, mid: 3_000_000 + index * 1_000_000, updateId: 1, bookId: 1 };
  });
  for (const channel of Object.values(VenueChannel))
    apply({ kind: EventKind.Connection, venue: 0, channel, state: 2 });
  for (const { index, mid } of markets) {
    const side = (step) => Float64Array.from({ length: 1000 }, (_, i) => mid + step * (4 + i * 3));
    const sizes = Float64Array.from({ length: 1000 }, (_, i) => 10_000 + i);
    apply({
      kind: EventKind.BookSnapshot,
      instrument: index,
      firstId: 1,
      lastId: 1,
      bidCount: 1000,
      askCount: 1000,
      bidPrices: side(-1),
      bidSizes: sizes,
      askPrices: side(1),
      askSizes: sizes,
    });
  }
  const room = () => new Float64Array(LEVELS);
  const delta = { bidPrices: room(), bidSizes: room(), askPrices: room(), askSizes: room() };

  while (events < length) {
    now += 50 + Math.floor(random() * 900);
    if (answers.length > 0 && random() < 0.5) {
      apply(answers.shift());
      continue;
    }
    const market = markets[Math.floor(random() * markets.length)];
    const { index: instrument, mid } = market;
    let what = random();
    if (what < MIX.quote) {
      const half = 1 + Math.floor(random() * 3);
      const id = ++market.updateId;
      apply({
        kind: EventKind.Quote,
        instrument,
        updateId: id,
        bid: mid - half,
        bidSize: 9_000,
        ask: mid + half,
        askSize: 8_000,
      });
      continue;
    }
    what -= MIX.quote;
    if (what < MIX.trade) {
      const aggressor = random() < 0.5 ? 0 : 1;
      apply({
        kind: EventKind.Trade,
        instrument,
        tradeId: ++trades,
        price: mid,
        quantity: 1 + Math.floor(random() * 5000),
        aggressor,
      });
      // A trade now and then is with us.
      const hit =
        random() < 0.01 ? [...open.values()].find((order) => order.instrument === instrument) : undefined;
      if (hit !== undefined) fill(hit);
      continue;
    }
    what -= MIX.trade;
    if (what < MIX.delta) {
      const move = random() < 0.05 ? (random() < 0.5 ? 3 : -3) : 0;
      market.mid += move;
      const count = () => 1 + Math.floor(random() * random() * (LEVELS - 4));
      const side = (prices, sizes, step) => {
        let levels = 0;
        // What the market has come to goes.
        for (; levels < 3 && move * step > 0; levels++) {
          prices[levels] = mid + step * (4 + levels);
          sizes[levels] = 0;
        }
        for (const end = levels + count(); levels < end; levels++) {
          // Nearly all of what changes lies close to the top.
          prices[levels] = market.mid + step * (4 + Math.floor(random() * random() * 900));
          sizes[levels] = random() < 0.4 ? 0 : 1 + Math.floor(random() * 50_000);
        }
        return levels;
      };
      const bidCount = side(delta.bidPrices, delta.bidSizes, -1);
      const askCount = side(delta.askPrices, delta.askSizes, 1);
      // Covers the ids of the quotes since.
      const firstId = market.bookId + 1;
      const lastId = ++market.updateId;
      market.bookId = lastId;
      apply({ kind: EventKind.BookDelta, instrument, firstId, lastId, bidCount, askCount, ...delta });
      continue;
    }
    what -= MIX.delta;
    if (what < MIX.timer) apply({ kind: EventKind.Timer });
    else if (what < MIX.timer + MIX.balance) {
      apply({ kind: EventKind.Balance, venue: 0, asset: 'USDT', free: parseAmount('1000000'), locked: 0n });
    }
  }
  flush();
  writer.close();
  return { stateHash: kernel.stateHash(), kinds, records: sequence };
}
