import type { Amount, Side, StateHash } from '../../domain/index.js';
import { Account } from './account.js';
import { AccountHistory } from './account-history.js';
import type { ExchangeApi, ExchangeOptions } from './api.js';
import { BookOrder } from './book-order.js';
import type { ExchangeError } from './errors.js';
import { refusal } from './errors.js';
import { checkShape } from './filters.js';
import { Ledger } from './ledger.js';
import { Market } from './market.js';
import { Publisher } from './publisher.js';
import type { SymbolSpec, SymbolStatus } from './symbol.js';
import { checkSymbol } from './symbol.js';
import type {
  AccountOptions,
  AmendRequest,
  AssetBalance,
  CancelReplaceResult,
  CancelRequest,
  CancelResult,
  DepthSnapshot,
  ExchangeFill,
  ExchangeListener,
  ExchangeOrder,
  ExchangeTrade,
  OrderReference,
  PlaceRequest,
  PlaceResult,
  PreventedMatch,
  TopOfBook,
  TradeStatistics,
} from './types.js';

const MAX_RATE = 1_000_000;

/** Several markets over one set of accounts. See {@link ExchangeApi} for what each member does. */
export class Exchange implements ExchangeApi {
  readonly symbols: readonly SymbolSpec[];
  readonly #symbolIndex: ReadonlyMap<string, number>;
  readonly #markets: readonly Market[];
  readonly #accounts: Account[] = [];
  readonly #ledger = new Ledger();
  readonly #publisher = new Publisher();
  readonly #retainedOrders: number;
  readonly #retainedFills: number;
  #lastOrderId: number;
  #busy = false;

  constructor(options: ExchangeOptions) {
    const { symbols, lastOrderId = 0, retainedOrders = 2000, retainedFills = 5000 } = options;
    for (const spec of symbols) checkSymbol(spec);
    this.symbols = symbols;
    this.#symbolIndex = new Map(symbols.map((spec, index) => [spec.symbol, index]));
    if (this.#symbolIndex.size !== symbols.length) throw new RangeError('a symbol is listed twice');
    this.#lastOrderId = lastOrderId;
    this.#retainedOrders = retainedOrders;
    this.#retainedFills = retainedFills;
    this.#markets = symbols.map(
      (spec, index) =>
        new Market(index, spec, {
          ledger: this.#ledger,
          publisher: this.#publisher,
          lastTradeId: options.lastTradeId ?? 0,
          lastUpdateId: options.lastUpdateId ?? 0,
          retainedTrades: options.retainedTrades ?? 5000,
          nextOrderId: () => ++this.#lastOrderId,
        }),
    );
  }

  symbolIndex(symbol: string): number | undefined {
    return this.#symbolIndex.get(symbol);
  }

  status(symbol: number): SymbolStatus {
    return this.#market(symbol).status;
  }

  setStatus(symbol: number, status: SymbolStatus): void {
    this.#market(symbol).status = status;
  }

