import { loadConfig, riskLimits, strategyChoices } from '../../../src/config/index.js';
import {
  BookState,
  CommandKind,
  ConnectionState,
  EventKind,
  type KernelEvent,
  nameOf,
  OrderStatus,
  Side,
  VenueChannel,
} from '../../../src/domain/index.js';
import { BinaryWriter, encodeCommands, readEventLog } from '../../../src/journal/index.js';
import { Kernel, type KernelView } from '../../../src/kernel/index.js';
import { createStrategy } from '../../../src/strategies/index.js';

/** How long a resting order may outlive the trust in its book while the venue can be reached: a cancel and its retry. */
const GRACE_US = 3_000_000;

export interface Quoted {
  readonly sequence: number;
  readonly symbol: string;
}

/** A recorded session, gone through again event by event. */
export interface SessionRecord {
  readonly view: KernelView;
  readonly stateHash: string;
  /** Events whose commands are not the recorded ones. */
  readonly differences: number;
  /** Every order sent. */
  readonly sent: readonly Quoted[];
  /** Orders sent, or left resting, on a book that was not to be trusted. Each says what was wrong. */
  readonly untrusted: readonly string[];
  readonly events: ReadonlyMap<number, number>;
}

/** Replays the record at `path` with the session's own configuration, and judges each command by the book it was given on. */
export function readSession(path: string, configPath: string, env: Record<string, string>): SessionRecord {
  const { config } = loadConfig(configPath, env);
  const kernel = new Kernel({
    limits: riskLimits(config),
    strategies: strategyChoices(config).map(({ kind, params }) => createStrategy(kind, params)),
    staleAfterUs: config.venue.staleAfterMs * 1000,
  });
  const { view } = kernel;
  const writer = new BinaryWriter(4096);
  const untrustedSince: number[] = [];
  const sent: Quoted[] = [];
  const untrusted: string[] = [];
  const events = new Map<number, number>();
  let differences = 0;
  for (const { event, sequence, commands } of readEventLog(path)) {
    events.set(event.kind, (events.get(event.kind) ?? 0) + 1);
    const list = kernel.apply(event);
    writer.reset();
    if (list.length > 0) encodeCommands(list, writer);
    if (Buffer.compare(writer.bytes, commands ?? new Uint8Array()) !== 0) differences++;
    for (let i = 0; i < list.length; i++) {
      const command = list.at(i);
      if (command.kind !== CommandKind.Submit) continue;
      const { order } = command;
      const symbol = view.instruments[order.instrument]!.symbol;
      sent.push({ sequence: order.sequence, symbol });
      const wrong = wrongWith(view, order.instrument, order.side, order.price, config.venue.staleAfterMs);
      if (wrong !== '') untrusted.push(`event ${sequence}: order ${order.sequence} of ${symbol}: ${wrong}`);
    }
    lookAtResting(view, event, untrustedSince, untrusted);
  }
  return { view, stateHash: kernel.stateHash(), differences, sent, untrusted, events };
}

function wrongWith(view: KernelView, instrument: number, side: Side, price: number, staleMs: number): string {
  const { state, bid, ask, tsLast } = view.book(instrument);
  if (state !== BookState.Valid) return `the book was ${nameOf(BookState, state)}`;
  if (bid <= 0 || ask <= bid) return `the book was crossed: ${bid} / ${ask}`;
  if (view.now - tsLast > staleMs * 1000) return `the book was silent for ${view.now - tsLast} us`;
  if (side === Side.Buy ? price >= ask : price <= bid)
    return `it crosses the market: ${price}, ${bid} / ${ask}`;
  return '';
}

/** Orders that rest, uncancelled, on a book that has not been trusted for a while although we could cancel. */
function lookAtResting(view: KernelView, event: KernelEvent, since: number[], untrusted: string[]): void {
  if (event.kind !== EventKind.Timer) return;
  if (view.stopped || view.connection(0, VenueChannel.Orders) !== ConnectionState.Up) {
    // Without a line to the venue nothing can be canceled: patience starts anew when there is one.
    since.fill(0);
    return;
  }
  for (const { index } of view.instruments) {
    if (view.book(index).state === BookState.Valid) since[index] = 0;
    else since[index] ||= view.now;
  }
  for (let order = view.orders.firstOpen(); order !== null; order = view.orders.nextOpen(order)) {
    const began = since[order.instrument]!;
    const resting = order.status === OrderStatus.Accepted || order.status === OrderStatus.PartiallyFilled;
    if (resting && began > 0 && view.now - began > GRACE_US) {
      untrusted.push(`order ${order.sequence} still rests ${view.now - began} us after its book was lost`);
    }
  }
}
