import { CommandKind, formatUnits, type Instrument, nameOf, Side } from '@tradewind/engine/domain';
import type { CommandRecord } from '@tradewind/engine/journal';
import type { CommandPair } from './command-pairs.js';

/** What may differ before a shadow is said to trade otherwise. */
export interface Tolerance {
  /** Share of events with commands whose commands differ, 0 to 1. */
  readonly changedShare: number;
  /** Relative difference of the number of orders sent, per instrument, 0 to 1. */
  readonly orders: number;
  /** Mean distance of the prices of orders sent at the same event, basis points. */
  readonly priceBps: number;
}

/** Same version, same configuration, same log: nothing may differ. A release that means to trade otherwise says by how much. */
export const STRICT: Tolerance = { changedShare: 0, orders: 0, priceBps: 0 };

export interface SideCounts {
  readonly submits: number;
  readonly cancels: number;
  /** Orders risk refused. */
  readonly denials: number;
}

export interface InstrumentDifference {
  readonly symbol: string;
  readonly recorded: SideCounts;
  readonly replayed: SideCounts;
  /** Events with commands for it on either side, and how many of them differ. */
  readonly decisions: number;
  readonly changed: number;
  /** Orders of both at the same event, for the same strategy and side. */
  readonly comparedPrices: number;
  readonly meanPriceBps: number;
  readonly maxPriceBps: number;
  readonly changedQuantities: number;
}

/** One event both acted upon differently, in words. */
export interface DifferenceExample {
  readonly sequence: number;
  readonly time: string;
  readonly recorded: readonly string[];
  readonly replayed: readonly string[];
}

const MOST_EXAMPLES = 20;

interface Tally {
  recorded: { submits: number; cancels: number; denials: number };
  replayed: { submits: number; cancels: number; denials: number };
  decisions: number;
  changed: number;
  comparedPrices: number;
  priceBps: number;
  maxPriceBps: number;
  changedQuantities: number;
}

/** Adds up what two versions did with the same events, by instrument. */
export class Differences {
  readonly #instruments: ReadonlyMap<number, Instrument>;
  readonly #tallies = new Map<number, Tally>();
  readonly examples: DifferenceExample[] = [];
  decisions = 0;
  changed = 0;
  firstSequence: number | undefined;

  constructor(instruments: ReadonlyMap<number, Instrument>) {
    this.#instruments = instruments;
  }

  add(pair: CommandPair): void {
    this.decisions++;
    if (!pair.identical) {
      this.changed++;
      this.firstSequence ??= pair.sequence;
      if (this.examples.length < MOST_EXAMPLES) {
        this.examples.push({
          sequence: pair.sequence,
          time: new Date(pair.tsUs / 1000).toISOString(),
          recorded: pair.recorded.map((command) => this.#words(command)),
          replayed: pair.replayed.map((command) => this.#words(command)),
        });
      }
    }
    const touched = new Set([...pair.recorded, ...pair.replayed].map(instrumentOf));
    for (const index of touched) {
      const tally = this.#tally(index);
      const of = (commands: readonly CommandRecord[]) =>
        commands.filter((command) => instrumentOf(command) === index);
      const [before, after] = [of(pair.recorded), of(pair.replayed)];
      tally.decisions++;
      if (!pair.identical && JSON.stringify(before) !== JSON.stringify(after)) tally.changed++;
      count(before, tally.recorded);
      count(after, tally.replayed);
      comparePrices(before, after, tally);
    }
  }

  byInstrument(): InstrumentDifference[] {
    return [...this.#tallies].map(([index, { priceBps, maxPriceBps, ...tally }]) => ({
      symbol: this.#instruments.get(index)?.symbol ?? `instrument ${index}`,
      ...tally,
      meanPriceBps: tally.comparedPrices === 0 ? 0 : round(priceBps / tally.comparedPrices),
      maxPriceBps: round(maxPriceBps),
    }));
  }

  #tally(index: number): Tally {
    const known = this.#tallies.get(index);
    if (known !== undefined) return known;
    const none = () => ({ submits: 0, cancels: 0, denials: 0 });
    const tally: Tally = {
      recorded: none(),
      replayed: none(),
      decisions: 0,
      changed: 0,
      comparedPrices: 0,
      priceBps: 0,
      maxPriceBps: 0,
      changedQuantities: 0,
    };
    this.#tallies.set(index, tally);
    return tally;
  }

  #words(command: CommandRecord): string {
    const instrument = this.#instruments.get(instrumentOf(command));
    const symbol = instrument?.symbol ?? `instrument ${instrumentOf(command)}`;
    if (!('intent' in command)) {
      return `${nameOf(CommandKind, command.kind)} ${symbol} order ${command.epoch}-${command.sequence}`;
    }
    const { side, quantity, price } = command.intent;
    const units = (value: number, precision: number | undefined) =>
      precision !== undefined && Number.isSafeInteger(value) ? formatUnits(value, precision) : String(value);
    return [
      nameOf(CommandKind, command.kind),
      symbol,
      nameOf(Side, side),
      units(quantity, instrument?.sizePrecision),
      '@',
      units(price, instrument?.pricePrecision),
    ].join(' ');
  }
}

function instrumentOf(command: CommandRecord): number {
  return 'intent' in command ? command.intent.instrument : command.instrument;
}

function count(commands: readonly CommandRecord[], into: Tally['recorded']): void {
  for (const { kind } of commands) {
    if (kind === CommandKind.Submit) into.submits++;
    else if (kind === CommandKind.Cancel) into.cancels++;
    else if (kind === CommandKind.Deny) into.denials++;
  }
}

/** Prices of the orders both sent at this event, matched by strategy and side in their order. */
function comparePrices(
  before: readonly CommandRecord[],
  after: readonly CommandRecord[],
  tally: Tally,
): void {
  const orders = (commands: readonly CommandRecord[]) => {
    const found = new Map<string, { price: number; quantity: number }[]>();
    for (const command of commands) {
      if (command.kind !== CommandKind.Submit) continue;
      const key = `${command.intent.strategy} ${command.intent.side}`;
      found.set(key, [...(found.get(key) ?? []), command.intent]);
    }
    return found;
  };
  const others = orders(after);
  for (const [key, list] of orders(before)) {
    for (const [index, order] of list.entries()) {
      const other = others.get(key)?.[index];
      if (other === undefined || order.price === 0) continue;
      const bps = (Math.abs(other.price - order.price) / order.price) * 10_000;
      tally.comparedPrices++;
      tally.priceBps += bps;
      tally.maxPriceBps = Math.max(tally.maxPriceBps, bps);
      if (other.quantity !== order.quantity) tally.changedQuantities++;
    }
  }
}

function round(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