  addAccount(options: AccountOptions): number {
    const { balances = {}, makerRate = 0, takerRate = 0, internal = false } = options;
    const history = internal ? undefined : new AccountHistory(this.#retainedOrders, this.#retainedFills);
    const account = new Account(this.#accounts.length, this.symbols.length, history);
    this.#accounts.push(account);
    this.setFeeRates(account.index, makerRate, takerRate);
    for (const [asset, amount] of Object.entries(balances)) {
      if (amount < 0n) throw new RangeError(`balance of ${asset} must not be negative, was ${amount}`);
      this.#ledger.credit(account, this.#ledger.asset(asset), amount);
    }
    // Nobody has heard of the account yet, so its opening balances are no news.
    const at = this.#ledger.touched.indexOf(account);
    if (at >= 0) this.#ledger.touched.splice(at, 1);
    account.touched.length = 0;
    return account.index;
  }

  deposit(account: number, asset: string, amount: Amount, nowUs: number): boolean {
    const owner = this.#account(account);
    const index = this.#ledger.asset(asset);
    if (!owner.internal && this.#ledger.free(owner, index) + amount < 0n) return false;
    return this.#change(nowUs, () => {
      this.#ledger.credit(owner, index, amount);
      return true;
    });
  }

  balance(account: number, asset: string): AssetBalance {
    return this.#ledger.balance(this.#account(account), asset);
  }

  balances(account: number): AssetBalance[] {
    return this.#ledger.balances(this.#account(account));
  }

  feeRates(account: number): { readonly maker: number; readonly taker: number } {
    const { makerRate, takerRate } = this.#account(account);
    return { maker: Number(makerRate), taker: Number(takerRate) };
  }

  setFeeRates(account: number, maker: number, taker: number): void {
    for (const rate of [maker, taker]) {
      if (!Number.isInteger(rate) || Math.abs(rate) >= MAX_RATE) {
        throw new RangeError(`fee rate must be an integer of millionths below ${MAX_RATE}, was ${rate}`);
      }
    }
    const owner = this.#account(account);
    owner.makerRate = BigInt(maker);
    owner.takerRate = BigInt(taker);
  }

  feesCollected(asset: string): Amount {
    return this.#ledger.feesCollected(asset);
  }

  place(request: PlaceRequest, nowUs: number): PlaceResult {
    const error = this.#checkRequest(request);
    if (error !== undefined) return { ok: false, error };
    this.#enter();
    try {
      const fills: ExchangeFill[] = [];
      const owner = this.#accounts[request.account]!;
      const result = this.#markets[request.symbol]!.place(request, owner, nowUs, fills);
      this.#publisher.balances(this.#ledger, nowUs);
      return result instanceof BookOrder ? { ok: true, order: result, fills } : { ok: false, error: result };
    } finally {
      this.#busy = false;
    }
  }

  check(request: PlaceRequest, nowUs: number): ExchangeError | undefined {
    const error = this.#checkRequest(request);
    if (error !== undefined) return error;
    return this.#markets[request.symbol]!.check(request, this.#accounts[request.account]!, nowUs);
  }

  cancel(request: CancelRequest, nowUs: number): CancelResult {
    const found = this.#findOpen(request);
    if (!(found instanceof BookOrder)) return { ok: false, error: found };
    const { restriction } = request;
    if (
      (restriction === 'ONLY_NEW' && found.status !== 'NEW') ||
      (restriction === 'ONLY_PARTIALLY_FILLED' && found.status !== 'PARTIALLY_FILLED')
    ) {
      return { ok: false, error: refusal('CANCEL_RESTRICTED') };
    }
    this.#enter();
    try {
      this.#markets[request.symbol]!.cancel(found, nowUs, request.cancelClientOrderId);
      this.#publisher.balances(this.#ledger, nowUs);
      return { ok: true, order: found };
    } finally {
      this.#busy = false;
    }
  }

  cancelAll(account: number, symbol: number, nowUs: number, cancelClientOrderId?: string): ExchangeOrder[] {
    const market = this.#market(symbol);
    const orders = this.#account(account).openOrders(symbol);
    return this.#change(nowUs, () => {
      for (const order of orders) market.cancel(order, nowUs, cancelClientOrderId);
      return orders;
    });
  }

  cancelReplace(
    cancel: CancelRequest,
    place: PlaceRequest,
    mode: 'STOP_ON_FAILURE' | 'ALLOW_FAILURE',
    nowUs: number,
  ): CancelReplaceResult {
    const canceled = this.cancel(cancel, nowUs);
    if (!canceled.ok && mode === 'STOP_ON_FAILURE') return { cancel: canceled };
    return { cancel: canceled, place: this.place(place, nowUs) };
  }

  amend(request: AmendRequest, nowUs: number): CancelResult {
    const found = this.#findOpen(request);
    if (!(found instanceof BookOrder)) return { ok: false, error: found };
    return this.#change(nowUs, () => {
      const error = this.#markets[request.symbol]!.amend(found, request, nowUs);
      return error === undefined ? { ok: true, order: found } : { ok: false, error };
    });
  }

  order(reference: OrderReference): ExchangeOrder | undefined {
    const { account, symbol, orderId, clientOrderId } = reference;
    const owner = this.#account(account);
    const found = orderId !== undefined ? owner.order(orderId) : owner.orderByClientId(clientOrderId ?? '');
    if (found === undefined || found.symbol !== symbol) return undefined;
    return clientOrderId === undefined || found.clientOrderId === clientOrderId ? found : undefined;
  }

  openOrders(account: number, symbol?: number): ExchangeOrder[] {
    return this.#account(account).openOrders(symbol);
  }

  allOrders(account: number, symbol: number): ExchangeOrder[] {
    return this.#account(account).allOrders(symbol);
  }

  fills(account: number, symbol: number): ExchangeFill[] {
    return this.#account(account).history?.fills(symbol) ?? [];
  }

  preventedMatches(account: number, symbol: number): PreventedMatch[] {
    return this.#account(account).history?.preventedMatches(symbol) ?? [];
  }

  trades(symbol: number, limit: number): ExchangeTrade[] {
    return this.#market(symbol).tape.recent(limit);
  }

  top(symbol: number): TopOfBook {
    return this.#market(symbol).book.top();
  }

  depth(symbol: number, limit: number): DepthSnapshot {
    return this.#market(symbol).book.depth(limit);
  }

  sizeAt(symbol: number, side: Side, price: number): number {
    return this.#market(symbol).book.side(side).find(price)?.total ?? 0;
  }

  levelPrice(symbol: number, side: Side, index: number): number {
    return this.#market(symbol).book.side(side).at(index)?.price ?? 0;
  }

  levelSize(symbol: number, side: Side, index: number): number {
    return this.#market(symbol).book.side(side).at(index)?.total ?? 0;
  }

  levelCount(symbol: number, side: Side): number {
    return this.#market(symbol).book.side(side).count;
  }

  lastUpdateId(symbol: number): number {
    return this.#market(symbol).book.lastUpdateId;
  }

  lastPrice(symbol: number): number {
    return this.#market(symbol).tape.lastPrice;
  }

  averagePrice(symbol: number, nowUs: number): number {
    return this.#market(symbol).tape.averagePrice(nowUs);
  }

  statistics(symbol: number, nowUs: number): TradeStatistics {
    return this.#market(symbol).tape.statistics(nowUs);
  }

  listen(listener: ExchangeListener): () => void {
    return this.#publisher.listen(listener);
  }

  hashInto(hash: StateHash): void {
    hash.int(this.#lastOrderId);
    for (const market of this.#markets) market.hashInto(hash);
    this.#ledger.hashInto(hash, this.#accounts);
  }

  #checkRequest(request: PlaceRequest): ExchangeError | undefined {
    if (this.#markets[request.symbol] === undefined) return refusal('UNKNOWN_SYMBOL');
    if (this.#accounts[request.account] === undefined) return refusal('UNKNOWN_ACCOUNT');
    return checkShape(request);
  }

  #findOpen(reference: OrderReference): BookOrder | ExchangeError {
    const { account, symbol, orderId, clientOrderId } = reference;
    if (this.#markets[symbol] === undefined) return refusal('UNKNOWN_SYMBOL');
    const owner = this.#accounts[account];
    if (owner === undefined) return refusal('UNKNOWN_ACCOUNT');
    const order = orderId !== undefined ? owner.order(orderId) : owner.orderByClientId(clientOrderId ?? '');
    if (order === undefined || order.symbol !== symbol || !order.open) return refusal('UNKNOWN_ORDER');
    const mismatch = clientOrderId !== undefined && order.clientOrderId !== clientOrderId;
    return mismatch ? refusal('ORDER_MISMATCH') : order;
  }

  /** Runs a change with listeners kept from starting another, then reports the balances it touched. */
  #change<T>(nowUs: number, change: () => T): T {
    this.#enter();
    try {
      const result = change();
      this.#publisher.balances(this.#ledger, nowUs);
      return result;
    } finally {
      this.#busy = false;
    }
  }

  #enter(): void {
    if (this.#busy) throw new Error('a listener must not change the exchange that is calling it');
    this.#busy = true;
  }

  #market(symbol: number): Market {
    const market = this.#markets[symbol];
    if (market === undefined) throw new RangeError(`no symbol ${symbol}`);
    return market;
  }

  #account(account: number): Account {
    const found = this.#accounts[account];
    if (found === undefined) throw new RangeError(`no account ${account}`);
    return found;
  }
}
