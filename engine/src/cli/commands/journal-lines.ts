import {
  BookFault,
  CLIENT_ORDER_ID_FORMATS,
  CommandKind,
  ConnectionState,
  DenialReason,
  EventKind,
  formatAmount,
  formatClientOrderId,
  formatUnits,
  type Instrument,
  JournalState,
  type KernelEvent,
  LiquiditySide,
  nameOf,
  type OrderIntent,
  OrderStatus,
  OrderType,
  RejectReason,
  Side,
  TimeInForce,
  TradingState,
  VenueChannel,
} from '../../domain/index.js';
import {
  BinaryReader,
  type CommandRecord,
  decodeCommands,
  decodeEventRecord,
  decodeOptionsRecord,
  decodeSealRecord,
  type JournalRecord,
  RecordType,
} from '../../journal/index.js';

/** Which vocabulary a numeric field is of; by kind of event where one name means two things. */
const VOCABULARIES: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  aggressor: Side,
  channel: VenueChannel,
  fault: BookFault,
  liquidity: LiquiditySide,
  reason: RejectReason,
  side: Side,
  status: OrderStatus,
  timeInForce: TimeInForce,
  type: OrderType,
  'Connection.state': ConnectionState,
  'JournalStatus.state': JournalState,
  'TradingStateSet.state': TradingState,
};
const PRICES = new Set(['price', 'triggerPrice', 'bid', 'ask']);
const SIZES = new Set(['quantity', 'cumQuantity', 'bidSize', 'askSize']);
/** Orders remembered, to know what instrument a fill is of. */
const MAX_ORDERS = 100_000;

/** A record for people and for JSON: names for numbers, decimals where the instrument is known, else venue integers. */
export interface PlainRecord {
  readonly sequence: number;
  readonly epoch: number;
  /** ISO 8601 with microseconds. */
  readonly time: string;
  /** Name of the event's kind, or `Options`, `Seal`. */
  readonly kind: string;
  /** Index in the session; undefined for what concerns none, or one not known. */
  readonly instrument: number | undefined;
  /** Client order ids of the record's order and of those its commands are about. */
  readonly orders: readonly string[];
  readonly fields: Readonly<Record<string, unknown>>;
  readonly commands: readonly Readonly<Record<string, unknown>>[];
}

/** Makes records readable; learns instruments and orders from those it sees. */
export class RecordView {
  readonly #instruments = new Map<number, Instrument>();
  readonly #orders = new Map<string, number>();

  /** Symbol, `SYMBOL.VENUE` or index of an instrument as its index; undefined when there is none so far. */
  indexOf(name: string): number | undefined {
    for (const { index, symbol, id } of this.#instruments.values()) {
      if (name.toUpperCase() === symbol.toUpperCase() || name.toUpperCase() === id.toUpperCase())
        return index;
    }
    return /^\d+$/.test(name) ? Number(name) : undefined;
  }

  /** Only remembers what the record says of instruments and orders. */
  learn(record: JournalRecord): void {
    if (record.type === RecordType.Event) this.#decode(record);
  }

  read(record: JournalRecord): PlainRecord {
    const { sequence, epoch } = record;
    const base = {
      sequence,
      epoch,
      time: isoMicros(record.tsInit),
      instrument: undefined,
      orders: [],
      commands: [],
    };
    if (record.type === RecordType.Options)
      return { ...base, kind: 'Options', fields: { ...decodeOptionsRecord(record) } };
    if (record.type === RecordType.Seal)
      return { ...base, kind: 'Seal', fields: { ...decodeSealRecord(record) } };
    const { event, commands: decoded } = this.#decode(record);
    const orders = 'sequence' in event ? [orderId(event)] : [];
    for (const command of decoded) if ('sequence' in command) orders.push(orderId(command));
    const instrument = this.#instrumentOf(event);
    return {
      ...base,
      kind: nameOf(EventKind, event.kind),
      instrument: instrument ?? decoded.map(instrumentOf)[0],
      orders,
      fields: this.#fields(event, instrument),
      commands: decoded.map((command) => this.#command(command)),
    };
  }

  #decode(record: JournalRecord): { event: KernelEvent; commands: readonly CommandRecord[] } {
    const { event, commands: bytes } = decodeEventRecord(record);
    const commands = bytes === undefined ? [] : decodeCommands(new BinaryReader(bytes));
    if (event.kind === EventKind.InstrumentDefined) {
      this.#instruments.set(event.instrument.index, event.instrument);
    } else if (event.kind === EventKind.OrderAdopted) this.#remember(orderId(event), event.instrument);
    for (const command of commands) {
      const index = instrumentOf(command);
      if ('sequence' in command) this.#remember(orderId(command), index);
    }
    return { event, commands };
  }

  #remember(order: string, instrument: number): void {
    if (this.#orders.size >= MAX_ORDERS) this.#orders.delete(this.#orders.keys().next().value!);
    this.#orders.set(order, instrument);
  }

