import { parseDocument } from 'yaml';

export interface ShadowPlaces {
  /** Folder the shadow may write to. */
  readonly folder: string;
  /** Event log it records to; must not exist yet. */
  readonly recordTo: string;
  readonly metricsPort: number;
}

/** Keys of the flat layout that say the same as a section; the sections below must win. */
const CLASSIC = ['live', 'paper', 'paper_trading', 'paperTrading', 'credentials'];

/**
 * The configuration of a shadow, from the live one: the same venue, strategies and limits on the same market data; orders
 * simulated, no key, records of its own.
 */
export function shadowConfig(engineConfig: string, { folder, recordTo, metricsPort }: ShadowPlaces): string {
  const document = parseDocument(engineConfig);
  if (document.errors.length > 0)
    throw new Error(`the engine's configuration is no YAML: ${document.errors[0]!.message}`);
  for (const key of CLASSIC) document.delete(key);
  if (document.hasIn(['venue', 'credentials'])) document.deleteIn(['venue', 'credentials']);
  const set = (path: readonly string[], value: unknown) => document.setIn(path, value);
  set(['trading', 'paper'], true);
  set(['trading', 'live'], false);
  set(['session', 'stateDir'], `${folder}/state`);
  set(['session', 'recordTo'], recordTo);
  document.deleteIn(['session', 'epochFile']);
  set(['telemetry', 'port'], metricsPort);
  if (document.hasIn(['log', 'file'])) set(['log', 'file'], `${folder}/engine.log`);
  return document.toString();
}
