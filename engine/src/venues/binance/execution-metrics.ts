import type { Counter, Gauge, Histogram, MetricRegistry } from '../../telemetry/index.js';

/** What the private half of the connector counts. */
export interface ExecutionMetrics {
  readonly reconnects: Counter;
  readonly undecodable: Counter;
  readonly foreign: Counter;
  readonly unknownOutcomes: Counter;
  readonly unmatched: Counter;
  readonly failedQueries: Counter;
  readonly reconciles: Counter;
  readonly failedReconciles: Counter;
  readonly recoveredFills: Counter;
  readonly strangers: Counter;
  readonly foreignOrders: Counter;
  readonly superseding: Counter;
  readonly refusedForRate: Counter;
  readonly fenced: Counter;
  readonly clockRefusals: Counter;
  readonly fallback: Gauge;
  readonly inFlight: Gauge;
  readonly acknowledge: Histogram;
}

export function executionMetrics(metrics: MetricRegistry): ExecutionMetrics {
  const labels = { venue: 'binance' };
  const counter = (name: string, help: string) =>
    metrics.counter(`tradewind_venue_${name}_total`, help, labels);
  const gauge = (name: string, help: string) => metrics.gauge(`tradewind_venue_${name}`, help, labels);
  return {
    reconnects: counter('private_reconnects', 'Private sessions that had to be connected again'),
    undecodable: counter('private_undecodable', 'Private messages that could not be decoded'),
    foreign: counter('foreign_order_events', 'Events about orders of the account that are not ours'),
    unknownOutcomes: counter('unknown_outcomes', 'Order requests whose outcome the venue did not tell'),
    unmatched: counter('unmatched_responses', 'Responses to no request in flight'),
    failedQueries: counter('failed_order_queries', 'Order queries that brought no answer'),
    reconciles: counter('reconciles', 'Completed comparisons of our orders with the venue'),
    failedReconciles: counter('failed_reconciles', 'Comparisons with the venue that failed and were retried'),
    recoveredFills: counter('recovered_fills', 'Fills the stream had not told, found by asking'),
    strangers: counter('unknown_own_orders', 'Orders of ours that nobody here knew of, adopted'),
    foreignOrders: counter('foreign_orders', 'Orders of the account that are not ours'),
    superseding: counter(
      'superseding_orders',
      'Orders of a later leader: this process should not be sending',
    ),
    refusedForRate: counter('rate_refusals', 'Order requests not sent because the rate budget was spent'),
    fenced: counter('fenced_requests', 'Order requests not sent because this process may not send'),
    clockRefusals: counter('clock_refusals', 'Requests the venue refused for their timestamp'),
    fallback: gauge('order_entry_fallback', '1 while orders travel over REST because the session is down'),
    inFlight: gauge('requests_in_flight', 'Requests on the WebSocket API without a response yet'),
    acknowledge: metrics.histogram(
      'tradewind_venue_order_ack_seconds',
      'From an order handed to the socket to its response',
      labels,
      { scale: 1e-9 },
    ),
  };
}
