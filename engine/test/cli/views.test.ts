import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { SessionSummary } from '../../src/backtest/index.js';
import { renderStatus } from '../../src/cli/status-view.js';
import { renderSummary } from '../../src/cli/summary-view.js';
import { fitted } from '../../src/cli/text-width.js';
import type { PairStatus, SessionStatus, SymbolStatus } from '../../src/wiring/index.js';

const ESC = String.fromCharCode(27);
const red = (text: string) => `${ESC}[31m${text}${ESC}[39m`;

describe('fitted', () => {
  it('leaves alone what fits, and marks what does not', () => {
    expect(fitted('exactly', 7)).toBe('exactly');
    expect(fitted('too long', 7)).toBe('too lo…');
    expect(fitted(`so ${red('colorful')} it is`, 8)).toBe(`so ${red('colo…')}`);
  });

  it('never exceeds the width and never loses a color', () => {
    const piece = fc.oneof(
      fc.string({ unit: fc.constantFrom('a', ' ', 'µ', '/') }),
      fc.string({ maxLength: 4, unit: fc.constantFrom('x') }).map(red),
    );
    fc.assert(
      fc.property(fc.array(piece), fc.integer({ min: 1, max: 40 }), (pieces, columns) => {
        const line = pieces.join('');
        const shown = fitted(line, columns);
        const visible = stripVTControlCharacters(shown);
        expect(visible.length).toBeLessThanOrEqual(columns);
        expect(shown.split(ESC).length).toBe(line.split(ESC).length);
        if (visible.endsWith('…'))
          expect(stripVTControlCharacters(line).startsWith(visible.slice(0, -1))).toBe(true);
        else expect(shown).toBe(line);
      }),
    );
  });
});

const symbol = (change: Partial<SymbolStatus> = {}): SymbolStatus => ({
  symbol: 'BTCUSDT',
  book: 'Valid',
  bid: '61841.50',
  ask: '61841.51',
  spreadBps: 0.001617,
  ourBid: '61840.00',
  ourAsk: '61843.25',
  position: '-0.00100',
  base: 'BTC',
  quote: 'USDT',
  realized: 12.5,
  unrealized: -0.25,
  ...change,
});

const status = (change: Partial<SessionStatus> = {}): SessionStatus => ({
  elapsedMs: 3_661_000,
  marketData: 'Up',
  orders: 'Reconciling',
  user: 'Down',
  tradingState: 'Active',
  haltWhy: '',
  symbols: [symbol()],
  messages: 100,
  sent: 10,
  filled: 2,
  fills: 3,
  canceled: 4,
  denied: 0,
  rejected: 1,
  open: 2,
  tickToTradeUs: { p50: 12.3, p99: 45.6, p999: 78.9 },
  residentMb: 150,
  ...change,
});

const draw = (of: SessionStatus, columns = 80, rows = 24) =>
  stripVTControlCharacters(
    renderStatus(of, { messages: 512.4, orders: 7.25 }, 'paper  metrics :9464', { columns, rows }),
  );

