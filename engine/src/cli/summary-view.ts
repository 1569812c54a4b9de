import type { SessionSummary } from '../backtest/index.js';

/** A session's summary for people, within 80 columns. The exact figures are in the JSON. */
export function renderSummary(summary: SessionSummary): string {
  const { orders, pnl, tickToTradeUs: ttt } = summary;
  const rows: [string, string][] = [
    ['messages', `${summary.messages} (${summary.messagesPerSecond}/s)`],
    ['book updates', String(summary.bookUpdates)],
    [
      'orders',
      `${orders.sent} sent, ${orders.acked} acked, ${orders.denied} denied, ${orders.rejected} rejected`,
    ],
    ['', `${orders.filled} filled, ${orders.canceled} canceled, ${orders.expired} expired`],
    ['fills', `${summary.fills}; fill ratio ${(summary.fillRatio * 100).toFixed(1)} %`],
  ];
  for (const [symbol, { position, bought, sold }] of Object.entries(summary.instruments)) {
    rows.push([symbol, `position ${position} (bought ${bought}, sold ${sold})`]);
  }
  for (const { asset, realized, unrealized, fees, net } of Object.values(pnl.byAsset)) {
    rows.push(
      [`PnL ${asset}`, `${short(net)} net of ${short(fees)} fees`],
      ['', `${short(realized)} realized, ${short(unrealized)} unrealized`],
    );
  }
  const fees = Object.entries(summary.fees).map(([asset, fee]) => `${short(fee)} ${asset}`);
  rows.push(['fees paid', fees.join(', ') || 'none']);
  if (ttt.count === 0) rows.push(['tick-to-trade', 'no order or cancel was caused by a tick']);
  else {
    rows.push(
      ['tick-to-trade', `p50 ${us(ttt.p50)}, p99 ${us(ttt.p99)}, p99.9 ${us(ttt.p999)}`],
      ['', `over ${ttt.count} orders and cancels`],
    );
  }
  return rows.map(([label, text]) => `  ${label.padEnd(14)} ${text}`).join('\n');
}

const SHOWN_DECIMALS = 6;

/** Decimal text cut to the digits a person reads. */
function short(amount: string): string {
  const [whole, decimals = ''] = amount.split('.');
  const shown = decimals.slice(0, SHOWN_DECIMALS).replace(/0+$/, '');
  if (shown !== '') return `${whole}.${shown}`;
  return whole === '-0' ? '0' : whole!;
}

function us(value: number): string {
  return `${value >= 100 ? Math.round(value) : value} µs`;
}
