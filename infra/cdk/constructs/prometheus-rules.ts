import { stringify } from 'yaml';

interface RecordingRule {
  readonly record: string;
  readonly expr: string;
}

/**
 * What a person asks first whether trading is safe, computed once instead of in every panel. Names and labels are those the
 * engine and the host export; a test compares them with the sources.
 */
export const SAFETY_RULES: readonly RecordingRule[] = [
  { record: 'tradewind:components_not_ready:count', expr: 'count by (host) (tradewind_ready == 0)' },
  { record: 'tradewind:books_invalid:count', expr: 'count by (host) (tradewind_book_valid == 0)' },
  {
    record: 'tradewind:venue_connections_down:count',
    expr: 'count by (host) (tradewind_connection_up == 0)',
  },
  { record: 'tradewind:halted:max', expr: 'max by (host) (tradewind_trading_state{state="halted"})' },
  { record: 'tradewind:orders_open:sum', expr: 'sum by (host) (tradewind_orders_open)' },
  {
    record: 'tradewind:unasked_cancels:rate5m',
    expr: 'sum by (host) (rate(tradewind_unasked_cancels_total[5m]))',
  },
  {
    record: 'tradewind:order_rejections:rate5m',
    expr: 'sum by (host, reason) (rate(tradewind_order_rejections_total[5m]))',
  },
  {
    record: 'tradewind:order_denials:rate5m',
    expr: 'sum by (host, reason) (rate(tradewind_order_denials_total[5m]))',
  },
  { record: 'tradewind:epoch:max', expr: 'max(tradewind_epoch)' },
  { record: 'tradewind:clock_error_bound:max', expr: 'max by (host) (tradewind_clock_error_bound_seconds)' },
  {
    record: 'tradewind:tick_to_trade:p99',
    expr: 'histogram_quantile(0.99, sum by (host, le) (rate(tradewind_tick_to_trade_seconds_bucket[5m])))',
  },
];

/** A rule group namespace in the format of Prometheus. */
export function safetyRulesYaml(environment: string): string {
  return stringify({
    groups: [
      {
        name: 'trading-safety',
        interval: '15s',
        rules: SAFETY_RULES.map((rule) => ({ ...rule, labels: { environment } })),
      },
    ],
  });
}

/**
 * Where Managed Prometheus sends alerts: by severity to the same topics as the CloudWatch alarms. The service wants the
 * Alertmanager configuration as a text within its own document.
 */
export function alertManagerYaml(topics: { critical: string; warning: string }, region: string): string {
  const receiver = (name: keyof typeof topics) => ({
    name,
    sns_configs: [
      {
        topic_arn: topics[name],
        sigv4: { region },
        subject: '{{ .CommonLabels.alertname }} {{ .Status }}',
        message: '{{ range .Alerts }}{{ .Annotations.summary }} {{ .Annotations.runbook_url }}\n{{ end }}',
        send_resolved: true,
      },
    ],
  });
  return stringify({
    alertmanager_config: stringify({
      route: {
        receiver: 'warning',
        group_by: ['alertname', 'host'],
        group_wait: '10s',
        group_interval: '1m',
        repeat_interval: '1h',
        routes: [{ receiver: 'critical', matchers: ['severity="critical"'], group_wait: '0s' }],
      },
      receivers: [receiver('critical'), receiver('warning')],
    }),
  });
}