  #instrumentOf(event: KernelEvent): number | undefined {
    if (event.kind === EventKind.InstrumentDefined) return event.instrument.index;
    if ('instrument' in event) return event.instrument;
    return 'sequence' in event ? this.#orders.get(orderId(event)) : undefined;
  }

  #fields(event: KernelEvent, index: number | undefined): Record<string, unknown> {
    const kind = nameOf(EventKind, event.kind);
    const fields: Record<string, unknown> = {};
    if (index !== undefined) fields.instrument = this.#nameOf(index);
    if (event.kind === EventKind.InstrumentDefined) return { ...fields, ...definition(event.instrument) };
    if ('sequence' in event) fields.order = orderId(event);
    for (const [name, value] of Object.entries(event)) {
      if (['kind', 'tsInit', 'instrument', 'bidCount', 'askCount'].includes(name)) continue;
      if ('sequence' in event && (name === 'epoch' || name === 'sequence')) continue;
      if (name === 'tsEvent') fields[name] = isoMicros(value);
      else if (!(value instanceof Float64Array)) fields[name] = this.#value(kind, name, value, index);
    }
    if (event.kind === EventKind.BookSnapshot || event.kind === EventKind.BookDelta) {
      fields.bids = this.#levels(event.bidPrices, event.bidSizes, event.bidCount, index);
      fields.asks = this.#levels(event.askPrices, event.askSizes, event.askCount, index);
    }
    return fields;
  }

  #levels(prices: Float64Array, sizes: Float64Array, count: number, index: number | undefined): unknown[][] {
    return Array.from({ length: count }, (_, i) => [
      this.#value('', 'price', prices[i], index),
      this.#value('', 'quantity', sizes[i], index),
    ]);
  }

  #value(kind: string, name: string, value: unknown, index: number | undefined): unknown {
    if (typeof value === 'bigint') return formatAmount(value);
    if (typeof value !== 'number') return value;
    const vocabulary = VOCABULARIES[`${kind}.${name}`] ?? VOCABULARIES[name];
    if (vocabulary !== undefined) return nameOf(vocabulary, value);
    const known = index === undefined ? undefined : this.#instruments.get(index);
    if (known === undefined || !Number.isSafeInteger(value)) return value;
    if (PRICES.has(name)) return formatUnits(value, known.pricePrecision);
    return SIZES.has(name) ? formatUnits(value, known.sizePrecision) : value;
  }

  #command(command: CommandRecord): Record<string, unknown> {
    const kind = nameOf(CommandKind, command.kind);
    switch (command.kind) {
      case CommandKind.Submit:
        return { kind, order: orderId(command), ...this.#intent(command.intent) };
      case CommandKind.Deny:
        return { kind, denied: nameOf(DenialReason, command.reason), ...this.#intent(command.intent) };
      default:
        return { kind, order: orderId(command), instrument: this.#nameOf(command.instrument) };
    }
  }

  #intent(intent: Readonly<OrderIntent>): Record<string, unknown> {
    const fields: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(intent)) {
      fields[name] = this.#value('', name, value, intent.instrument);
    }
    return { ...fields, instrument: this.#nameOf(intent.instrument) };
  }

  #nameOf(index: number): string {
    return this.#instruments.get(index)?.id ?? `#${index}`;
  }
}

/** One line of text without its end. */
export function lineOf(record: PlainRecord): string {
  const { sequence, time, epoch, kind, fields, commands } = record;
  const shown = Object.entries(fields).filter(([name]) => name !== 'tsEvent');
  const words = [
    String(sequence),
    time,
    `epoch=${epoch}`,
    kind,
    ...shown.map(([name, value]) => pair(name, value)),
  ];
  const decided = commands.map(({ kind: what, ...rest }) =>
    [`-> ${what}`, ...Object.entries(rest).map(([name, value]) => pair(name, value))].join(' '),
  );
  return [...words, ...decided].join(' ');
}

/** One line of JSON without its end. */
export function jsonOf({ instrument: _, orders: __, ...record }: PlainRecord): string {
  return JSON.stringify(record);
}

function pair(name: string, value: unknown): string {
  // Levels: their number is what a line has room for.
  if (Array.isArray(value)) return `${name}=${value.length}`;
  if (typeof value === 'object') return `${name}=${JSON.stringify(value)}`;
  const text = String(value);
  return `${name}=${/^[!-~]+$/.test(text) ? text : JSON.stringify(text)}`;
}

function orderId({ epoch, sequence }: { readonly epoch: number; readonly sequence: number }): string {
  try {
    return formatClientOrderId(CLIENT_ORDER_ID_FORMATS.binance, epoch, sequence);
  } catch {
    // No order of ours has such numbers; the journal holds them all the same.
    return `${epoch}/${sequence}`;
  }
}

function instrumentOf(command: CommandRecord): number {
  return 'intent' in command ? command.intent.instrument : command.instrument;
}

function definition(instrument: Instrument): Record<string, unknown> {
  const { minNotional, maxNotional, ...rest } = instrument;
  return { ...rest, minNotional: formatAmount(minNotional), maxNotional: formatAmount(maxNotional) };
}

/** Microseconds since 1970 as ISO 8601; what is no such time as the number it is. */
export function isoMicros(us: number): string {
  if (!Number.isSafeInteger(us) || Math.abs(us) > 8.64e18 / 1e3) return String(us);
  const ms = Math.floor(us / 1000);
  const date = new Date(ms);
  return Number.isNaN(date.getTime())
    ? String(us)
    : date.toISOString().replace('Z', `${String(us - ms * 1000).padStart(3, '0')}Z`);
}
