import {
  CommandKind,
  ConnectionState,
  DenialReason,
  defineInstrument,
  EventKind,
  nameOf,
  VenueChannel,
} from '@tradewind/engine/domain';
import { Kernel } from '@tradewind/engine/kernel';
import { MarketMaker } from '@tradewind/engine/strategies';

const START_US = 1_790_000_000_000_000;
const STEP_US = 1_000;
const MAKER = {
  ...{ spreadBps: 2, minSpreadBps: 0, maxInventory: '1', inventorySkewBps: 2 },
  ...{ repriceIntervalMs: 100, repriceThresholdBps: 0.5, orderTimeoutMs: 30_000 },
};

/**
 * A kernel of some instruments and market makers whose orders a venue acknowledges at once, and the books of its decoder
 * feed: everything of an engine on the trading thread but sockets and journal.
 */
export class KernelRig {
  kernel;
  makers;
  /** Commands the kernel has given. */
  commands = 0;
  #nowUs = START_US;
  #waiting = [];

  /**
   * @param {readonly import('@tradewind/engine/domain').InstrumentSpec[]} specs
   * @param {number} strategies market makers, on the instruments in turn
   */
  constructor(specs, strategies) {
    this.makers = Array.from({ length: strategies }, (_, i) => {
      const maker = new MarketMaker({ ...MAKER, symbol: specs[i % specs.length].symbol, orderSize: '0.001' });
      maker.name = `${maker.name} ${i}`;
      return maker;
    });
    this.kernel = new Kernel({
      strategies: this.makers,
      limits: {
        ...{ maxOrderQuantity: '1', priceCollarBps: 500, maxOpenOrders: 1_000, circuitBreakerBps: 5_000 },
        maxPosition: Object.fromEntries(specs.map(({ symbol }) => [symbol, '1000'])),
        orderRate: { perSecond: 0, burst: 1 },
      },
      staleAfterUs: 3_600_000_000,
    });
    const at = { tsEvent: 0, tsInit: this.#nowUs };
    this.apply({
      kind: EventKind.SessionStarted,
      ...at,
      epoch: 1,
      version: 'benchmark',
      configDigest: 'none',
    });
    this.instruments = specs.map((spec, i) => defineInstrument(i, 0, spec));
    for (const instrument of this.instruments)
      this.apply({ kind: EventKind.InstrumentDefined, ...at, instrument });
    for (const channel of Object.values(VenueChannel)) {
      this.apply({ kind: EventKind.Connection, ...at, venue: 0, channel, state: ConnectionState.Up });
    }
  }

  /** One event, and what the venue answers to the commands it led to. */
  apply(event) {
    this.#nowUs += STEP_US;
    event.tsInit = this.#nowUs;
    this.#answers(this.kernel.apply(event));
    while (this.#waiting.length > 0) {
      const answer = this.#waiting.shift();
      answer.tsInit = this.#nowUs;
      this.#answers(this.kernel.apply(answer));
    }
  }

  #answers(commands) {
    for (let i = 0; i < commands.length; i++) {
      const { kind, order, reason } = commands.at(i);
      this.commands++;
      if (kind === CommandKind.Deny) {
        // Several market makers on one instrument get in each other's way, as they would.
        if (reason !== DenialReason.SELF_TRADE) throw new Error(`denied: ${nameOf(DenialReason, reason)}`);
        continue;
      }
      if (kind === CommandKind.Query) throw new Error('the kernel asks about an order');
      const { epoch, sequence } = order;
      const base = { tsEvent: 0, tsInit: 0, epoch, sequence };
      if (kind === CommandKind.Cancel) this.#waiting.push({ kind: EventKind.OrderCanceled, ...base });
      else this.#waiting.push({ kind: EventKind.OrderAccepted, ...base, venueOrderId: String(sequence) });
    }
  }
}
