import pc from 'picocolors';
import type { PairStatus, SessionStatus, SymbolStatus } from '../wiring/index.js';
import { fitted } from './text-width.js';

/** The terminal it is for, in characters. */
export interface Room {
  readonly columns: number;
  readonly rows: number;
}

/** Lines that are not about one symbol, the one that counts the symbols left out, and the cursor's own. */
const OTHER_ROWS = 9;
const ROWS_PER_SYMBOL = 2;

/**
 * The live status as a few lines of text, none wider than the terminal and no more of them than it has. `rates` are per
 * second, over the last interval.
 */
export function renderStatus(
  status: SessionStatus,
  rates: { readonly messages: number; readonly orders: number },
  title: string,
  room: Room,
): string {
  const { symbols, tickToTradeUs: ttt } = status;
  const lines = [
    `${pc.bold('tradewind')} ${title}  ${clock(status.elapsedMs)}  ${stateText(status.tradingState)}`,
    `venue    market data ${stateText(status.marketData)}  orders ${stateText(status.orders)}  user stream ${stateText(status.user)}`,
  ];
  if (status.haltWhy !== '') lines.push(pc.red(`halted   ${status.haltWhy} (tradewind resume --why ...)`));
  if (status.pair !== undefined) lines.push(pairLine(status.pair));
  const others = OTHER_ROWS + (status.pair === undefined ? 0 : 1);
  const shown = Math.max(1, Math.floor((room.rows - others) / ROWS_PER_SYMBOL));
  for (const symbol of symbols.slice(0, shown)) lines.push(...symbolLines(symbol));
  if (symbols.length > shown) lines.push(pc.dim(`         and ${symbols.length - shown} more symbols`));
  lines.push(
    `orders   ${status.open} open  ${status.sent} sent  ${pc.green(`${status.fills} fills`)}  ${status.canceled} canceled  ` +
      `${count(status.denied, 'denied')}  ${count(status.rejected, 'rejected')}`,
    `rates    ${rates.messages.toFixed(0)} messages/s  ${rates.orders.toFixed(1)} orders/s   memory ${status.residentMb} MB`,
    `tick-to-trade  p50 ${ttt.p50} µs  p99 ${ttt.p99} µs  p99.9 ${ttt.p999} µs`,
    pc.dim(`Ctrl-C ${goodbye(status.pair)}`),
  );
  return lines.map((line) => fitted(line, room.columns)).join('\n');
}

/** What an end of this process leads to. */
function goodbye(pair: PairStatus | undefined): string {
  if (pair === undefined) return 'cancels our orders and ends';
  return pair.role === 'leader'
    ? 'hands over and ends; without a standby it cancels our orders'
    : 'ends; the leader goes on';
}

function pairLine(pair: PairStatus): string {
  const { node, epoch, leaseAgeMs } = pair;
  const age = Number.isFinite(leaseAgeMs) ? `renewed ${Math.round(leaseAgeMs)} ms ago` : 'not seen yet';
  return `pair     ${pc.bold(node)} ${roleText(pair)}  epoch ${epoch}  lease ${age}`;
}

function roleText({ node, role, leader, lag }: PairStatus): string {
  if (role === 'leader') return pc.green('leads');
  // It has the lease, and is not yet what the lease says.
  if (leader === node) return pc.yellow('takes over');
  const behind = lag === undefined ? pc.yellow('not following') : `${lag} records behind`;
  return leader === '' ? pc.yellow('stands by, no leader seen') : `stands by for ${leader}, ${behind}`;
}

function symbolLines(symbol: SymbolStatus): string[] {
  const pnl = (value: number) => (value < 0 ? pc.red(value.toFixed(4)) : pc.green(`+${value.toFixed(4)}`));
  const top = symbol.bid === '' && symbol.ask === '' ? '-' : `${symbol.bid || '-'} / ${symbol.ask || '-'}`;
  const ours = pc.cyan(`${symbol.ourBid || '-'} / ${symbol.ourAsk || '-'}`);
  return [
    `${pc.bold(symbol.symbol.padEnd(8))} ${stateText(symbol.book)}  ${top}  ${bps(symbol.spreadBps)}  ours ${ours}`,
    `         position ${symbol.position} ${symbol.base}  PnL realized ${pnl(symbol.realized)} ` +
      `unrealized ${pnl(symbol.unrealized)} ${symbol.quote}`,
  ];
}

/** Two digits that mean something: a tick of a dear asset is a thousandth of a basis point. */
function bps(spread: number): string {
  return `${spread >= 1 ? spread.toFixed(1) : Number(spread.toPrecision(2))} bps`;
}

const GOOD = new Set(['Up', 'Valid', 'Active']);
const WAITING = new Set(['Connecting', 'Reconciling', 'Syncing', 'Reducing']);

function stateText(state: string): string {
  if (GOOD.has(state)) return pc.green(state);
  return WAITING.has(state) ? pc.yellow(state) : pc.red(state);
}

function count(value: number, what: string): string {
  const text = `${value} ${what}`;
  return value === 0 ? pc.dim(text) : pc.yellow(text);
}

function clock(elapsedMs: number): string {
  const seconds = Math.floor(elapsedMs / 1000);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}
