import { describe, expect, test } from '@jest/globals';
import type { EnvironmentPlan } from '../../model/index.js';
import { ENVIRONMENTS } from '../support/test-app.js';
import { all, type Module, modulesOf, reference, resources } from './terraform-json.js';

/** What the CDK form takes from the same plan: its own tests hold the stacks to it, these the Terraform modules. */
const MODULES = ENVIRONMENTS.flatMap(modulesOf);
const full = MODULES.filter(({ plan }) => plan.scope === 'full');
const named = (modules: readonly Module[]) => modules.map((module) => [module.name, module] as const);

const pick = (args: readonly Readonly<Record<string, unknown>>[], ...keys: string[]) =>
  args.map((one) => Object.fromEntries(keys.map((key) => [key, one[key]])));
const by = (key: string) => (a: Readonly<Record<string, unknown>>, b: Readonly<Record<string, unknown>>) =>
  String(a[key]).localeCompare(String(b[key]));

test('every environment that ships has a module, and a second Region one of its own', () => {
  expect(MODULES.map(({ name }) => name)).toEqual([
    'dev-single',
    'paper-tokyo',
    'prod-tokyo',
    'prod-tokyo-dr',
    'prod-virginia',
    'prod-virginia-dr',
  ]);
});

describe.each(named(MODULES))('%s', (_, module) => {
  const { plan } = module;

  test('stands in its account and Region, tagged, with its state in the same Region', () => {
    const { region, account, name } = plan.config;
    expect(module.json.provider.aws).toEqual([
      { region, allowed_account_ids: [account], default_tags: [{ tags: plan.tags }] },
    ]);
    expect(module.json.terraform).toMatchObject({
      backend: {
        s3: {
          bucket: plan.names.bucket('terraform-state', region),
          key: `${name}/terraform.tfstate`,
          region,
          encrypt: true,
          use_lockfile: true,
        },
      },
    });
  });

  test('locks the archive for as long as the plan says', () => {
    const { archive } = plan;
    expect(resources(module, 'aws_s3_bucket').archive_records_bucket).toMatchObject({
      bucket: archive.bucket,
      object_lock_enabled: true,
      lifecycle: { prevent_destroy: true },
    });
    expect(pick(all(module, 'aws_s3_bucket_object_lock_configuration'), 'rule')).toEqual([
      { rule: [{ default_retention: [{ mode: archive.mode, days: archive.lockDays }] }] },
    ]);
    expect(resources(module, 'aws_s3_bucket')['archive_access-logs_bucket']).toMatchObject({
      bucket: archive.accessLogBucket,
    });
  });

  test('copies the archive where the plan has a replica', () => {
    const { replica } = plan.archive;
    const targets = all(module, 'aws_s3_bucket_replication_configuration').map(({ rule }) => rule);
    expect(JSON.stringify(targets)).toContain(replica ? `arn:aws:s3:::${replica.bucket}` : '[]');
  });

  test('locks the vaults of the plan', () => {
    const { backup, scope } = plan;
    const vaults = [
      ...(scope === 'full' ? [backup.vault] : []),
      ...(backup.receivingVault ? [backup.receivingVault] : []),
    ].sort();
    expect(
      all(module, 'aws_backup_vault')
        .map(({ name }) => name)
        .sort(),
    ).toEqual(vaults);
    const { lock } = backup;
    expect(
      pick(
        all(module, 'aws_backup_vault_lock_configuration'),
        'min_retention_days',
        'max_retention_days',
        'changeable_for_days',
      ),
    ).toEqual(
      lock
        ? vaults.map(() => ({
            min_retention_days: lock.minDays,
            max_retention_days: lock.maxDays,
            changeable_for_days: lock.changeableForDays,
          }))
        : [],
    );
  });

  test('makes the keys that are not brought, under their names', () => {
    const purposes = ['audit', 'data', 'secrets', ...(plan.archive.checkpoints ? ['signing'] : [])];
    expect(all(module, 'aws_kms_alias').map(({ name }) => name)).toEqual(purposes.map(plan.names.keyAlias));
  });

  test('keeps what is stateful', () => {
    for (const type of STATEFUL) {
      for (const [name, args] of Object.entries(resources(module, type))) {
        expect([`${type}.${name}`, args.lifecycle]).toEqual([
          `${type}.${name}`,
          expect.objectContaining({ prevent_destroy: true }),
        ]);
      }
    }
  });
});

const STATEFUL = [
  'aws_kms_key',
  'aws_s3_bucket',
  'aws_dynamodb_table',
  'aws_ebs_volume',
  'aws_eip',
  'aws_backup_vault',
  'aws_backup_vault_lock_configuration',
  'aws_secretsmanager_secret',
];

