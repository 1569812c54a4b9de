import type { EnvironmentProblem } from '../problems.js';
import type { EnvironmentConfig } from '../schema.js';
import { check } from './check.js';

/** Amazon EBS User Guide, Amazon EBS volume types. */
const GP3 = { minIops: 3_000, maxIops: 16_000, iopsPerGiB: 500, mibPerIops: 0.25, baseIops: 3_000 };
const IO2_IOPS_PER_GIB = 1_000;

/** Volumes EBS would refuse. */
export const volumeChecks = [
  check(['hosts'], ({ hosts }) =>
    (['rootVolume', 'journalVolume'] as const).flatMap((name) =>
      hosts[name].type === 'gp3'
        ? gp3Problems(`hosts.${name}`, hosts[name])
        : io2Problems(`hosts.${name}`, hosts[name]),
    ),
  ),
];

type Volume = EnvironmentConfig['hosts']['rootVolume'];

function gp3Problems(path: string, { sizeGiB, iops, throughputMiB }: Volume): EnvironmentProblem[] {
  const at = { path: `${path}.iops`, value: String(iops) };
  if (iops !== undefined && iops < GP3.minIops) {
    return [{ ...at, message: 'is less than every gp3 volume has', fix: `give at least ${GP3.minIops}` }];
  }
  if (iops !== undefined && iops > GP3.maxIops) {
    return [
      {
        ...at,
        message: 'is more than a gp3 volume has',
        fix: `give at most ${GP3.maxIops}, or use type io2`,
      },
    ];
  }
  // The base rate comes with every size.
  if (iops !== undefined && iops > Math.max(GP3.baseIops, sizeGiB * GP3.iopsPerGiB)) {
    return [tooDense(path, iops, sizeGiB, GP3.iopsPerGiB)];
  }
  const effective = iops ?? GP3.baseIops;
  if (throughputMiB !== undefined && throughputMiB > effective * GP3.mibPerIops) {
    return [
      {
        path: `${path}.throughputMiB`,
        value: String(throughputMiB),
        message: `is more than ${effective} IOPS carry, at ${GP3.mibPerIops} MiB/s each`,
        fix: `give at most ${Math.floor(effective * GP3.mibPerIops)}, or ${Math.ceil(throughputMiB / GP3.mibPerIops)} iops`,
      },
    ];
  }
  return [];
}

function io2Problems(path: string, { sizeGiB, iops, throughputMiB }: Volume): EnvironmentProblem[] {
  const problems: EnvironmentProblem[] = [];
  if (iops === undefined) {
    problems.push({
      path: `${path}.iops`,
      message: 'is missing, and an io2 volume has no default',
      fix: 'give it, such as 16000',
    });
  } else if (iops > sizeGiB * IO2_IOPS_PER_GIB) {
    problems.push(tooDense(path, iops, sizeGiB, IO2_IOPS_PER_GIB));
  }
  if (throughputMiB !== undefined) {
    problems.push({
      path: `${path}.throughputMiB`,
      value: String(throughputMiB),
      message: 'can not be set for io2, whose throughput follows its iops',
      fix: 'remove it',
    });
  }
  return problems;
}

function tooDense(path: string, iops: number, sizeGiB: number, perGiB: number): EnvironmentProblem {
  return {
    path: `${path}.iops`,
    value: String(iops),
    message: `is more than ${sizeGiB} GiB may have, at ${perGiB} per GiB`,
    fix: `give at most ${sizeGiB * perGiB}, or sizeGiB ${Math.ceil(iops / perGiB)}`,
  };
}
