import { signedRank } from './wilcoxon.mjs';

/** A head that is slower by less is not told from noise, and not refused. */
export const TIME_MARGIN = Math.log(1.03);
export const ALPHA = 0.01;
/** More instructions than this share are refused. */
export const INSTRUCTION_MARGIN = 0.01;
/** Bytes an operation: less than one small object in four operations, or 1 %, is not refused. */
export const ALLOCATION_MARGIN = { bytes: 4, share: 0.01 };
/** Bytes kept over a whole run. */
export const RETAINED_MARGIN = { bytes: 64 * 1024, share: 0.01 };

/**
 * @typedef {'pass' | 'regression' | 'inconclusive' | 'skipped' | 'waived'} State
 * @typedef {{ state: State, ratio: number | null, detail: string }} Finding
 */

/** Whether the pairs say that head is slower than base by more than the margin. `ratios` are ln(head / base), one a pair. */
export function isSlower(ratios) {
  return signedRank(ratios, TIME_MARGIN).p <= ALPHA;
}

/**
 * @param {{ first: number[], second: number[] | undefined, control: number[] }} measured ln ratios: the first pairs, the
 *   fresh ones that were run because those said slower, and base against itself
 * @returns {Finding}
 */
export function decideTime({ first, second, control }) {
  const all = [...first, ...(second ?? [])];
  const ratio = Math.exp(median(all));
  const spread = median(control.map(Math.abs));
  const noise = `base against itself ${percent(Math.exp(spread) - 1)} apart`;
  const told = `${percent(ratio - 1, true)}, ${all.length} pairs, ${noise}`;
  if (spread > TIME_MARGIN) {
    return { state: 'inconclusive', ratio, detail: `${told}: the machine is too restless to tell` };
  }
  const slower = isSlower(first) && second !== undefined && isSlower(second);
  return { state: slower ? 'regression' : 'pass', ratio, detail: told };
}

/** @returns {Finding} */
export function decideInstructions(base, head) {
  const ratio = head / base;
  const detail = `${percent(ratio - 1, true)} of ${Math.round(base).toLocaleString('en-US')} a slice`;
  return { state: ratio > 1 + INSTRUCTION_MARGIN ? 'regression' : 'pass', ratio, detail };
}

/** @returns {Finding} */
export function decideAllocation(base, head) {
  // Less than nothing is kept where something from before the run was let go: that is no room for a leak, nor a debt.
  const grew = (from, to, { bytes, share }) => to - Math.max(0, from) > Math.max(bytes, from * share);
  const allocates = grew(base.allocated, head.allocated, ALLOCATION_MARGIN);
  const retains = grew(base.retained, head.retained, RETAINED_MARGIN);
  const detail = [
    `${base.allocated.toFixed(1)} to ${head.allocated.toFixed(1)} B an operation`,
    `${kib(base.retained)} to ${kib(head.retained)} KiB kept`,
  ].join(', ');
  const ratios = {
    allocated: ratioOf(base.allocated, head.allocated),
    retained: ratioOf(base.retained, head.retained),
  };
  if (!retains) return { state: allocates ? 'regression' : 'pass', ratio: ratios.allocated, detail };
  // The larger of what is refused, as a waiver has to cover both; nothing covers what has no ratio.
  const refused = allocates ? [ratios.allocated, ratios.retained] : [ratios.retained];
  return { state: 'regression', ratio: refused.includes(null) ? null : Math.max(...refused), detail };
}

/** Null where it says nothing: of nothing. */
function ratioOf(base, head) {
  return base > 0 ? head / base : null;
}

/** 0: go; 1: refused; 2: not known. */
export function exitCode(findings) {
  if (findings.some(({ state }) => state === 'regression')) return 1;
  return findings.some(({ state }) => state === 'inconclusive') ? 2 : 0;
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

function percent(share, signed = false) {
  return `${signed && share >= 0 ? '+' : ''}${(share * 100).toFixed(1)} %`;
}

function kib(bytes) {
  return (bytes / 1024).toFixed(1);
}
