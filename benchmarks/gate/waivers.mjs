import { existsSync, readFileSync } from 'node:fs';

export class WaiverError extends Error {}

const GATES = ['time', 'instructions', 'allocation'];
const FIELDS = ['workload', 'gate', 'upTo', 'reason', 'by', 'expires'];

/**
 * A regression that somebody has accepted, in writing, up to a size and a day.
 *
 * @typedef {object} Waiver
 * @property {string} workload
 * @property {'time' | 'instructions' | 'allocation'} gate
 * @property {number} upTo ratio of head to base
 * @property {string} reason
 * @property {string} by
 * @property {string} expires the last day it holds (YYYY-MM-DD, UTC)
 */

/**
 * Reads the waiver file; none is no waivers. Throws a WaiverError that names entry, field and fix, also for one that has
 * expired: what was accepted for a time is looked at again, not forgotten.
 *
 * @returns {readonly Waiver[]}
 */
export function readWaivers(path, today, workloads) {
  if (!existsSync(path)) return [];
  const bad = (at, what) => new WaiverError(`${path}${at}: ${what}`);
  let waivers;
  try {
    waivers = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw bad('', `not JSON: ${error.message}`);
  }
  if (!Array.isArray(waivers)) throw bad('', 'must be a list of waivers');
  for (const [i, waiver] of waivers.entries()) {
    const at = `[${i}]`;
    if (typeof waiver !== 'object' || waiver === null)
      throw bad(at, `must be an object with ${FIELDS.join(', ')}`);
    const unknown = Object.keys(waiver).find((key) => !FIELDS.includes(key));
    if (unknown !== undefined) throw bad(`${at}.${unknown}`, `unknown; a waiver has ${FIELDS.join(', ')}`);
    if (!workloads.includes(waiver.workload))
      throw bad(`${at}.workload`, `must be one of ${workloads.join(', ')}`);
    if (!GATES.includes(waiver.gate)) throw bad(`${at}.gate`, `must be one of ${GATES.join(', ')}`);
    if (!(waiver.upTo > 1)) throw bad(`${at}.upTo`, 'must be a ratio above 1, e.g. 1.08 for 8 % slower');
    for (const field of ['reason', 'by']) {
      if (typeof waiver[field] !== 'string' || waiver[field].trim() === '')
        throw bad(`${at}.${field}`, 'must say it');
    }
    const isDay = /^\d{4}-\d{2}-\d{2}$/.test(waiver.expires) && !Number.isNaN(Date.parse(waiver.expires));
    if (!isDay) throw bad(`${at}.expires`, 'must be a day as YYYY-MM-DD');
    if (waiver.expires < today)
      throw bad(`${at}.expires`, `expired on ${waiver.expires}: mend the regression or renew it`);
  }
  return waivers;
}

/** The finding as it stands with the waivers. */
export function waive(finding, workload, gate, waivers) {
  if (finding.state !== 'regression') return finding;
  const waiver = waivers.find((each) => each.workload === workload && each.gate === gate);
  if (waiver === undefined || finding.ratio === null || finding.ratio > waiver.upTo) return finding;
  const { by, reason, expires } = waiver;
  return {
    ...finding,
    state: 'waived',
    detail: `${finding.detail}; accepted by ${by} until ${expires}: ${reason}`,
  };
}
