import { nearestTypes, zonesOffering } from '../advise.js';
import { capabilities } from '../capabilities.js';
import type { EnvironmentProblem } from '../problems.js';
import { hostNeeds, secondRegionNeeds, type TypeNeeds, unmetNeeds } from '../type-needs.js';
import { check, oneOf } from './check.js';

/** That the instance type can do what is asked of it, where it is asked. Each problem ends with what could be had instead. */
export const capabilityChecks = [
  check(
    ['stage', 'region', 'network', 'hosts', 'placement', 'ha', 'dr'],
    ({ dr, ...config }): EnvironmentProblem[] => {
      const own = typeProblems(config.hosts.instanceType, hostNeeds(config));
      const second = secondRegionNeeds({ ...config, dr });
      if (!second) return own;
      const name = dr?.instanceType ?? config.hosts.instanceType;
      // A type that is wrong everywhere is told of once.
      if (own.length > 0 && dr?.instanceType === undefined) return own;
      return [...own, ...typeProblems(name, second)];
    },
  ),
  check(['hosts', 'ha'], ({ hosts, ha }): EnvironmentProblem[] => {
    const { venueFacing, replication, udp } = hosts.enaExpress;
    if (replication && ha.mode === 'none') {
      return [
        {
          path: 'hosts.enaExpress.replication',
          value: 'true',
          message: 'is for the interface between two hosts, and ha.mode none has one',
          fix: 'remove it, or set ha.mode: warm or hot',
        },
      ];
    }
    if (!udp || venueFacing || replication) return [];
    return [
      {
        path: 'hosts.enaExpress.udp',
        value: 'true',
        message: 'has no interface with ENA Express to act on',
        fix: 'remove it, or set venueFacing or replication: true',
      },
    ];
  }),
];

function typeProblems(name: string, needs: TypeNeeds): EnvironmentProblem[] {
  const { regions, types, date } = capabilities();
  // Wrong places are told of by other checks, and would make every type look wrong.
  const known = regions[needs.region];
  if (!needs.stands.every(({ zoneId }) => known?.includes(zoneId))) return [];
  const type = Object.hasOwn(types, name) ? types[name] : undefined;
  const near = nearestTypes(name, needs);
  if (type === undefined) {
    return [
      {
        path: needs.path,
        value: name,
        message: `is no instance type known here (data of ${date})`,
        fix:
          near.length > 0
            ? `use ${oneOf(near)}`
            : 'ask less of it: no type has all this environment asks for',
      },
    ];
  }
  return unmetNeeds(name, type, needs).map(({ otherwise, path, value, message }) => {
    const zones =
      otherwise === undefined
        ? zonesOffering(type, needs.region).filter(
            (zone) => !needs.stands.some(({ zoneId }) => zoneId === zone),
          )
        : [];
    const ways = [
      ...(near.length > 0 ? [`use ${oneOf(near)}`] : []),
      ...(otherwise === undefined ? [] : [otherwise]),
      ...(zones.length > 0 && message.includes('is not offered') ? [`stand in ${oneOf(zones)}`] : []),
    ];
    return {
      path,
      value,
      message,
      fix:
        ways.length > 0
          ? ways.join('; or ')
          : `use a type of another kind: none near ${name} does all that is asked`,
    };
  });
}
