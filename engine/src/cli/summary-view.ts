import type { SessionSummary } from '../backtest/index.js';

/** A session's summary for people. */
export function renderSummary(summary: SessionSummary): string {
  const { orders, pnl, tickToTradeUs: ttt } = summary;
  const rows: [string, string][] = [
    ['messages', `${summary.messages} (${summary.messagesPerSecond}/s)`],
    ['book updates', String(summary.bookUpdates)],
    [
      'orders',
      `${orders.sent} sent, ${orders.acked} acked, ${orders.filled} filled, ${orders.canceled} canceled, ` +
        `${orders.denied} denied, ${orders.rejected} rejected`,
    ],
    ['fills', `${summary.fills}; fill ratio ${(summary.fillRatio * 100).toFixed(1)} %`],
  ];
  for (const [symbol, { position, bought, sold }] of Object.entries(summary.instruments)) {
    rows.push([symbol, `position ${position} (bought ${bought}, sold ${sold})`]);
  }
  for (const { asset, realized, unrealized, fees, net } of Object.values(pnl.byAsset)) {
    rows.push([`PnL ${asset}`, `realized ${realized}, unrealized ${unrealized}, fees ${fees}, net ${net}`]);
  }
  const fees = Object.entries(summary.fees).map(([asset, fee]) => `${fee} ${asset}`);
  rows.push(['fees paid', fees.join(', ') || 'none']);
  rows.push([
    'tick-to-trade',
    ttt.count === 0
      ? 'no order or cancel was caused by a tick'
      : `p50 ${ttt.p50} µs, p99 ${ttt.p99} µs, p99.9 ${ttt.p999} µs (${ttt.count} orders and cancels)`,
  ]);
  return rows.map(([label, text]) => `  ${label.padEnd(14)} ${text}`).join('\n');
}
