import { parseFixed } from '../domain/index.js';
import type { Config } from './config.js';
import { pairConflicts } from './cross-checks-pair.js';
import { nearestKey } from './nearest-key.js';
import { guessListing } from './symbol-listings.js';

/** Two or more settings that do not go together. */
export interface Conflict {
  /** The setting to change first; the issue is reported there. */
  readonly path: readonly (string | number)[];
  /** The other settings it depends on. When one of them is itself wrong, this is not reported. */
  readonly involves: readonly (readonly (string | number)[])[];
  readonly message: string;
  readonly allowed?: string;
  readonly nearest?: string;
}

/** Every conflict between settings that are each right by themselves. */
export function findConflicts(config: Config): Conflict[] {
  return [
    ...modeConflicts(config),
    ...venueConflicts(config),
    ...strategyConflicts(config),
    ...riskConflicts(config),
    ...pairConflicts(config),
  ];
}

const ENVIRONMENT = ['venue', 'environment'];
const PAPER = ['trading', 'paper'];
const LIVE = ['trading', 'live'];
const TESTNET = ['trading', 'testnet'];
const CREDENTIALS = ['venue', 'credentials'];

/** Real money takes three settings that say so; anything less is play money or an error. */
function modeConflicts({ venue, trading }: Config): Conflict[] {
  const conflicts: Conflict[] = [];
  const { environment } = venue;
  if (trading.testnet !== (environment === 'testnet')) {
    conflicts.push({
      path: TESTNET,
      involves: [ENVIRONMENT],
      message: trading.testnet
        ? `asks for the testnet, but venue.environment is ${environment}`
        : 'says no testnet, but venue.environment is testnet',
      allowed: `${environment === 'testnet'} (or remove it and set venue.environment alone)`,
    });
  }
  if (trading.live && environment !== 'live') {
    conflicts.push({
      path: LIVE,
      involves: [ENVIRONMENT],
      message: `asks for real money, but venue.environment is ${environment}`,
      allowed: 'true only with venue.environment: live',
    });
  }
  if (trading.live && trading.paper) {
    conflicts.push({
      path: LIVE,
      involves: [PAPER],
      message: 'asks for real money while trading.paper asks for play money',
      allowed: 'one of the two: for real money also set trading.paper: false',
    });
  }
  if (environment === 'live' && !trading.paper && !trading.live) {
    conflicts.push({
      path: PAPER,
      involves: [ENVIRONMENT, LIVE],
      message: 'is false with the real venue, which would trade real money without trading.live saying so',
      allowed: 'true, or false together with trading.live: true',
    });
  }
  if (environment === 'simulator' && !trading.paper) {
    conflicts.push({
      path: PAPER,
      involves: [ENVIRONMENT],
      message: 'is false, but the simulator knows play money alone',
      allowed: 'true, or false with venue.environment: testnet or live',
    });
  }
  if (environment !== 'simulator' && !trading.paper && venue.credentials === undefined) {
    conflicts.push({
      path: CREDENTIALS,
      involves: [ENVIRONMENT, PAPER],
      message: `are missing: orders on ${environment} need an API key`,
      allowed: '{kind, apiKey: {env: NAME}, secret: {env: NAME}}, or trading.paper: true',
    });
  }
  return conflicts;
}

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;
/** With or without the dot of the root: both resolve to the same. */
const REAL_VENUE = /(^|\.)binance\.(com|us)\.?$/;

