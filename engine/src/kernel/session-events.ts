import {
  type Balance,
  type Connection,
  ConnectionState,
  type Instrument,
  JournalState,
  type SessionStarted,
  type TradingStateSet,
  VenueChannel,
} from '../domain/index.js';
import type { InstrumentDesk } from './instrument-desk.js';
import type { KernelParts } from './kernel-parts.js';
import type { MarketEvents } from './market-events.js';

/** Cancels that failed are tried again this often while trading is halted or the process is ending. */
const SWEEP_US = 500_000;

/** What must be equal for the numbers of orders, positions and balances to go on meaning what they did. */
const FIXED = ['venue', 'base', 'quote', 'pricePrecision', 'sizePrecision'] as const;

/** How a session begins, is connected, steered and ended. */
export class SessionEvents {
  readonly #parts: KernelParts;
  readonly #market: MarketEvents;

  constructor(parts: KernelParts, market: MarketEvents) {
    this.#parts = parts;
    this.#market = market;
  }

  /**
   * A run begins. After an earlier one (of this process, of one that died, of another leader) nothing is connected and no
   * book is of today, but orders, positions, limits and a halt go on as they were, and with them the strategies that were running.
   */
  onStarted(event: SessionStarted): void {
    const { orders, portfolio, clock, connections, desk, desks, hosts, counters } = this.#parts;
    orders.startSession(event.epoch);
    portfolio.rollDay(clock.now);
    if (desks.length === 0) return;
    orders.askAnew(clock.now);
    connections.reset();
    desk.closed = false;
    desk.journal = JournalState.Ok;
    for (let i = 0; i < hosts.length; i++) {
      const hasFailed = hosts[i]!.error !== '';
      if (!hosts[i]!.restart(this.#parts)) continue;
      if (hasFailed) counters.strategyRestarts++;
      desk.disown(i);
      // It hears of each instrument anew, and of nothing about it before.
      for (const each of desks) each.forget(hosts[i]!);
    }
    for (let i = 0; i < desks.length; i++) desk.refresh(i);
    this.#market.disconnectAll();
  }

  onInstrument(instrument: Instrument): void {
    const { desks, portfolio, clock } = this.#parts;
    const known = desks.findIndex((desk) => desk.instrument.id === instrument.id);
    const expected = known < 0 ? desks.length : known;
    if (instrument.index !== expected) {
      throw new RangeError(
        `instrument ${instrument.id}: index must be ${expected}, was ${instrument.index} (view.instrumentIndex tells it)`,
      );
    }
    let desk = desks[expected];
    if (desk === undefined) {
      portfolio.define(instrument);
      desk = this.#parts.addDesk(instrument);
      portfolio.rollDay(clock.now);
    } else this.#redefine(desk, instrument);
    desk.hosts.length = 0;
    for (const host of this.#parts.hosts) {
      if (!host.wants(instrument)) continue;
      desk.hosts.push(host);
      host.onInstrument(instrument);
    }
  }

  /**
   * Nothing is assumed about orders when a channel goes down; when it is back, what was in flight is asked about. Books
   * are of the past as soon as their venue's market data is down, whether or not the connector says so of each.
   */
  onConnection(event: Connection): void {
    const { venue, channel, state } = event;
    const { connections, desk } = this.#parts;
    if (!connections.set(venue, channel, state)) return;
    if (channel === VenueChannel.MarketData) {
      if (state === ConnectionState.Down) this.#market.disconnect(venue);
      return;
    }
    if (state !== ConnectionState.Up || !connections.canSubmit(venue)) return;
    desk.queryInFlight(venue);
    this.#parts.sweep();
  }

  onBalance(event: Balance): void {
    const { portfolio, clock, desk } = this.#parts;
    const { balances } = portfolio;
    const slot = balances.set(event.venue, event.asset, event.free, event.locked, clock.now);
    const instruments = balances.instrumentsOf(slot);
    for (let i = 0; i < instruments.length; i++) desk.refresh(instruments[i]!);
  }

  onTimer(): void {
    const { portfolio, clock, desk, hosts, swept } = this.#parts;
    portfolio.rollDay(clock.now);
    this.#market.checkStale();
    desk.queryDue();
    for (let i = 0; i < hosts.length; i++) hosts[i]!.onTimer();
    if (clock.now - swept >= SWEEP_US) this.#parts.sweep();
  }

  onTradingState(event: TradingStateSet): void {
    const { gate, hosts } = this.#parts;
    gate.killSwitch.set(event.state, event.why);
    for (let i = 0; i < hosts.length; i++) hosts[i]!.onTimer();
  }

  onStop(): void {
    const { hosts, desk } = this.#parts;
    for (let i = 0; i < hosts.length; i++) hosts[i]!.stop();
    desk.closed = true;
    this.#parts.sweep();
  }

  /** The venue may change any rule but those that what we hold is counted by. */
  #redefine(desk: InstrumentDesk, instrument: Instrument): void {
    const { counters, instruments, portfolio, gate } = this.#parts;
    const old = desk.instrument;
    for (const field of FIXED) {
      if (old[field] === instrument[field]) continue;
      throw new RangeError(
        `instrument ${instrument.id}: ${field} was ${old[field]} and is ${instrument[field]} now: orders and positions are ` +
          'counted by it. End them with the old definition, then start with an empty journal folder',
      );
    }
    counters.redefinitions++;
    gate.redefine(instrument);
    portfolio.redefine(instrument);
    desk.instrument = instrument;
    instruments[instrument.index] = instrument;
    this.#parts.desk.refresh(instrument.index);
  }
}
