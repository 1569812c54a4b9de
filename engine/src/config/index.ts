/**
 * config: what a person wants, as one checked value. YAML bytes and environment variables enter; a complete, frozen
 * `Config` leaves, or one `ConfigError` with everything that is wrong. It never holds a secret, only where one is, and
 * no amount or quantity ever passes through a float.
 */
export { CLASSIC_KNOBS, type ClassicTarget } from './classic-knobs.js';
export { type Config, type StrategyConfig, type TradingMode, tradingMode } from './config.js';
export { configDigest } from './config-digest.js';
export { ConfigError, type ConfigIssue, formatIssue } from './config-error.js';
export { type ResolvedCredentials, resolveCredentials, resolvePairSecret } from './credentials.js';
export {
  classicReference,
  configJsonSchema,
  configReference,
  describeConfig,
  type SettingDescription,
} from './describe-config.js';
export {
  riskLimits,
  type StrategyChoice,
  simulatorBalances,
  simulatorListings,
  strategyChoices,
  type VenueEndpoints,
  venueEndpoints,
} from './engine-options.js';
export type { Environment } from './environment.js';
export { parseDuration } from './leaf-types.js';
export { type LoadedConfig, loadConfig, parseConfig } from './load-config.js';
export { editDistance, nearestKey } from './nearest-key.js';
export type { Listing } from './symbol-listings.js';
