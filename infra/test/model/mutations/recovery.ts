import type { Row } from './row.js';

/** Recovery budgets that can not be met. */
export const recovery: readonly Row[] = [
  [
    'HA none with a recovery time of 5 s',
    'dev-single',
    { 'recovery.rto': '5s' },
    'recovery.rto',
    '2m two failed system status checks + 3m a virtual host boots',
    'set recovery.rto: 6m or more',
  ],
  [
    'HA none with a recovery time of one minute',
    'dev-single',
    { 'recovery.rto': '1m' },
    'recovery.rto',
    'can not be met with ha.mode none',
    'set ha.mode: warm',
  ],
  [
    'production on one host that must be back in 15 s',
    'prod-tokyo',
    { ha: { mode: 'none' }, 'placement.standby': undefined },
    'recovery.rto',
    'can not be met with ha.mode none',
    'set ha.mode: hot',
  ],
  [
    'a moving address and 15 s',
    'paper-tokyo',
    { 'recovery.rto': '15s' },
    'recovery.rto',
    '10s the secondary address moves',
    'set ha.mode: hot',
  ],
  [
    'a slow lease and a short recovery time',
    'prod-tokyo',
    { 'ha.lease': { renewEvery: '2s', selfFence: '6s', expire: '10s' } },
    'recovery.rto',
    '11s its version unchanged',
    'set ha.lease',
  ],
  [
    'no loss allowed, with hourly backups',
    'prod-tokyo',
    { 'recovery.rpo': '0s' },
    'recovery.rpo',
    'a lost zone takes up to 2h',
    'set recovery.rpo: 2h or more',
  ],
];
