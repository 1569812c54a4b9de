/** ping, time, exchangeInfo, executionRules. */
import { errors } from '../protocol/errors.js';
import { timeIn } from '../protocol/format.js';
import { optional, param } from '../protocol/params.js';
import { allLimits } from '../protocol/rate-limits.js';
import { symbolInfo, wireStatus } from '../protocol/symbol-info.js';
import type { Venue } from '../venue.js';
import { method } from './method.js';

export const symbolStatus = optional(param.oneOf(['TRADING', 'HALT', 'BREAK'], errors.badSymbolStatus));

/** Indexes of the symbols a request selects: one, several, or all; -1121 for one that is not listed. */
export function selectSymbols(
  venue: Venue,
  values: {
    readonly symbol?: string | undefined;
    readonly symbols?: readonly string[] | undefined;
    readonly symbolStatus?: string | undefined;
  },
): number[] {
  if (values.symbol !== undefined && values.symbols !== undefined) throw errors.badCombination();
  const matches = (index: number) =>
    values.symbolStatus === undefined || wireStatus(venue.exchange.status(index)) === values.symbolStatus;
  if (values.symbol !== undefined) {
    const index = venue.symbolIndex(values.symbol);
    if (!matches(index)) throw errors.statusMismatch();
    return [index];
  }
  const indexes = values.symbols?.map((name) => venue.symbolIndex(name)) ?? venue.specs.map((_, i) => i);
  return indexes.filter(matches);
}

/** `SPOT` or `["SPOT","MARGIN"]`. */
function permissionList(text: string): readonly string[] {
  if (/^[A-Z0-9_]+$/.test(text)) return [text];
  if (!/^\["[A-Z0-9_]+"(,"[A-Z0-9_]+")*\]$/.test(text)) {
    throw errors.illegalChars('permissions', '^\\["[A-Z0-9_]{1,}"(,"[A-Z0-9_]{1,}"){0,}\\]$');
  }
  return JSON.parse(text) as string[];
}

export const generalMethods = [
  method({
    name: 'ping',
    rest: [['GET', '/api/v3/ping']],
    weight: 1,
    params: {},
    handle: () => ({}),
  }),
  method({
    name: 'time',
    rest: [['GET', '/api/v3/time']],
    weight: 1,
    params: {},
    handle: (call) => ({ serverTime: timeIn(call.unit, call.venue.nowUs()) }),
  }),
  method({
    name: 'exchangeInfo',
    rest: [['GET', '/api/v3/exchangeInfo']],
    weight: 20,
    params: {
      symbol: optional(param.symbol),
      symbols: optional(param.symbols),
      permissions: optional(param.text()),
      showPermissionSets: optional(param.boolean),
      symbolStatus,
    },
    handle: (call, values) => {
      const { venue } = call;
      const named = values.symbol !== undefined || values.symbols !== undefined;
      if (named && (values.permissions !== undefined || values.symbolStatus !== undefined)) {
        throw errors.badCombination();
      }
      const permissions = values.permissions === undefined ? null : permissionList(values.permissions);
      const indexes =
        permissions === null || permissions.includes('SPOT') ? selectSymbols(venue, values) : [];
      return {
        timezone: 'UTC',
        serverTime: timeIn(call.unit, venue.nowUs()),
        rateLimits: allLimits(venue.limits),
        exchangeFilters: [],
        symbols: indexes.map((index) =>
          symbolInfo(venue.spec(index), venue.exchange.status(index), values.showPermissionSets ?? true),
        ),
      };
    },
  }),
  method({
    name: 'executionRules',
    rest: [['GET', '/api/v3/executionRules']],
    weight: (values) =>
      values.symbol !== undefined
        ? 2
        : values.symbols !== undefined
          ? Math.min(40, 2 * values.symbols.length)
          : 40,
    params: { symbol: optional(param.symbol), symbols: optional(param.symbols), symbolStatus },
    handle: (call, values) => ({
      symbolRules: selectSymbols(call.venue, values).map((index) => ({
        symbol: call.venue.spec(index).symbol,
        rules: [],
      })),
    }),
  }),
];
