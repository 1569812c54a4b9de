import { Gauge, Registry } from 'prom-client';
import { type HostPlan, type PlannedSetting, type PlanOptions, planHost } from './plan.js';

export interface HostVerdict {
  readonly plan: HostPlan;
  /** Settings that are not as the table says, those that wait for a boot among them. */
  readonly drift: readonly PlannedSetting[];
  /** Places looked at, without the skipped ones. */
  readonly checked: number;
  readonly skipped: number;
}

/** Compares every setting with the knob table. Reads only. */
export function verifyHost(options: PlanOptions): HostVerdict {
  const plan = planHost(options);
  const drift = plan.settings.filter(({ state }) => state !== 'right' && state !== 'skipped');
  const skipped = plan.settings.filter(({ state }) => state === 'skipped').length;
  return { plan, drift, checked: plan.settings.length - skipped, skipped };
}

/** The verdict as Prometheus text. `nowSeconds` is Unix time. */
export function driftMetrics({ plan, drift, checked, skipped }: HostVerdict, nowSeconds: number) {
  const registry = new Registry();
  const gauge = <L extends string>(name: string, help: string, labelNames: readonly L[] = []) =>
    new Gauge<L>({ name, help, labelNames: [...labelNames], registers: [registry] });
  const perKnob = gauge(
    'tradewind_host_setting_drift',
    'Places where a host setting is not as the knob table says; 0 where it is',
    ['knob'],
  );
  for (const { knob, state } of plan.settings) if (state !== 'skipped') perKnob.set({ knob: knob.id }, 0);
  for (const { knob } of drift) perKnob.inc({ knob: knob.id });
  gauge('tradewind_host_settings_checked', 'Places of host settings that were looked at').set(checked);
  gauge('tradewind_host_drift', 'Places of host settings that are not as wanted').set(drift.length);
  gauge('tradewind_host_settings_skipped', 'Host settings that do not concern this machine').set(skipped);
  gauge('tradewind_host_reboot_required', '1 when host settings are stored and wait for a boot').set(
    drift.some(({ state }) => state === 'reboot') ? 1 : 0,
  );
  gauge('tradewind_host_profile_info', 'Profile the host is checked against', ['profile']).set(
    { profile: plan.profile },
    1,
  );
  gauge('tradewind_host_verified_timestamp_seconds', 'Unix time of the last look at the host settings').set(
    nowSeconds,
  );
  return registry.metrics();
}