function venueConflicts({ venue }: Config): Conflict[] {
  const conflicts: Conflict[] = [];
  for (const [name, address] of Object.entries(venue.endpoints)) {
    if (address === undefined) continue;
    const { hostname, protocol } = new URL(address);
    const report = (message: string, allowed: string) =>
      conflicts.push({ path: ['venue', 'endpoints', name], involves: [ENVIRONMENT], message, allowed });
    if (REAL_VENUE.test(hostname) && venue.environment !== 'live') {
      report(
        `is the real venue, but venue.environment is ${venue.environment}`,
        'another address, or environment: live',
      );
    }
    if (/testnet/.test(hostname) && venue.environment === 'live') {
      report('is a testnet, but venue.environment is live', 'another address, or environment: testnet');
    }
    if (/^(http|ws):$/.test(protocol) && venue.environment !== 'simulator' && !LOOPBACK.test(hostname)) {
      report('would carry orders and keys unencrypted', 'https:// or wss://');
    }
  }
  const given = Object.values(venue.endpoints).filter((address) => address !== undefined).length;
  if (venue.environment === 'simulator' && given > 0 && given < 3) {
    conflicts.push({
      path: ['venue', 'endpoints'],
      involves: [ENVIRONMENT],
      message: 'names part of a simulator that runs elsewhere',
      allowed: 'rest, stream and wsApi together, or none for the built-in one',
    });
  }
  for (const name of ['apiKey', 'secret'] as const) {
    const reference = venue.credentials?.[name];
    if (reference !== undefined && (reference.env === undefined) === (reference.file === undefined)) {
      const message = reference.env === undefined ? 'refers to nothing' : 'refers to two places';
      conflicts.push({
        path: [...CREDENTIALS, name],
        involves: [],
        message,
        allowed: 'either {env: NAME} or {file: PATH}',
      });
    }
  }
  if (venue.reconnect.maxDelayMs < venue.reconnect.minDelayMs) {
    conflicts.push({
      path: ['venue', 'reconnect', 'maxDelayMs'],
      involves: [['venue', 'reconnect', 'minDelayMs']],
      message: 'is less than minDelayMs',
      allowed: `${venue.reconnect.minDelayMs}ms or more`,
    });
  }
  const seen = new Set<string>();
  for (const [i, symbol] of venue.symbols.entries()) {
    if (seen.has(symbol))
      conflicts.push({ path: ['venue', 'symbols', i], involves: [], message: 'is listed twice' });
    seen.add(symbol);
  }
  return conflicts;
}

const greater = (a: string, b: string) => parseFixed(a, 18) > parseFixed(b, 18);

function strategyConflicts({ strategies, venue, risk, simulator }: Config): Conflict[] {
  const conflicts: Conflict[] = [];
  const listed = new Set(simulator.symbols.map(({ symbol }) => symbol));
  for (const [i, symbol] of venue.symbols.entries()) {
    if (venue.environment !== 'simulator' || listed.has(symbol) || guessListing(symbol) !== undefined)
      continue;
    conflicts.push({
      path: ['venue', 'symbols', i],
      involves: [ENVIRONMENT, ['simulator', 'symbols']],
      message: 'is a symbol the simulator knows nothing about',
      allowed: 'a symbol ending in a usual quote asset (USDT, BTC, ...), or one listed in simulator.symbols',
    });
  }
  for (const [i, strategy] of strategies.entries()) {
    const at = (key: string) => ['strategies', i, key];
    if (!venue.symbols.includes(strategy.symbol)) {
      const nearest = nearestKey(strategy.symbol, venue.symbols);
      conflicts.push({
        path: at('symbol'),
        involves: [['venue', 'symbols']],
        message: 'is not among venue.symbols',
        allowed: venue.symbols.join(', '),
        ...(nearest !== undefined && { nearest }),
      });
    }
    if (greater(strategy.orderSize, strategy.maxInventory)) {
      conflicts.push({
        path: at('orderSize'),
        involves: [at('maxInventory')],
        message: 'is larger than the most inventory the strategy may hold',
        allowed: `${strategy.maxInventory} (maxInventory) or less`,
      });
    }
    const limit = Object.hasOwn(risk.maxPosition, strategy.symbol)
      ? risk.maxPosition[strategy.symbol]
      : undefined;
    if (limit !== undefined && greater(strategy.maxInventory, limit)) {
      conflicts.push({
        path: at('maxInventory'),
        involves: [['risk', 'maxPosition']],
        message: 'is larger than the position limit of its symbol',
        allowed: `${limit} (risk.maxPosition.${strategy.symbol}) or less`,
      });
    }
    if (risk.maxOrderQuantity !== undefined && greater(strategy.orderSize, risk.maxOrderQuantity)) {
      conflicts.push({
        path: at('orderSize'),
        involves: [['risk', 'maxOrderQuantity']],
        message: 'is larger than any order may be',
        allowed: `${risk.maxOrderQuantity} (risk.maxOrderQuantity) or less`,
      });
    }
  }
  return conflicts;
}

function riskConflicts({ risk, venue }: Config): Conflict[] {
  const conflicts: Conflict[] = [];
  for (const symbol of Object.keys(risk.maxPosition)) {
    if (venue.symbols.includes(symbol)) continue;
    const nearest = nearestKey(symbol, venue.symbols);
    conflicts.push({
      path: ['risk', 'maxPosition', symbol],
      involves: [['venue', 'symbols']],
      message: 'limits a symbol that is not among venue.symbols',
      allowed: venue.symbols.join(', '),
      ...(nearest !== undefined && { nearest }),
    });
  }
  return conflicts;
}
