/**
 * telemetry: what the engine says about itself. Numbers enter as plain stores into shared-memory slots, log lines as
 * messages or as binary records; a worker thread turns them into Prometheus text, health answers and JSON log lines.
 * It never blocks, allocates on or throws into the trading line, and no secret ever leaves through it.
 */
export { type Clock, systemClock } from './clock.js';
export { Counter, Gauge } from './counters.js';
export { HISTOGRAM_ERROR, HISTOGRAM_LIMIT, Histogram } from './histogram.js';
export { LOG_ARGUMENTS, type LogArgument, LogCatalog, type LogCode } from './log-catalog.js';
export { LogRing } from './log-ring.js';
export { LOG_LEVELS, type LogFields, type Logger, type LogLevel, nullLogger } from './logger.js';
export {
  type HistogramOptions,
  type Labels,
  type MetricDefinition,
  MetricError,
  type MetricKind,
  type MetricLayout,
  MetricRegistry,
} from './metric-registry.js';
export { namingFaults } from './naming.js';
export type { ReadinessFlag } from './readiness.js';
export { isSecretKey, REDACTED, Redactor } from './redaction.js';
export { startTelemetry, type Telemetry, TelemetryError, type TelemetryOptions } from './telemetry.js';
