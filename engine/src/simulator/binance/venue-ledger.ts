/**
 * Everything that could matter to a judge of an account's trading, in the order in which it happened at the venue: each
 * order-class request as it arrived, and each execution. One JSON array a line; nothing is ever forgotten, unlike what
 * clients can ask for.
 */
import { Side } from '../../domain/index.js';
import type { ExecutionReport, SymbolSpec } from '../matching/index.js';
import type { Incoming, Outcome } from './server/dispatcher.js';

/** Layout of the lines, named in the first. */
export const LEDGER_FORMAT = 1;

/**
 * - `["H", format, [[symbol, pricePrecision, sizePrecision], ...]]`: the first line; symbols below are indexes into it.
 * - `["R", us, peer, account, method, clientOrderId, status, code]`: an order-class request was answered; `account` is -1
 *   when its key was not accepted, `clientOrderId` names the order placed or canceled (empty when the request did not),
 *   `code` is Binance's (0: it was carried out). The executions it led to stand before it.
 * - `["N", us, account, symbol, orderId, clientOrderId, "B" or "S", price, quantity]`: an order was accepted.
 * - `["T", us, account, symbol, orderId, tradeId, "B" or "S", price, quantity, leaves]`: it traded.
 * - `["X", us, account, symbol, orderId, execution, leaves]`: anything else happened to it; `leaves` 0 is its end.
 *
 * Times are microseconds since 1970 (UTC), prices and quantities integers in the symbol's precision.
 */
export class VenueLedger {
  readonly #write: (line: string) => void;

  constructor(symbols: readonly SymbolSpec[], write: (line: string) => void) {
    this.#write = write;
    const specs = symbols.map(({ symbol, pricePrecision, sizePrecision }) => [
      symbol,
      pricePrecision,
      sizePrecision,
    ]);
    this.#line(['H', LEDGER_FORMAT, specs]);
  }

  onRequest(incoming: Incoming, outcome: Outcome, nowUs: number): void {
    const { method, raw, peer } = incoming;
    if (method.security !== 'TRADE') return;
    this.#line([
      'R',
      nowUs,
      peer ?? '',
      outcome.key?.account.index ?? -1,
      method.name,
      raw.get('origClientOrderId') ?? raw.get('newClientOrderId') ?? '',
      outcome.status,
      outcome.error?.code ?? 0,
    ]);
  }

  onExecution({ execution, order, fill, timeUs }: ExecutionReport): void {
    const { account, symbol, orderId, leavesQuantity } = order;
    const side = order.side === Side.Buy ? 'B' : 'S';
    if (execution === 'NEW') {
      const { clientOrderId, price, quantity } = order;
      this.#line(['N', timeUs, account, symbol, orderId, clientOrderId, side, price, quantity]);
    } else if (fill !== undefined) {
      const { tradeId, price, quantity } = fill;
      this.#line(['T', timeUs, account, symbol, orderId, tradeId, side, price, quantity, leavesQuantity]);
    } else {
      this.#line(['X', timeUs, account, symbol, orderId, execution, leavesQuantity]);
    }
  }

  #line(fields: readonly unknown[]): void {
    this.#write(JSON.stringify(fields));
  }
}
