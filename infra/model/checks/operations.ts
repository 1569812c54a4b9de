import type { EnvironmentProblem } from '../problems.js';
import { formatDuration } from '../units.js';
import { check } from './check.js';

/** People and times: who is paged, when nothing may change, how keys turn over. */
export const operationsChecks = [
  check(['operations'], ({ operations }) =>
    operations.tradingHours.flatMap(({ start, end }, index) =>
      Date.parse(start) < Date.parse(end)
        ? []
        : [
            {
              path: `operations.tradingHours[${index}].end`,
              value: end,
              message: `is not after its start ${start}`,
              fix: 'exchange the two, or give a later end',
            },
          ],
    ),
  ),
  check(['stage', 'observability'], ({ stage, observability }) =>
    stage !== 'prod' || observability.pagerEndpoint || observability.email
      ? []
      : [
          {
            path: 'observability.pagerEndpoint',
            message: 'is missing, and so is email: in production nobody would hear of a critical alarm',
            fix: 'give the HTTPS address of your pager, or an email',
          },
        ],
  ),
  check(['secrets'], ({ secrets }) =>
    secrets.overlap < secrets.rotateEvery
      ? []
      : [
          {
            path: 'secrets.overlap',
            value: formatDuration(secrets.overlap),
            message: `is not shorter than rotateEvery ${formatDuration(secrets.rotateEvery)}: two old keys would be valid at once`,
            fix: 'shorten overlap, or rotate less often',
          },
        ],
  ),
  check(['region', 'keys'], ({ region, keys }) =>
    Object.entries(keys.existing).flatMap(([purpose, arn]): EnvironmentProblem[] => {
      if (arn === undefined) return [];
      const home = arn.split(':')[3] ?? '';
      if (home === region) return [];
      return [
        {
          path: `keys.existing.${purpose}`,
          value: arn,
          message: `is a key of ${home === '' ? 'no Region' : home}, and a key encrypts in its own Region only`,
          fix: `give a key of ${region}, or remove it and let one be created`,
        },
      ];
    }),
  ),
];
