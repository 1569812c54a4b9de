import { Gauge, Registry } from 'prom-client';
import { commandsOf } from './host-commands.js';
import { HostError } from './host-error.js';
import { HostRoot } from './host-root.js';
import { mustRun } from './setting.js';

/** What the machine knows about its clock. All in seconds. */
export interface ClockReading {
  readonly synchronized: boolean;
  /** Name or address of the source followed, e.g. `PHC0` or `169.254.169.123`. */
  readonly source: string;
  readonly stratum: number;
  /** System clock minus reference: positive when the system clock is ahead. */
  readonly offset: number;
  /** Estimated offset at the last update of the source. */
  readonly lastOffset: number;
  readonly rootDelay: number;
  readonly rootDispersion: number;
  /** Bound the ENA device states for its hardware clock; undefined without one. */
  readonly hardwareErrorBound: number | undefined;
  /** True time is within this much of the system clock. */
  readonly errorBound: number;
  /** Unix time of the source's last update. */
  readonly updatedAt: number;
}

/** Reference id chrony gives while it follows nobody. */
const NO_REFERENCE = new Set(['00000000', '7F7F0101']);

/**
 * Reads chrony's tracking report and, where there is one, the hardware clock's own bound. Throws a {@link HostError} when
 * chrony does not answer.
 */
export function readClock(prefix?: string): ClockReading {
  const root = new HostRoot(prefix);
  const report = mustRun({ run: commandsOf(root) }, 'chronyc', ['-c', '-n', 'tracking']);
  const tracking = parseTracking(report);
  const hardware = tracking.hardware ? hardwareErrorBound(root) : undefined;
  const { offset, rootDelay, rootDispersion } = tracking;
  return {
    ...tracking.reading,
    hardwareErrorBound: hardware,
    // RFC 5905 section 10: root distance, and our own distance from where chrony would have us. chrony does not know how
    // far the hardware clock is off, the device does.
    errorBound: Math.abs(offset) + rootDelay / 2 + rootDispersion + (hardware ?? 0),
  };
}

function parseTracking(report: string) {
  const fields = report.trim().split('\n')[0]!.split(',');
  const [id, source, stratum, updatedAt, correction, lastOffset] = fields;
  const numbers = [stratum, updatedAt, correction, lastOffset, fields[10], fields[11]].map(Number);
  if (fields.length < 14 || numbers.some((number) => !Number.isFinite(number))) {
    const message = `"${report.trim()}" is no tracking report: 14 values were expected`;
    throw new HostError([{ where: 'chronyc -c tracking', message }]);
  }
  const rootDelay = numbers[4]!;
  const rootDispersion = numbers[5]!;
  // chrony reports what it has yet to add to the system clock.
  const offset = -numbers[2]!;
  return {
    offset,
    rootDelay,
    rootDispersion,
    hardware: /^PHC/.test(source!) || Buffer.from(id!, 'hex').toString('latin1').startsWith('PHC'),
    reading: {
      synchronized: !NO_REFERENCE.has(id!.toUpperCase()) && fields[13] !== 'Not synchronised',
      source: source!,
      stratum: numbers[0]!,
      updatedAt: numbers[1]!,
      offset,
      lastOffset: numbers[3]!,
      rootDelay,
      rootDispersion,
    },
  };
}

/** The largest bound any ENA device states, as chrony does not say which of several it follows. In seconds. */
function hardwareErrorBound(root: HostRoot): number | undefined {
  const bounds = root
    .glob('/sys/class/net/*/device/phc_error_bound')
    .map((path) => root.read(path))
    .filter((text) => text !== undefined && /^\d+$/.test(text))
    .map((text) => Number(text) / 1e9);
  return bounds.length === 0 ? undefined : Math.max(...bounds);
}

/** The reading as Prometheus text. Without synchronization there is no offset and no bound: absent, not zero. */
export function clockMetrics(reading: ClockReading): Promise<string> {
  const registry = new Registry();
  const gauge = (name: string, help: string, value: number | undefined) => {
    if (value !== undefined) new Gauge({ name, help, registers: [registry] }).set(value);
  };
  const { synchronized } = reading;
  const known = <T>(value: T) => (synchronized ? value : undefined);
  gauge('tradewind_clock_synchronized', '1 when the clock follows a source', synchronized ? 1 : 0);
  gauge(
    'tradewind_clock_offset_seconds',
    'System clock minus reference; positive when ahead',
    known(reading.offset),
  );
  gauge(
    'tradewind_clock_error_bound_seconds',
    'True time is within this much of the system clock',
    known(reading.errorBound),
  );
  gauge(
    'tradewind_clock_hardware_error_bound_seconds',
    'Bound the network device states for its hardware clock',
    known(reading.hardwareErrorBound),
  );
  gauge('tradewind_clock_root_delay_seconds', 'Round trip to the reference', known(reading.rootDelay));
  gauge(
    'tradewind_clock_root_dispersion_seconds',
    'Dispersion accumulated from the reference',
    known(reading.rootDispersion),
  );
  gauge('tradewind_clock_stratum', 'Distance from a reference clock in servers', known(reading.stratum));
  gauge(
    'tradewind_clock_updated_timestamp_seconds',
    'Unix time of the last update from the source',
    known(reading.updatedAt),
  );
  new Gauge({
    name: 'tradewind_clock_source_info',
    help: 'The source the clock follows',
    labelNames: ['source'],
    registers: [registry],
  }).set({ source: reading.source }, synchronized ? 1 : 0);
  return registry.metrics();
}
