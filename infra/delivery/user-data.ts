import { readFileSync } from 'node:fs';
import { stringify } from 'yaml';
import { type EnvironmentPlan, type HostPlan, infraPath } from '../model/index.js';
import { agentConfig } from './agent-config.js';

/** What only a back end knows; references of either are accepted. */
export interface UserDataRefs {
  /** The data volume of this host. */
  readonly journalVolumeId: string;
}

/**
 * Cloud-init of a host, in clear text: who it is, and how it fetches everything else. It names no release, so that a new
 * one never changes a launch template.
 */
export function renderUserData(
  plan: EnvironmentPlan,
  host: HostPlan,
  { journalVolumeId }: UserDataRefs,
): string {
  const { config } = plan;
  const script = (name: string) => readFileSync(infraPath('delivery', 'host', name), 'utf8');
  const file = (path: string, permissions: string, content: string) => ({
    path,
    owner: 'root:root',
    permissions,
    content,
  });
  const environment = {
    TRADEWIND_ENVIRONMENT: config.name,
    TRADEWIND_HOST: host.role,
    TRADEWIND_PROFILE: config.hosts.profile,
    TRADEWIND_JOURNAL_VOLUME: journalVolumeId,
    TRADEWIND_ARCHIVE_BUCKET: plan.archive.bucket,
    ...(plan.hosts.floatingIp ? { TRADEWIND_FLOATING_IP: plan.hosts.floatingIp } : {}),
    ...(config.observability.prometheus
      ? { TRADEWIND_PROMETHEUS_PARAMETER: plan.names.prometheusParameter }
      : {}),
    AWS_REGION: config.region,
  };
  const document = {
    // First boot alone changes packages: an upgrade of the system is a new host.
    package_update: false,
    package_upgrade: false,
    ssh_pwauth: false,
    disable_root: true,
    write_files: [
      file(
        '/etc/tradewind/host.env',
        '0644',
        Object.entries(environment)
          .map(([name, value]) => `${name}=${value}\n`)
          .join(''),
      ),
      file('/etc/tradewind/agent.json', '0644', `${JSON.stringify(agentConfig(plan, host), null, 2)}\n`),
      file('/usr/local/sbin/tradewind-release', '0755', script('tradewind-release.sh')),
      file('/usr/local/sbin/tradewind-first-boot', '0755', script('first-boot.sh')),
      file('/etc/systemd/system/tradewind-first-boot.service', '0644', script('first-boot.service')),
    ],
    // cloud-init runs a command once, whether it succeeds or not: a unit begins again.
    runcmd: [
      ['systemctl', 'daemon-reload'],
      ['systemctl', 'enable', '--now', '--no-block', 'tradewind-first-boot.service'],
    ],
  };
  return `#cloud-config\n${stringify(document, { lineWidth: 0 })}`;
}
