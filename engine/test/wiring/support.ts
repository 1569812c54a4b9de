import type { ApprovedOrder, EventSink, Instrument, Order } from '../../src/domain/index.js';
import type { Clock } from '../../src/telemetry/index.js';
import type { ExecutionPort, VenueOpenOrder } from '../../src/venues/index.js';

/** A clock that stands still until it is moved. */
export class FakeClock implements Clock {
  us = 1_700_000_000_000_000;
  ns = 1_000_000;
  nowUs = () => this.us;
  nanos = () => this.ns;
}

/** An execution port that notes what it was asked and answers as told. */
export class FakeExecution implements ExecutionPort {
  readonly asked: string[] = [];
  /** What `openOrders` answers, call by call; the last one stays. An error is a refusal. */
  open: (readonly VenueOpenOrder[] | Error)[] = [[]];
  onSubmit: (order: ApprovedOrder) => void = () => {};
  onCancel: () => void = () => {};
  async start(_instruments: readonly Instrument[], _sink: EventSink): Promise<void> {}
  submit(order: ApprovedOrder): void {
    this.asked.push(`submit ${order.sequence}`);
    this.onSubmit(order);
  }
  cancel(order: Order): void {
    this.asked.push(`cancel ${order.sequence}`);
    this.onCancel();
  }
  query(order: Order): void {
    this.asked.push(`query ${order.sequence}`);
  }
  async openOrders(): Promise<VenueOpenOrder[]> {
    this.asked.push('openOrders');
    const answer = this.open.length > 1 ? this.open.shift()! : this.open[0]!;
    if (answer instanceof Error) throw answer;
    return [...answer];
  }
  async cancelOpen(order: VenueOpenOrder): Promise<void> {
    this.asked.push(`cancelOpen ${order.clientOrderId}`);
  }
  async stop(): Promise<void> {}
}
