import { capabilities } from './capabilities.js';
import { about, type Consequence } from './consequence.js';
import { addressMode } from './plan/hosts.js';
import type { EnvironmentConfig } from './schema.js';

/** Where hosts stand. */
export function placement({ placement, ha, hosts, network }: EnvironmentConfig): Consequence[] {
  const say = about('placement');
  const { strategy, standby, reserveCapacity } = placement;
  const choice = `placement.strategy ${strategy}`;
  const list = [
    {
      cluster: say(
        'info',
        choice,
        'hosts stand close together in one zone for the least latency between them; nearness to the venue is luck of the zone, to be measured',
      ),
      shared: say(
        'info',
        choice,
        'hosts stand in the group of the venue, nearest to it; the venue owns the group, may end the sharing, and full effect needs VPC peering with it',
      ),
      'precision-time': say(
        'info',
        choice,
        'only hardware with a PTP clock is used, so a launch, and each start after a stop, may fail where a cluster group alone would not',
      ),
      none: say('info', choice, 'EC2 places the host anywhere in its zone: latency changes with every start'),
    }[strategy],
  ];
  if (strategy === 'precision-time' && hosts.clock === 'ntp') {
    list.push(
      say(
        'warning',
        'hosts.clock ntp',
        'the PTP hardware of the precision-time group is there and nothing reads it',
      ),
    );
  }
  if (ha.mode !== 'none') {
    const where = `placement.standby ${standby}`;
    list.push(
      {
        'same-group': say(
          'warning',
          where,
          'the standby is as fast as the primary and shares its rack, spine and zone: one fault there takes both',
        ),
        'other-group-same-zone': say(
          'info',
          where,
          'the hosts stand on different racks with slightly unlike latency; the loss of the zone takes both',
        ),
        'other-zone': say(
          'info',
          where,
          `the standby outlives zone ${network.zones[0]}; after a takeover every order travels further to the venue`,
        ),
      }[standby],
    );
  }
  list.push(
    reserveCapacity
      ? say(
          'warning',
          'placement.reserveCapacity true',
          `${ha.mode === 'none' ? 'one' : 'two'} ${hosts.instanceType} are billed from the deployment on, running or not, until the reservation is canceled`,
        )
      : say(
          'warning',
          'placement.reserveCapacity false',
          'a stopped host may not start again for lack of capacity, which happens to large types in groups',
        ),
  );
  return list;
}

/** Who takes over. */
export function availability(config: EnvironmentConfig): Consequence[] {
  const say = about('availability');
  const { ha, stage } = config;
  if (ha.mode === 'none') {
    return [
      say(
        stage === 'prod' ? 'warning' : 'info',
        'ha.mode none',
        'open orders rest unattended at the venue while the host is away; only its own cancel-on-disconnect ends them',
      ),
    ];
  }
  const list = [
    ha.mode === 'hot'
      ? say(
          'info',
          'ha.mode hot',
          'both hosts run and are billed all the time, and both addresses must be whitelisted at every venue before the first takeover',
        )
      : say(
          'info',
          'ha.mode warm',
          'a second host runs idle and is billed; its engine starts, and logs on, only when it is promoted',
        ),
  ];
  const address = addressMode(config);
  if (address === 'secondary-ip') {
    list.push(
      say(
        'warning',
        'ha.address secondary-ip',
        'both hosts share a subnet, so a fenced one can not be cut off by a network ACL and is stopped by force instead',
      ),
    );
  } else if (address === 'overlay-route') {
    list.push(
      say(
        'warning',
        'ha.address overlay-route',
        'the address lives in route tables alone: it serves venues on a private link; over the internet a venue sees each host by its own Elastic IP',
      ),
    );
  } else if (ha.mode === 'warm') {
    list.push(
      say(
        'info',
        'ha.address own-addresses',
        'nothing moves on promotion; both addresses must be whitelisted',
      ),
    );
  }
  const [gone] = config.hosts.retired;
  if (gone) {
    list.push(
      say(
        'warning',
        `hosts.retired ${gone}`,
        'one host trades alone and nobody takes over from it until the other is brought back',
      ),
    );
  }
  if (!ha.stopFencedHost) {
    list.push(
      say(
        'warning',
        'ha.stopFencedHost false',
        'a fenced host is cut off but stays on: good for analysis, and one mistaken unfence away from trading',
      ),
    );
  }
  return list;
}

/** How they are tuned. */
export function hosts({ hosts, ha }: EnvironmentConfig): Consequence[] {
  const say = about('hosts');
  const type = capabilities().types[hosts.instanceType];
  const list = [
    hosts.profile === 'audited'
      ? say(
          'info',
          'hosts.profile audited',
          'auditd, the SSM agent and the firewall stay on: who did what on a host is known, at the price of some jitter',
        )
      : say(
          'warning',
          'hosts.profile max-speed',
          'auditd, the SSM agent and the firewall are off: what people did on a host is not recorded, and documents do not reach it',
        ),
  ];
  const { venueFacing, replication } = hosts.enaExpress;
  if (venueFacing) {
    list.push(
      say(
        'warning',
        'hosts.enaExpress.venueFacing true',
        'adds tens of microseconds while the network is quiet; a venue without it falls back silently, which helps nobody',
      ),
    );
  }
  if (replication) {
    list.push(
      say(
        'info',
        'hosts.enaExpress.replication true',
        'copies between the hosts keep their pace under load, up to 25 Gbit/s a flow, and are slower by tens of microseconds when it is quiet',
      ),
    );
  }
  if (hosts.clock === 'ptp') {
    list.push(
      say(
        'info',
        'hosts.clock ptp',
        'time within microseconds; the clock does not smear leap seconds, so it is never mixed with smeared NTP',
      ),
    );
  }
  if (type?.metal) {
    list.push(
      say(
        'info',
        `hosts.instanceType ${hosts.instanceType}`,
        'bare metal: the least jitter, several minutes to boot, no CPU options and no hibernation',
      ),
    );
  }
  if (ha.mode === 'none' && !type?.autoRecovery && hosts.autoRecovery === undefined) {
    list.push(
      say(
        'warning',
        `hosts.instanceType ${hosts.instanceType}`,
        'EC2 can not recover this type by itself: after a hardware fault a person starts the host anew',
      ),
    );
  }
  return list;
}
