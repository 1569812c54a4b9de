import {
  type BinaryReader,
  type BinaryWriter,
  type Command,
  CommandKind,
  type CommandList,
  DenialReason,
  type Order,
  type OrderIntent,
  type OrderType,
  type Side,
  type TimeInForce,
} from '../domain/index.js';

/** A command as the journal remembers it. Plain data: nothing read from a file is an approved order. */
export type CommandRecord =
  | {
      readonly kind: typeof CommandKind.Submit;
      readonly epoch: number;
      readonly sequence: number;
      readonly intent: Readonly<OrderIntent>;
    }
  | {
      readonly kind: typeof CommandKind.Cancel | typeof CommandKind.Query;
      readonly epoch: number;
      readonly sequence: number;
      readonly instrument: number;
      readonly venueOrderId: string;
    }
  | {
      readonly kind: typeof CommandKind.Deny;
      readonly intent: Readonly<OrderIntent>;
      readonly reason: DenialReason;
    };

/** Appends a command: kind (one byte), then what the venue would be told. */
export function encodeCommand(command: Command, out: BinaryWriter): void {
  out.u8(command.kind);
  switch (command.kind) {
    case CommandKind.Submit:
      encodeId(command.order, out);
      encodeIntent(command.order, out);
      break;
    case CommandKind.Cancel:
    case CommandKind.Query:
      encodeId(command.order, out);
      out.u32(command.order.instrument);
      out.text(command.order.venueOrderId);
      break;
    case CommandKind.Deny:
      encodeIntent(command.intent, out);
      out.u8(command.reason);
      break;
    default:
      command satisfies never;
  }
}

/** Appends all commands of one event, counted. */
export function encodeCommands(commands: CommandList, out: BinaryWriter): void {
  out.u32(commands.length);
  for (let i = 0; i < commands.length; i++) encodeCommand(commands.at(i), out);
}

/** Reads one command. Throws a `JournalError` on bytes that are none. */
export function decodeCommand(input: BinaryReader): CommandRecord {
  const kind = input.member(CommandKind, 'command kind');
  switch (kind) {
    case CommandKind.Submit:
      return { kind, epoch: input.number(), sequence: input.number(), intent: decodeIntent(input) };
    case CommandKind.Cancel:
    case CommandKind.Query:
      return {
        kind,
        epoch: input.number(),
        sequence: input.number(),
        instrument: input.u32(),
        venueOrderId: input.text(),
      };
    case CommandKind.Deny:
      return { kind, intent: decodeIntent(input), reason: input.member(DenialReason, 'denial reason') };
    default:
      return kind satisfies never;
  }
}

/** Reads what {@link encodeCommands} wrote. */
export function decodeCommands(input: BinaryReader): CommandRecord[] {
  const count = input.u32();
  const commands: CommandRecord[] = [];
  for (let i = 0; i < count; i++) commands.push(decodeCommand(input));
  return commands;
}

function encodeId(order: Order, out: BinaryWriter): void {
  out.number(order.epoch);
  out.number(order.sequence);
}

/** A strategy may ask for anything, also for numbers that are no integers: a denied intent is kept as it was. */
function encodeIntent(intent: Readonly<OrderIntent>, out: BinaryWriter): void {
  out.number(intent.instrument);
  out.number(intent.strategy);
  out.number(intent.side);
  out.number(intent.type);
  out.number(intent.timeInForce);
  out.bool(intent.postOnly);
  out.number(intent.quantity);
  out.number(intent.price);
  out.number(intent.triggerPrice);
}

function decodeIntent(input: BinaryReader): OrderIntent {
  return {
    instrument: input.number(),
    strategy: input.number(),
    side: input.number() as Side,
    type: input.number() as OrderType,
    timeInForce: input.number() as TimeInForce,
    postOnly: input.bool(),
    quantity: input.number(),
    price: input.number(),
    triggerPrice: input.number(),
  };
}
