/**
 * replacement: what a deployment would do to what may not be lost. The committed stacks of an environment and those of
 * today enter; every change leaves, those refused that delete, replace or unprotect a guarded resource. It knows
 * templates alone and never asks AWS what is deployed.
 */
export { type Change, compare } from './compare.js';
export {
  type GoldenResource,
  type GoldenStack,
  type GoldenStacks,
  normalize,
  readGolden,
  writeGolden,
} from './golden.js';
