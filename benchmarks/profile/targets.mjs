import { fileURLToPath } from 'node:url';
import { prepare, WORKLOADS } from '../gate/workload.mjs';
import { SUITES } from '../lib/suites.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const WORKLOAD_PREFIX = 'gate:';
/** A workload runs for so long before it is looked at: by then its code is compiled. */
const WARM_MS = 1_500;

/** Everything there is to profile, by name: suites, and workloads of the gate, which do one thing and nothing else. */
export const TARGETS = [...SUITES, ...WORKLOADS.map((name) => WORKLOAD_PREFIX + name)];

/**
 * @param {string} name one of {@link TARGETS}
 * @param {number} forMs how long a workload runs; a suite takes the time it takes
 * @returns {Promise<() => Promise<void>>} the work, ready to be started
 */
export async function target(name, forMs) {
  if (!name.startsWith(WORKLOAD_PREFIX)) {
    const suite = await import(`../suites/${name}.mjs`);
    return () => suite.run();
  }
  const { reset = () => {}, slice } = await prepare(name.slice(WORKLOAD_PREFIX.length), ROOT);
  const runFor = (ms) => {
    const end = performance.now() + ms;
    while (performance.now() < end) {
      reset();
      slice();
    }
  };
  runFor(WARM_MS);
  return async () => runFor(forMs);
}
