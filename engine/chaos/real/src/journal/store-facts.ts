import { type Config, parseConfig } from '../../../../dist/config/index.js';
import {
  CLIENT_ORDER_ID_FORMATS,
  CommandKind,
  EventKind,
  formatClientOrderId,
  type KernelEvent,
  Side,
} from '../../../../dist/domain/index.js';
import {
  BinaryReader,
  decodeCommands,
  decodeEventRecord,
  decodeOptionsRecord,
  decodeSealRecord,
  FolderDisk,
  type JournalRecord,
  type OptionsRecord,
  RecordType,
  Replay,
  readJournal,
} from '../../../../dist/journal/index.js';
import { makeKernel } from '../../../../dist/wiring/index.js';
import { COMMON_PRECISION, fillKey, type StoreFacts } from '../judge/index.js';

/** What a journal says, and where a full replay of it leads. */
export interface JournalFacts extends StoreFacts {
  readonly records: number;
  /** Of the last record. */
  readonly sequence: number;
  /** After the record {@link ReadOptions.hashAt}; empty when it does not reach that far. */
  readonly hash: string;
  /** Over the bytes of every record up to there. */
  readonly checksum: number;
  /** Of the seal it ends with; undefined without one. */
  readonly seal: string | undefined;
  readonly finalHash: string;
  /** Records that replay otherwise than they were recorded, in words. */
  readonly differences: readonly string[];
}

const idOf = (epoch: number, sequence: number) =>
  formatClientOrderId(CLIENT_ORDER_ID_FORMATS.binance, epoch, sequence);

/** Sequence of the last record; 0 for none. Throws a JournalError on damage. */
export function lastSequence(folder: string): number {
  let last = 0;
  for (const { sequence } of readJournal(new FolderDisk(folder, { readOnly: true }))) last = sequence;
  return last;
}

/** Reads a journal whole, from its first record, without its snapshots. Throws a JournalError on damage. */
export function readFacts(folder: string, options: { readonly hashAt: number }): JournalFacts {
  const disk = new FolderDisk(folder, { readOnly: true });
  const replay = new Replay(({ config }) => makeKernel(config as Config), firstOptions(disk));
  const orders = new Set<string>();
  const fills = new Set<string>();
  let hash = '';
  let checksum = 0;
  let records = 0;
  let seal: string | undefined;
  for (const record of readJournal(disk)) {
    replay.apply(record);
    records++;
    seal = record.type === RecordType.Seal ? decodeSealRecord(record).stateHash : undefined;
    if (record.type === RecordType.Event) {
      const { event, commands } = decodeEventRecord(record);
      noteEvent(event, replay, orders, fills);
      if (commands !== undefined) noteCommands(commands, orders);
    }
    if (record.sequence === options.hashAt) {
      hash = replay.kernel.stateHash();
      checksum = replay.checksum;
    }
  }
  const { view } = replay.kernel;
  const open = new Set<string>();
  for (let order = view.orders.firstOpen(); order !== null; order = view.orders.nextOpen(order)) {
    open.add(idOf(order.epoch, order.sequence));
  }
  return {
    orders,
    fills,
    open,
    positions: new Map(
      view.instruments.map(({ index, symbol, sizePrecision }) => {
        const { quantity } = view.position(index);
        return [symbol, quantity * 10 ** (COMMON_PRECISION - sizePrecision)] as const;
      }),
    ),
    records,
    sequence: replay.sequence,
    hash,
    checksum,
    seal,
    finalHash: replay.kernel.stateHash(),
    differences: replay.differences === 0 ? [] : replay.reports,
  };
}

function firstOptions(disk: FolderDisk): OptionsRecord {
  for (const record of readJournal(disk)) {
    if (record.type === RecordType.Options) return decodeOptionsRecord(record);
  }
  return { version: '', config: parseConfig(undefined) };
}

function noteEvent(event: KernelEvent, replay: Replay, orders: Set<string>, fills: Set<string>): void {
  if (event.kind === EventKind.OrderAdopted) orders.add(idOf(event.epoch, event.sequence));
  if (event.kind !== EventKind.OrderFilled) return;
  const order = replay.kernel.view.orders.find(event.epoch, event.sequence);
  if (order === null) return;
  const { symbol } = replay.kernel.view.instruments[order.instrument]!;
  fills.add(fillKey(symbol, order.side === Side.Buy ? 'B' : 'S', event.tradeId));
}

function noteCommands(bytes: Uint8Array, orders: Set<string>): void {
  for (const command of decodeCommands(new BinaryReader(bytes))) {
    if (command.kind === CommandKind.Submit) orders.add(idOf(command.epoch, command.sequence));
  }
}

export type { JournalRecord };
