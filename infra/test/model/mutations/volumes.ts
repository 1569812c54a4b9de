import type { Row } from './row.js';

/** EBS volumes. */
export const volumes: readonly Row[] = [
  [
    'gp3 with too few IOPS',
    'paper-tokyo',
    { 'hosts.journalVolume.iops': 1000 },
    'hosts.journalVolume.iops',
    'less than every gp3 volume has',
    'at least 3000',
  ],
  [
    'gp3 with too many IOPS',
    'paper-tokyo',
    { 'hosts.journalVolume.iops': 20000 },
    'hosts.journalVolume.iops',
    'more than a gp3 volume has',
    'type io2',
  ],
  [
    'gp3 too small for its IOPS',
    'dev-single',
    { 'hosts.journalVolume.iops': 12000 },
    'hosts.journalVolume.iops',
    'more than 20 GiB may have',
    'sizeGiB 24',
  ],
  [
    'more throughput than the IOPS carry',
    'paper-tokyo',
    { 'hosts.journalVolume.throughputMiB': 800 },
    'hosts.journalVolume.throughputMiB',
    'more than 3000 IOPS carry',
    '3200 iops',
  ],
  [
    'io2 without IOPS',
    'prod-tokyo',
    { 'hosts.journalVolume.iops': undefined },
    'hosts.journalVolume.iops',
    'an io2 volume has no default',
    '16000',
  ],
  [
    'io2 with throughput',
    'prod-tokyo',
    { 'hosts.journalVolume.throughputMiB': 500 },
    'hosts.journalVolume.throughputMiB',
    'can not be set for io2',
    'remove it',
  ],
  [
    'io2 too small for its IOPS',
    'prod-tokyo',
    { 'hosts.journalVolume.sizeGiB': 10 },
    'hosts.journalVolume.iops',
    'more than 10 GiB may have, at 1000 per GiB',
    'sizeGiB 16',
  ],
];
