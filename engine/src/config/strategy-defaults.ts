import { formatFixed, parseFixed } from '../domain/index.js';
import { canonicalDecimal } from './decimal-text.js';
import { locate, type Origin, type SourceMap, type SourceNode, sourceMap } from './source-tree.js';

/** Sizes worth some tens of dollars, for symbols whose strategy names none. */
const DEFAULT_SIZES: Readonly<Record<string, string>> = { BTCUSDT: '0.001', ETHUSDT: '0.02' };
const DEFAULT_SYMBOLS = Object.keys(DEFAULT_SIZES);

/** How many orders' worth of inventory a strategy may hold when it names no limit. */
const INVENTORY_ORDERS = 10n;

/** Settings of every strategy: the file's give way to a strategy's own, the environment's do not. */
export interface StrategySettings {
  readonly file: Map<string, SourceNode>;
  readonly environment: Map<string, SourceNode>;
}

/**
 * Completes the strategies: one market maker for each followed symbol when none is listed, then what was given for every
 * strategy, then sizes for the symbols we know.
 */
export function completeStrategies(root: SourceMap, settings: StrategySettings): void {
  const origin: Origin = { source: 'defaults' };
  if (!root.entries.has('strategies')) {
    const items = followedSymbols(root).map((symbol) => {
      const strategy = sourceMap(symbol.origin);
      strategy.entries.set('symbol', symbol);
      return strategy;
    });
    root.entries.set('strategies', { kind: 'list', items, origin });
  }
  const strategies = root.entries.get('strategies');
  if (strategies?.kind !== 'list') return;
  for (const strategy of strategies.items) {
    if (strategy.kind !== 'map') continue;
    for (const [key, node] of settings.environment) strategy.entries.set(key, node);
    for (const [key, node] of settings.file) {
      if (!strategy.entries.has(key)) strategy.entries.set(key, node);
    }
    const symbol = strategy.entries.get('symbol');
    const size = symbol?.kind === 'leaf' && symbol.text !== null ? symbol.text : '';
    if (!strategy.entries.has('orderSize') && Object.hasOwn(DEFAULT_SIZES, size)) {
      strategy.entries.set('orderSize', { kind: 'leaf', text: DEFAULT_SIZES[size]!, origin });
    }
  }
}

function followedSymbols(root: SourceMap): SourceNode[] {
  const { node } = locate(root, ['venue', 'symbols']);
  if (node === undefined) {
    return DEFAULT_SYMBOLS.map((text) => ({ kind: 'leaf', text, origin: { source: 'defaults' } }));
  }
  return node.kind === 'list' ? node.items : [];
}

/** The largest inventory of a strategy that names none: ten orders, or the position limit when that is less. */
export function defaultMaxInventory(orderSize: string, positionLimit: string | undefined): string {
  const orders = parseFixed(orderSize, 18) * INVENTORY_ORDERS;
  const limit = positionLimit === undefined ? orders : parseFixed(positionLimit, 18);
  return canonicalDecimal(formatFixed(orders < limit ? orders : limit, 18))!;
}
