import type { Venue } from '../port.js';
import { checkVenue } from './check.js';
import { BinanceExecution } from './execution.js';
import { BinanceMarketData } from './market-data.js';
import type { BinanceOptions } from './options.js';
import { assembleParts } from './venue-parts.js';

/**
 * Binance spot, testnet or the simulator: which one, the endpoints say. Nothing is sent before it is
 * asked for; once both halves are stopped nothing is left open. Throws a RangeError or CredentialError on options that cannot work.
 */
export function createBinanceVenue(options: BinanceOptions): Venue {
  const parts = assembleParts(options);
  const { signer, limits } = parts;
  const marketData = new BinanceMarketData(options, parts.client(), limits);
  const check = () => checkVenue(parts);
  const name = 'binance';
  if (signer === undefined) return { name, marketData, check };
  return { name, marketData, execution: new BinanceExecution({ ...parts, signer }), check };
}