describe.each(named(full))('%s, network and hosts', (_, module) => {
  const { plan } = module;

  test('cuts the same subnets in the same zones', () => {
    expect(all(module, 'aws_vpc').map(({ cidr_block }) => cidr_block)).toEqual([plan.network.cidr]);
    expect(
      pick(all(module, 'aws_subnet'), 'cidr_block', 'availability_zone_id').sort(by('cidr_block')),
    ).toEqual(
      plan.network.subnets
        .map(({ cidr, zoneId }) => ({ cidr_block: cidr, availability_zone_id: zoneId }))
        .sort(by('cidr_block')),
    );
  });

  test('leaves rule 1 of every network ACL to the fence', () => {
    const numbers = all(module, 'aws_network_acl_rule').map(({ rule_number }) => Number(rule_number));
    expect(Math.min(...numbers)).toBeGreaterThanOrEqual(1000);
    for (const acl of all(module, 'aws_network_acl')) {
      expect(acl).not.toHaveProperty('ingress');
      expect(acl).not.toHaveProperty('egress');
    }
  });

  test('lets hosts out to the addresses of the plan and nobody in but the other host', () => {
    const rules = all(module, 'aws_vpc_security_group_egress_rule');
    expect(
      pick(
        rules.filter((rule) => rule.cidr_ipv4),
        'cidr_ipv4',
        'from_port',
        'to_port',
      ).sort(by('from_port')),
    ).toEqual(
      plan.network.egress
        .map(({ cidr, port }) => ({ cidr_ipv4: cidr, from_port: port, to_port: port }))
        .sort(by('from_port')),
    );
    for (const rule of all(module, 'aws_vpc_security_group_ingress_rule')) {
      expect(rule).not.toHaveProperty('cidr_ipv4');
      expect(rule.referenced_security_group_id).toBe(
        reference('aws_security_group.network_firewall_hosts.id'),
      );
    }
  });

  test('has the endpoints of the plan, each with a policy', () => {
    const { interfaceEndpoints, gatewayEndpoints } = plan.network;
    const endpoints = all(module, 'aws_vpc_endpoint');
    expect(endpoints.map(({ service_name }) => String(service_name).split('.').at(-1)).sort()).toEqual(
      [...interfaceEndpoints, ...gatewayEndpoints].sort(),
    );
    for (const { policy } of endpoints) expect(policy).toContain('"Principal":"*"');
  });

  test('keeps logs as long as the plan says', () => {
    expect(
      pick(
        Object.entries(resources(module, 'aws_cloudwatch_log_group'))
          .filter(([name]) => name.startsWith('logs_'))
          .map(([, args]) => args),
        'name',
        'retention_in_days',
        'skip_destroy',
      ).sort(by('name')),
    ).toEqual(
      plan.logs
        .map(({ name, days, class: kind }) => ({
          name,
          retention_in_days: days,
          skip_destroy: kind === 'record',
        }))
        .sort(by('name')),
    );
  });

  test('resolves the names of the plan and nothing else', () => {
    const lists = all(module, 'aws_route53_resolver_firewall_domain_list').map(({ domains }) => domains);
    expect(lists).toEqual(plan.network.allowedDomains ? [plan.network.allowedDomains, ['*']] : []);
  });

  test('launches the hosts of the plan as it says', () => {
    const { hosts } = plan;
    const templates = all(module, 'aws_launch_template');
    expect(templates).toHaveLength(hosts.hosts.length);
    for (const template of templates) {
      expect(template).toMatchObject({
        instance_type: hosts.instanceType,
        image_id: hosts.imageId,
        maintenance_options: [{ auto_recovery: hosts.autoRecovery }],
        metadata_options: [
          expect.objectContaining({ http_tokens: 'required', http_put_response_hop_limit: 1 }),
        ],
        hibernation_options: [{ configured: false }],
      });
      expect(template.cpu_options).toEqual(
        hosts.cpu
          ? [{ core_count: hosts.cpu.coreCount, threads_per_core: hosts.cpu.threadsPerCore }]
          : undefined,
      );
      const interfaces = template.network_interfaces as Readonly<Record<string, unknown>>[];
      expect(pick(interfaces, 'device_index', 'ena_srd_specification')).toEqual(
        hosts.interfaces.map(({ deviceIndex, enaExpress }) => ({
          device_index: deviceIndex,
          ena_srd_specification: hosts.enaExpressCapable
            ? [
                {
                  ena_srd_enabled: enaExpress.tcp,
                  ena_srd_udp_specification: [{ ena_srd_udp_enabled: enaExpress.udp }],
                },
              ]
            : undefined,
        })),
      );
    }
    expect(Object.keys(resources(module, 'aws_instance')).sort()).toEqual(
      hosts.hosts
        .filter(({ standing }) => standing)
        .map(({ role }) => `trading_${role}`)
        .sort(),
    );
  });

  test('sets connection tracking wherever EC2 makes the interface', () => {
    const { tcpEstablished } = plan.config.hosts.connectionTracking;
    const made = all(module, 'aws_launch_template').flatMap(
      ({ network_interfaces }) => network_interfaces as Readonly<Record<string, unknown>>[],
    );
    for (const one of made.filter(({ network_interface_id }) => network_interface_id === undefined)) {
      expect(one.connection_tracking_specification).toEqual([
        expect.objectContaining({ tcp_established_timeout: tcpEstablished / 1_000 }),
      ]);
    }
  });

  test('has the addresses and reserved capacity of the plan', () => {
    const { hosts, floatingIp } = plan.hosts;
    expect(all(module, 'aws_eip')).toHaveLength(
      hosts.filter(({ elasticIp }) => elasticIp).length + (floatingIp ? 1 : 0),
    );
    expect(all(module, 'aws_ec2_capacity_reservation')).toHaveLength(
      hosts.filter(({ reserved }) => reserved).length,
    );
    expect(
      all(module, 'aws_network_interface').map(({ private_ip_list }) => (private_ip_list as string[])[0]),
    ).toEqual(hosts.flatMap(({ privateIp }) => privateIp ?? []));
  });

  test('tells what a venue has to know', () => {
    expect(Object.keys(module.json.output ?? {})).toHaveLength(all(module, 'aws_eip').length);
  });

  test('has the placement groups of the plan', () => {
    expect(placementGroups(module)).toEqual(
      plan.hosts.groups.map(({ strategy, parent }) => ({ strategy, linked: parent !== undefined })),
    );
  });

  test('keeps the lease where agents look for it', () => {
    expect(all(module, 'aws_dynamodb_table')).toEqual([
      expect.objectContaining({
        name: plan.names.leaseTable,
        hash_key: 'leaseKey',
        deletion_protection_enabled: true,
        point_in_time_recovery: [{ enabled: true }],
      }),
    ]);
  });

  test('backs up when and as long as the plan says', () => {
    const [schedule] = all(module, 'aws_backup_plan') as [Readonly<Record<string, unknown>>];
    const rules = schedule.rule as Readonly<Record<string, unknown>>[];
    expect(rules.map(shapeOfRule)).toEqual(
      plan.backup.rules.map((rule) => ({
        name: rule.id,
        schedule: rule.schedule,
        keep: rule.keepDays,
        cold: rule.coldAfterDays,
        copied: rule.copy && plan.backup.copyVault !== undefined,
      })),
    );
  });

  test('raises the alarms of the plan', () => {
    const composites = all(module, 'aws_cloudwatch_composite_alarm').map(({ alarm_name }) => alarm_name);
    expect(composites.sort()).toEqual(plan.compositeAlarms.map(({ name }) => name).sort());
    expect(all(module, 'aws_cloudwatch_metric_alarm').map(shapeOfAlarm).sort(by('name'))).toEqual(
      plan.alarmInstances.map(plannedAlarm).sort(by('name')),
    );
  });
});

