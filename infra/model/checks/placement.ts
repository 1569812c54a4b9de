import type { EnvironmentProblem } from '../problems.js';
import { check, isWritten } from './check.js';

/** Placement groups and where the standby stands. */
export const placementChecks = [
  check(['placement'], ({ placement }): EnvironmentProblem[] => {
    const { strategy, sharedGroupId, reserveCapacity } = placement;
    const problems: EnvironmentProblem[] = [];
    if (strategy === 'shared' && sharedGroupId === undefined) {
      problems.push({
        path: 'placement.sharedGroupId',
        message: 'is missing, and strategy shared launches into the group it names',
        fix: 'give the id the venue shared with this account, such as pg-0123456789abcdef0',
      });
    }
    if (strategy !== 'shared' && sharedGroupId !== undefined) {
      problems.push({
        path: 'placement.sharedGroupId',
        value: sharedGroupId,
        message: `is not used with strategy ${strategy}`,
        fix: 'set placement.strategy: shared, or remove it',
      });
    }
    if (reserveCapacity && (strategy === 'none' || strategy === 'shared')) {
      problems.push({
        path: 'placement.reserveCapacity',
        value: 'true',
        message: `reserves inside a placement group of our own, and strategy ${strategy} has none`,
        fix: 'set it to false, or choose a group of our own',
      });
    }
    return problems;
  }),
  check(['placement', 'ha'], ({ placement, ha }, context): EnvironmentProblem[] => {
    if (ha.mode === 'none') {
      return ['standby', 'standbyZone']
        .filter((name) => isWritten(context, 'placement', name))
        .map((name) => ({
          path: `placement.${name}`,
          value: String(placement[name as 'standby' | 'standbyZone']),
          message: 'places a standby, and ha.mode none has no standby',
          fix: 'remove it, or set ha.mode: warm or hot',
        }));
    }
    const { strategy, standby, standbyZone } = placement;
    const problems: EnvironmentProblem[] = [];
    if (standbyZone !== undefined && standby !== 'other-zone') {
      problems.push({
        path: 'placement.standbyZone',
        value: standbyZone,
        message: `is not used with standby ${standby}, which stays in the zone of the primary: a cluster group can not span zones`,
        fix: 'set placement.standby: other-zone, or remove it',
      });
    }
    if (strategy === 'shared' && standby !== 'same-group') {
      problems.push({
        path: 'placement.standby',
        value: standby,
        message: 'needs a second group, and the venue shares one, which can not span zones',
        fix: 'set placement.standby: same-group, or use groups of your own (strategy cluster)',
      });
    }
    if (strategy === 'none' && standby === 'other-group-same-zone') {
      problems.push({
        path: 'placement.standby',
        value: standby,
        message: 'names another group, and strategy none has no groups',
        fix: 'set placement.strategy: cluster, or remove it',
      });
    }
    return problems;
  }),
];
