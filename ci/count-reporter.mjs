import { writeSync } from 'node:fs';
import { relative } from 'node:path';

const SLOWEST = 10;

/**
 * Ends a jest run with the one line every tool can read: `N passed, N failed, N skipped`. Before it, when many files ran,
 * those that took longest: the next ones for `ci/slowest-first.mjs`, or to be made faster.
 */
export default class CountReporter {
  #root;

  constructor({ rootDir }) {
    this.#root = rootDir;
  }

  onRunComplete(_contexts, results) {
    // A suite that cannot even load has no tests to fail: it counts as one failure.
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    const skipped = results.numPendingTests + results.numTodoTests;
    // At exit, so that it comes after jest's own summary.
    process.once('exit', () => {
      writeSync(1, slowest(results.testResults, this.#root));
      writeSync(1, `${results.numPassedTests} passed, ${failed} failed, ${skipped} skipped\n`);
    });
  }
}

function slowest(files, root) {
  if (files.length <= SLOWEST) return '';
  const lines = files
    .map(({ testFilePath, perfStats }) => ({ file: relative(root, testFilePath), ms: perfStats.runtime }))
    .sort((a, b) => b.ms - a.ms)
    .slice(0, SLOWEST)
    .map(({ file, ms }) => `${(ms / 1000).toFixed(1).padStart(7)} s  ${file}\n`);
  return `slowest of ${files.length} files\n${lines.join('')}`;
}