function placementGroups(module: Module) {
  const native = all(module, 'aws_placement_group').map(({ strategy }) => ({ strategy, linked: false }));
  const templates = all(module, 'aws_cloudformation_stack').map(({ template_body }) =>
    JSON.parse(String(template_body)),
  );
  return [
    ...native,
    ...templates.flatMap(({ Resources }) =>
      Object.values(
        Resources as Record<string, { Properties: { Strategy: string; ParentGroupId?: unknown } }>,
      ).map(({ Properties }) => ({
        strategy: Properties.Strategy,
        linked: Properties.ParentGroupId !== undefined,
      })),
    ),
  ];
}

function shapeOfRule(rule: Readonly<Record<string, unknown>>) {
  const [lifecycle] = rule.lifecycle as [Readonly<Record<string, unknown>>];
  return {
    name: rule.rule_name,
    schedule: rule.schedule,
    keep: lifecycle.delete_after,
    cold: lifecycle.cold_storage_after,
    copied: rule.copy_action !== undefined,
  };
}

function shapeOfAlarm(alarm: Readonly<Record<string, unknown>>) {
  const queries = alarm.metric_query as
    | readonly { expression?: string; metric?: readonly { metric_name: string; period: number }[] }[]
    | undefined;
  const metric = queries?.find((query) => query.metric)?.metric?.[0];
  return {
    name: alarm.alarm_name,
    description: alarm.alarm_description,
    threshold: alarm.threshold,
    comparison: alarm.comparison_operator,
    missing: alarm.treat_missing_data,
    metric: metric?.metric_name ?? alarm.metric_name,
    period: metric?.period ?? alarm.period,
    expression: queries?.find((query) => query.expression)?.expression,
  };
}

function plannedAlarm({
  plan,
  name,
  description,
  metrics,
  expression,
}: EnvironmentPlan['alarmInstances'][number]) {
  return {
    name,
    description,
    threshold: plan.threshold,
    comparison: plan.comparison,
    missing: plan.missing,
    metric: metrics[0]?.metric,
    period: plan.period,
    expression,
  };
}
