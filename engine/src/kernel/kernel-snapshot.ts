import {
  type BinaryReader,
  type BinaryWriter,
  decodeInstrument,
  encodeInstrument,
  type Instrument,
  JournalError,
} from '../domain/index.js';
import type { KernelParts } from './kernel-parts.js';

/** Raised by one whenever the bytes change; another one is refused. */
export const SNAPSHOT_VERSION = 1;

/** A strategy as a snapshot names it. */
interface SavedStrategy {
  readonly name: string;
  readonly format: number;
}

/** Writes the whole state, options and limits apart. */
export function saveKernel(parts: KernelParts, out: BinaryWriter): void {
  out.u32(SNAPSHOT_VERSION);
  out.number(parts.clock.now);
  out.number(parts.swept);
  out.bool(parts.wasHalted);
  parts.counters.save(out);
  parts.desk.save(out);
  parts.connections.save(out);
  out.u32(parts.hosts.length);
  for (const { name, format } of parts.hosts) {
    out.text(name);
    out.u32(format);
  }
  out.u32(parts.instruments.length);
  for (const instrument of parts.instruments) encodeInstrument(instrument, out);
  parts.portfolio.save(out);
  parts.gate.save(out);
  parts.orders.save(out);
  for (const host of parts.hosts) host.save(out);
  for (const desk of parts.desks) desk.save(out);
}

/**
 * Loads what {@link saveKernel} wrote into new parts, maybe of other options. A strategy finds its state by name and format;
 * what was open of one that is gone, or can not take its state, is nobody's and canceled.
 */
export function loadKernel(parts: KernelParts, input: BinaryReader): void {
  const { offset } = input;
  const version = input.u32();
  if (version !== SNAPSHOT_VERSION) {
    throw new JournalError(
      'TW_JOURNAL_VERSION',
      offset,
      `kernel state of version ${version}, this reads ${SNAPSHOT_VERSION}`,
    );
  }
  parts.clock.now = input.finite('time');
  parts.swept = input.finite('time');
  parts.wasHalted = input.bool();
  parts.counters.load(input);
  parts.desk.load(input);
  parts.connections.load(input);
  const saved = listOf(input, () => ({ name: input.text(), format: input.u32() }));
  const instruments = listOf(input, () => decodeInstrument(input));
  checkInstruments(input, instruments);
  parts.portfolio.load(input, instruments);
  for (const instrument of instruments) parts.addDesk(instrument);
  parts.gate.load(input);
  parts.orders.load(input, instruments.length, saved.length);
  const heirs = heirsOf(parts, saved);
  for (let i = 0; i < saved.length; i++) {
    const heir = parts.hosts[heirs[i]!];
    if (heir === undefined) skipHost(input);
    else if (!heir.load(input, parts)) heirs[i] = -1;
  }
  parts.orders.reassign(heirs);
  parts.desk.adoptStrays();
  for (const desk of parts.desks) desk.load(input, (index) => parts.hosts[heirs[index] ?? -1]);
}

function listOf<T>(input: BinaryReader, read: () => T): T[] {
  const list: T[] = [];
  for (let left = input.u32(); left > 0; left--) list.push(read());
  return list;
}

function checkInstruments(input: BinaryReader, instruments: readonly Instrument[]): void {
  const ids = new Set(instruments.map(({ id }) => id));
  const isDense = instruments.every(({ index, venue }, i) => index === i && venue <= 0xffff);
  if (!isDense || ids.size !== instruments.length) throw input.malformed('instruments out of order');
}

/** For each saved strategy the index of today's with its name and format; -1 when there is none. Each inherits once. */
function heirsOf(parts: KernelParts, saved: readonly SavedStrategy[]): number[] {
  const free = new Set(parts.hosts);
  return saved.map(({ name, format }) => {
    const heir = [...free].find((host) => host.name === name && host.format === format);
    if (heir === undefined) return -1;
    free.delete(heir);
    return heir.index;
  });
}

function skipHost(input: BinaryReader): void {
  input.bool();
  input.text();
  input.raw(input.u32());
}
