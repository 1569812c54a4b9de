import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const vm = require('node:vm');
const { TestEnvironment } = require('jest-environment-node');

/** Variables by which programs choose how, not what, they write. */
const APPEARANCE = [
  'CI',
  'GITHUB_ACTIONS',
  'FORCE_COLOR',
  'NO_COLOR',
  'NODE_DISABLE_COLORS',
  'CLICOLOR',
  'CLICOLOR_FORCE',
  'COLORTERM',
];

/**
 * Node's environment for tests, with two changes.
 *
 * Tests see plain text whoever runs them: what a CI system or a terminal sets to have colors is taken out of this process,
 * before the file's own view of it is made, and so out of its children too. It can not be done earlier: jest itself sets
 * FORCE_COLOR for its workers when it writes to a terminal. A test of colors sets what it needs.
 *
 * Globals are those of an ordinary global object. Jest's own is a proxy behind an interceptor, so that each `Math`, `Buffer`
 * or `JSON` in a loop costs a call or two: twice the time of the tests that compute.
 */
export default class PlainEnvironment extends TestEnvironment {
  constructor(config, context) {
    for (const name of APPEARANCE) delete process.env[name];
    // Its worker thread would outlive the test file, and so one more with each file that bundles.
    process.env.ESBUILD_WORKER_THREADS = '0';
    const { createContext } = vm;
    // Jest has no option for it. A Node older than the constant runs the tests slowly.
    if (vm.constants?.DONT_CONTEXTIFY) vm.createContext = () => createContext(vm.constants.DONT_CONTEXTIFY);
    try {
      super(config, context);
    } finally {
      vm.createContext = createContext;
    }
  }
}
