import { nearestKey } from '@tradewind/engine/config';
import { capabilities } from '../capabilities.js';
import type { EnvironmentProblem } from '../problems.js';
import { check, oneOf } from './check.js';

/** Region and Availability Zones: that they exist, belong together and are named once. */
export const placeChecks = [
  check(['region'], ({ region }) => unknownRegion('region', region)),
  check(['region', 'network'], ({ region, network }) => zoneProblems('network.zones', network.zones, region)),
  check(['region', 'network', 'placement'], ({ region, network, placement }) => {
    const zone = placement.standbyZone;
    if (zone === undefined || placement.standby !== 'other-zone') return [];
    const path = 'placement.standbyZone';
    const wrong = zoneProblem(path, zone, region);
    if (wrong) return [wrong];
    const [home, ...others] = network.zones;
    if (zone === home) {
      return [
        {
          path,
          value: zone,
          message: 'is the zone the primary stands in',
          fix: others.length > 0 ? `use ${oneOf(others)}` : 'add a second zone to network.zones and use it',
        },
      ];
    }
    if (others.includes(zone)) return [];
    return [
      {
        path,
        value: zone,
        message: 'is not one of network.zones, so it has no subnets',
        fix: `add ${zone} to network.zones${others.length > 0 ? `, or use ${oneOf(others)}` : ''}`,
      },
    ];
  }),
  check(['network', 'placement', 'ha'], ({ network, placement, ha }) =>
    ha.mode !== 'none' && placement.standby === 'other-zone' && network.zones.length < 2
      ? [
          {
            path: 'network.zones',
            value: network.zones.join(', '),
            message: 'is one zone, and placement.standby: other-zone needs a second',
            fix: 'add a second zone, or set placement.standby: same-group',
          },
        ]
      : [],
  ),
  check(['region', 'dr'], ({ region, dr }) => {
    if (!dr) return [];
    if (dr.region === region) {
      return [
        {
          path: 'dr.region',
          value: dr.region,
          message: 'is the Region of the environment itself: its loss takes both',
          fix: 'name another Region, or remove dr',
        },
      ];
    }
    return [...unknownRegion('dr.region', dr.region), ...zoneProblems('dr.zones', dr.zones, dr.region)];
  }),
];

function unknownRegion(path: string, region: string): EnvironmentProblem[] {
  const { regions, date } = capabilities();
  if (Object.hasOwn(regions, region)) return [];
  const nearest = nearestKey(region, Object.keys(regions));
  return [
    {
      path,
      value: region,
      message: `is no Region known here (data of ${date})`,
      fix: nearest
        ? `use ${nearest}, or refresh infra/data/instance-capabilities.json`
        : `use one of ${Object.keys(regions).join(', ')}`,
    },
  ];
}

function zoneProblems(path: string, zones: readonly string[], region: string): EnvironmentProblem[] {
  return zones.flatMap((zone, index): EnvironmentProblem | EnvironmentProblem[] => {
    const at = `${path}[${index}]`;
    const first = zones.indexOf(zone);
    if (first < index) {
      return [
        {
          path: at,
          value: zone,
          message: `is there already, as ${path}[${first}]`,
          fix: 'name each zone once',
        },
      ];
    }
    return zoneProblem(at, zone, region) ?? [];
  });
}

/** Nothing when the Region itself is unknown: that is another problem. */
function zoneProblem(path: string, zone: string, region: string): EnvironmentProblem | undefined {
  const { regions, date } = capabilities();
  const known = regions[region];
  if (known === undefined || known.includes(zone)) return undefined;
  const home = Object.entries(regions).find(([, zones]) => zones.includes(zone))?.[0];
  return {
    path,
    value: zone,
    message: home
      ? `is a zone of ${home}, not of ${region}`
      : `is no zone known here (data of ${date}) of ${region}`,
    fix: `use ${oneOf(known)}`,
  };
}
