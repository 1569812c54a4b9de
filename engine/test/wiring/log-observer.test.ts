import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  BookFault,
  ConnectionState,
  DenialReason,
  EventKind,
  type KernelEvent,
  RejectReason,
  VenueChannel,
} from '../../src/domain/index.js';
import { Kernel } from '../../src/kernel/index.js';
import { LogCatalog, type LogFields, type Logger, LogRing } from '../../src/telemetry/index.js';
import { Engine, LogObserver } from '../../src/wiring/index.js';
import { bookUpdate, instrument, opening, openLimits } from '../kernel/support/fixtures.js';
import { intent, ScriptedStrategy } from '../kernel/support/scripted-strategy.js';
import { FakeClock, FakeExecution } from './support.js';

let lines: { level: string; message: string; fields: LogFields }[];
let clock: FakeClock;
let strategy: ScriptedStrategy;
let engine: Engine;
let kernel: Kernel;

function note(level: string) {
  return (message: string, fields: LogFields = {}) => void lines.push({ level, message, fields });
}
const logger: Logger = {
  debug: note('debug'),
  info: note('info'),
  warn: note('warn'),
  error: note('error'),
  child: () => logger,
};
const said = (text: string) => lines.filter(({ message }) => message === text);
const order = (sequence: number) => ({ tsEvent: 0, tsInit: 0, epoch: 7, sequence });
const timer = (): KernelEvent => ({ kind: EventKind.Timer, tsEvent: 0, tsInit: 0 });

beforeEach(() => {
  lines = [];
  clock = new FakeClock();
  strategy = new ScriptedStrategy();
  kernel = new Kernel({ limits: openLimits, strategies: [strategy], staleAfterUs: 1_000_000 });
  const targets = { logger, ring: new LogRing({ level: 'debug' }), catalog: new LogCatalog() };
  engine = new Engine(kernel, clock, [new LogObserver(targets, kernel.view)]);
  engine.connect(new FakeExecution());
  for (const event of opening([instrument()])) engine.sink(event);
  engine.sink(bookUpdate(EventKind.BookSnapshot, 0, 0, [1, 1], [[999_900, 50_000]], [[1_000_100, 50_000]]));
  lines.length = 0;
});

function submitOne(): void {
  strategy.on.timer = (context) => void context.submit(intent());
  engine.sink(timer());
  strategy.on.timer = undefined;
}

describe('LogObserver', () => {
  it('tells each change of a book once, with its reason', () => {
    const gap: KernelEvent = {
      kind: EventKind.BookStatus,
      tsEvent: 0,
      tsInit: 0,
      instrument: 0,
      fault: BookFault.SEQUENCE_GAP,
    };
    engine.sink({ ...gap });
    engine.sink({ ...gap });
    expect(lines).toEqual([
      {
        level: 'warn',
        message: 'book invalid',
        fields: { symbol: 'BTCUSDT', was: 'Valid', fault: 'SEQUENCE_GAP' },
      },
    ]);
    engine.sink(bookUpdate(EventKind.BookSnapshot, 0, 0, [9, 9], [[999_900, 1]], [[1_000_100, 1]]));
    expect(said('book valid')).toHaveLength(1);
    clock.us += 2_000_000;
    engine.sink(timer());
    expect(said('book stale')).toHaveLength(1);
  });

  it('tells a cancel nobody asked for, and only that', () => {
    submitOne();
    engine.sink({ kind: EventKind.OrderAccepted, ...order(1), venueOrderId: 'v1' });
    engine.sink({ kind: EventKind.OrderCanceled, ...order(1) });
    expect(said('order canceled by the venue, unasked').map(({ fields }) => fields)).toEqual([
      { sequence: 1 },
    ]);

    submitOne();
    engine.sink({ kind: EventKind.OrderAccepted, ...order(2), venueOrderId: 'v2' });
    strategy.on.timer = (context) => void context.cancel(kernel.view.orders.find(7, 2)!);
    engine.sink(timer());
    engine.sink({ kind: EventKind.OrderCanceled, ...order(2) });
    expect(said('order canceled by the venue, unasked')).toHaveLength(1);
  });

  it('says what the venue refused, what is not known, and what does not exist', () => {
    for (let i = 0; i < 3; i++) submitOne();
    const reason = RejectReason.INSUFFICIENT_BALANCE;
    engine.sink({ kind: EventKind.OrderRejected, ...order(1), reason, text: 'too poor' });
    engine.sink({ kind: EventKind.OutcomeUnknown, ...order(2) });
    engine.sink({ kind: EventKind.OrderNotFound, ...order(3), definitive: true });
    expect(lines.map(({ level, message, fields }) => [level, message, fields])).toEqual([
      [
        'warn',
        'order rejected by the venue',
        { sequence: 1, reason: 'INSUFFICIENT_BALANCE', text: 'too poor' },
      ],
      ['warn', 'outcome unknown: asking the venue', { sequence: 2 }],
      ['warn', 'the venue does not know the order', { sequence: 3, definitive: true }],
    ]);
  });

  it('says the same reason not to send, or to deny, once a second and not for each order', () => {
    for (let i = 1; i <= 5; i++) {
      submitOne();
      const reason = DenialReason.VENUE_RATE_BUDGET;
      engine.sink({ kind: EventKind.SendFailed, ...order(i), submit: true, reason });
    }
    expect(said('request not sent')).toHaveLength(1);
    strategy.on.timer = (context) => {
      for (let i = 0; i < 5; i++) context.submit(intent({ price: 0 }));
    };
    engine.sink(timer());
    expect(said('order denied')).toHaveLength(1);
    clock.us += 1_000_000;
    engine.sink(timer());
    expect(said('order denied')).toHaveLength(2);
  });

  it('warns of a lost connection while trading, and not when the session is ending', () => {
    const down = (): KernelEvent => ({
      kind: EventKind.Connection,
      tsEvent: 0,
      tsInit: 0,
      venue: 0,
      channel: VenueChannel.User,
      state: ConnectionState.Down,
    });
    engine.sink(down());
    engine.sink({ kind: EventKind.StrategiesStopped, tsEvent: 0, tsInit: 0 });
    engine.sink(down());
    expect(said('venue connection down').map(({ level }) => level)).toEqual(['warn', 'info']);
  });

  it('tells a strategy that ended by an exception, with the exception', () => {
    strategy.on.timer = () => {
      throw new Error('out of ideas');
    };
    engine.sink(timer());
    expect(said('strategy ended by an exception')).toEqual([
      {
        level: 'error',
        message: expect.any(String),
        fields: { strategy: strategy.name, error: expect.stringMatching(/out of ideas/) },
      },
    ]);
  });
});