describe('the live status', () => {
  it('shows connections, book, quotes, position, profit, rates and latency', () => {
    expect(draw(status()).split('\n')).toEqual([
      'tradewind paper  metrics :9464  01:01:01  Active',
      'venue    market data Up  orders Reconciling  user stream Down',
      'BTCUSDT  Valid  61841.50 / 61841.51  0.0016 bps  ours 61840.00 / 61843.25',
      '         position -0.00100 BTC  PnL realized +12.5000 unrealized -0.2500 USDT',
      'orders   2 open  10 sent  3 fills  4 canceled  0 denied  1 rejected',
      'rates    512 messages/s  7.3 orders/s   memory 150 MB',
      'tick-to-trade  p50 12.3 µs  p99 45.6 µs  p99.9 78.9 µs',
      'Ctrl-C cancels our orders and ends',
    ]);
  });

  it('says what this one of a pair is, and what its end leads to', () => {
    const pair = {
      node: 'b',
      role: 'standby',
      leader: 'a',
      epoch: 7,
      phase: 'watching',
      leaseAgeMs: 41.6,
    } as const;
    const told = (change: Partial<PairStatus>) => {
      const lines = draw(status({ pair: { ...pair, storeFailures: 0, lag: 0, ...change } }), 100).split('\n');
      return [lines[2], lines.at(-1)];
    };
    const tail = 'epoch 7  lease renewed 42 ms ago';
    const standby = 'Ctrl-C ends; the leader goes on';
    expect(told({})).toEqual([`pair     b stands by for a, 0 records behind  ${tail}`, standby]);
    expect(told({ lag: undefined })).toEqual([`pair     b stands by for a, not following  ${tail}`, standby]);
    expect(told({ leader: 'b', lag: undefined })).toEqual([`pair     b takes over  ${tail}`, standby]);
    expect(told({ leader: '', leaseAgeMs: Number.POSITIVE_INFINITY })).toEqual([
      'pair     b stands by, no leader seen  epoch 7  lease not seen yet',
      standby,
    ]);
    expect(told({ role: 'leader', leader: 'b', lag: undefined })).toEqual([
      `pair     b leads  ${tail}`,
      'Ctrl-C hands over and ends; without a standby it cancels our orders',
    ]);
  });

  it('says why trading is halted and how to go on', () => {
    const halted = draw(status({ tradingState: 'Halted', haltWhy: 'daily loss' }));
    expect(halted).toMatch(/^halted {3}daily loss \(tradewind resume --why \.\.\.\)$/m);
  });

  it('shows a dash for what is not there', () => {
    const empty = symbol({ book: 'Syncing', bid: '', ask: '', spreadBps: 0, ourBid: '', ourAsk: '' });
    expect(draw(status({ symbols: [empty] }))).toContain('BTCUSDT  Syncing  -  0 bps  ours - / -');
    expect(draw(status({ symbols: [symbol({ ask: '', ourBid: '' })] }))).toContain('61841.50 / -');
  });

  it('fits the terminal, however narrow, low, or full of symbols it is', () => {
    const long = symbol({
      symbol: 'A'.repeat(20),
      book: 'SNAPSHOT_FAILED',
      bid: '123456.12345678',
      ask: '123456.12345679',
      position: '-123456789.12345678',
      realized: -1234567.1234,
    });
    const symbols = Array.from({ length: 30 }, () => long);
    for (const [columns, rows] of [
      [80, 24],
      [120, 50],
      [40, 12],
      [20, 11],
    ] as const) {
      const lines = draw(status({ symbols, haltWhy: 'x'.repeat(200) }), columns, rows).split('\n');
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(columns);
      expect(lines.length).toBeLessThan(rows);
    }
    expect(draw(status({ symbols }), 80, 24)).toContain('and 23 more symbols');
  });
});

const summary: SessionSummary = {
  messages: 123_456,
  bookUpdates: 65_432,
  orders: { sent: 1_183, acked: 1_180, filled: 80, canceled: 1_095, denied: 12, rejected: 3, expired: 5 },
  fills: 91,
  fillRatio: 0.0676,
  position: { BTCUSDT: '-0.00100000' },
  pnl: {
    asset: 'USDT',
    realized: '1234.123456789012345678',
    unrealized: '-0.000000000000000001',
    fees: '0.532622464',
    net: '1233.590834325012345677',
    byAsset: {
      USDT: {
        asset: 'USDT',
        realized: '1234.123456789012345678',
        unrealized: '-0.000000000000000001',
        fees: '0.532622464',
        net: '1233.590834325012345677',
      },
    },
  },
  fees: { BTC: '0.0000025', USDT: '0.50' },
  instruments: {
    BTCUSDT: {
      position: '-0.00100000',
      averagePrice: 61_841.5,
      bought: '0.00200000',
      sold: '0.00300000',
      fills: 91,
      realized: '1',
      fees: '0',
    },
  },
  tickToTradeUs: { count: 1_200, p50: 33.4, p99: 4_849.7, p999: 15_736.9, max: 20_000 },
  wallMs: 60_000,
  messagesPerSecond: 2_058,
  stateHash: '0123456789abcdef',
};

describe('the summary', () => {
  it('says it all within 80 columns', () => {
    const lines = renderSummary(summary).split('\n');
    expect(lines).toEqual([
      '  messages       123456 (2058/s)',
      '  book updates   65432',
      '  orders         1183 sent, 1180 acked, 12 denied, 3 rejected',
      '                 80 filled, 1095 canceled, 5 expired',
      '  fills          91; fill ratio 6.8 %',
      '  BTCUSDT        position -0.00100000 (bought 0.00200000, sold 0.00300000)',
      '  PnL USDT       1233.590834 net of 0.532622 fees',
      '                 1234.123456 realized, 0 unrealized',
      '  fees paid      0.000002 BTC, 0.5 USDT',
      '  tick-to-trade  p50 33.4 µs, p99 4850 µs, p99.9 15737 µs',
      '                 over 1200 orders and cancels',
    ]);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
  });

  it('says so when there was nothing', () => {
    const quiet = { ...summary, fees: {}, tickToTradeUs: { count: 0, p50: 0, p99: 0, p999: 0, max: 0 } };
    expect(renderSummary(quiet)).toMatch(
      /fees paid {6}none\n {2}tick-to-trade {2}no order or cancel was caused/,
    );
  });
});
