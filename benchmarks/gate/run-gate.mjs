import { whyNoInstructions } from './callgrind.mjs';
import { decideAllocation, decideInstructions, decideTime, isSlower } from './decide.mjs';
import { countInstructions, measureAllocation } from './deterministic.mjs';
import { playPair } from './ping-pong.mjs';
import { waive } from './waivers.mjs';
import { whyMissing, whyUncountable } from './workload.mjs';

export const GATES = ['allocation', 'instructions', 'time'];
/** Those that come to the same each time. */
export const COUNTED = ['allocation', 'instructions'];
/** Pairs of the first look, and of the second one that only a suspicion gets. */
const PAIRS = 10;
const FRESH_PAIRS = 15;
/** Base against itself, between the others. */
const CONTROLS = 5;

/**
 * @typedef {object} GateOptions
 * @property {readonly string[]} workloads
 * @property {readonly string[]} gates
 * @property {string} base path of a built tree
 * @property {string} head
 * @property {readonly import('./waivers.mjs').Waiver[]} waivers
 * @property {() => number} random
 * @property {(text: string) => void} tell what is going on
 *
 * @typedef {import('./decide.mjs').Finding & { workload: string, gate: string, raw: object }} Result
 */

/**
 * Compares two built trees on each workload by each gate. A workload that the base lacks a module or an export for is
 * skipped; whatever else fails on either side is thrown, for then nothing is known.
 *
 * @param {GateOptions} options
 * @returns {Promise<Result[]>}
 */
export async function runGate(options) {
  const { workloads, gates, waivers, tell } = options;
  const results = [];
  for (const workload of workloads) {
    const missing = await whyMissing(workload, options.base);
    for (const gate of gates) {
      tell(`${workload}: ${gate}`);
      const { finding, raw } =
        missing === undefined
          ? await MEASURES[gate](workload, options)
          : skipped(`the base does not do it: ${missing}`);
      results.push({ workload, gate, ...waive(finding, workload, gate, waivers), raw });
    }
  }
  return results;
}

const MEASURES = { allocation, instructions, time };

async function allocation(workload, trees) {
  return await ofBoth(trees, (tree) => measureAllocation(workload, tree), decideAllocation);
}

async function instructions(workload, trees) {
  const why = whyNoInstructions() ?? (await whyUncountable(workload));
  if (why !== undefined) return skipped(why);
  return await ofBoth(trees, (tree) => countInstructions(workload, tree), decideInstructions);
}

/** Side by side: what is counted does not depend on how fast it goes. */
async function ofBoth(trees, measure, decide) {
  const sides = await Promise.allSettled([measure(trees.base), measure(trees.head)]);
  for (const { status, reason } of sides) if (status === 'rejected') throw reason;
  const [base, head] = sides.map(({ value }) => value);
  return { finding: decide(base, head), raw: { base, head } };
}

function skipped(why) {
  return { finding: { state: 'skipped', ratio: null, detail: why }, raw: {} };
}

async function time(workload, { base, head, random, tell }) {
  const pairs = [];
  const play = async (kind, trees) => {
    const { base: one, head: other } = await playPair(workload, trees, random);
    pairs.push({ kind, base: one, head: other });
    return Math.log(other.min / one.min);
  };
  const [first, control] = [[], []];
  for (let pair = 0; pair < PAIRS; pair++) {
    first.push(await play('first', { base, head }));
    if (pair % (PAIRS / CONTROLS) === 0) control.push(await play('control', { base, head: base }));
  }
  let second;
  if (isSlower(first)) {
    tell(`${workload}: time, looking again`);
    second = [];
    for (let pair = 0; pair < FRESH_PAIRS; pair++) second.push(await play('second', { base, head }));
  }
  return { finding: decideTime({ first, second, control }), raw: { pairs } };
}
