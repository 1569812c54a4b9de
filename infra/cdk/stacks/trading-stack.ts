import type { Construct } from 'constructs';
import { type EngineRelease, renderUserData } from '../../delivery/index.js';
import type { HostPlan, HostRole as HostRoleName } from '../../model/index.js';
import { HostRole } from '../constructs/host-role.js';
import { PlacementGroups } from '../constructs/placement-groups.js';
import { ReleasePointer } from '../constructs/release-pointer.js';
import { TradingHost } from '../constructs/trading-host.js';
import { EnvironmentStack, type EnvironmentStackProps } from '../environment-stack.js';
import type { DataRefs, HostRef, KeyRefs, NetworkRefs, SecretRefs, StateRefs, TradingRefs } from '../refs.js';

export interface TradingStackProps extends EnvironmentStackProps {
  readonly keys: KeyRefs;
  readonly network: NetworkRefs;
  readonly state: StateRefs;
  readonly secrets: SecretRefs;
  readonly release: EngineRelease;
  /** Absent where the environment has no data services. */
  readonly data?: DataRefs;
}

/** The hosts that trade, where they stand and what they may do. Nothing in it is lost with it: state is in other stacks. */
export class TradingStack extends EnvironmentStack {
  readonly refs: TradingRefs;

  constructor(scope: Construct, props: TradingStackProps) {
    super(scope, 'Trading', props, {
      stateful: false,
      description:
        'Trading hosts: placement, capacity, launch templates, instances, the host role, the release',
    });
    const { plan, keys, secrets } = props;
    const pointer = new ReleasePointer(this, 'Release', { plan, release: props.release });
    const role = new HostRole(this, 'HostRole', {
      plan,
      ...(props.data ? { also: [props.data.connectPolicy] } : {}),
      arns: {
        partition: this.partition,
        secrets: Object.values(secrets).map((secret) => secret.secretArn),
        releases: pointer.releaseObjects,
        keys: { data: keys.data.keyArn, audit: keys.audit.keyArn, secrets: keys.secrets.keyArn },
      },
    });
    const groups = new PlacementGroups(this, 'Placement', { groups: plan.hosts.groups });
    const hosts: Partial<Record<HostRoleName, HostRef>> = {};
    for (const host of plan.hosts.hosts) {
      const { ref } = this.#host(host, props, role, groups);
      if (ref) hosts[host.role] = ref;
    }
    this.refs = { hosts, hostRoleArn: role.roleArn };
  }

  #host(host: HostPlan, props: TradingStackProps, role: HostRole, groups: PlacementGroups): TradingHost {
    const { plan, keys, network, state } = props;
    const subnet = required(network.subnets[host.subnet], `subnet ${host.subnet}`);
    const journalVolumeId = required(state.journalVolumeIds[host.role], `journal volume of the ${host.role}`);
    const floating = plan.hosts.floatingIp;
    return new TradingHost(this, host.role === 'primary' ? 'Primary' : 'Standby', {
      plan,
      host,
      groups,
      subnetId: subnet.subnetId,
      securityGroupId: network.hostSecurityGroupId,
      instanceProfileArn: role.instanceProfileArn,
      instanceProfileName: role.instanceProfileName,
      volumeKeyArn: keys.data.keyArn,
      journalVolumeId,
      userData: renderUserData(plan, host, { journalVolumeId }),
      ...(host.elasticIp
        ? { elasticIp: required(state.elasticIps[host.role], `Elastic IP of the ${host.role}`) }
        : {}),
      ...(floating && host.role === 'primary'
        ? {
            floatingIp: {
              privateIp: floating,
              elasticIp: required(state.elasticIps.floating, 'floating Elastic IP'),
            },
          }
        : {}),
    });
  }
}

function required<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`the ${what} is planned but no stack made it`);
  return value;
}
