import { availableParallelism } from 'node:os';

// Tests run the TypeScript sources through swc; `tsc` checks types separately (`npm run typecheck`).
export default {
  testEnvironment: '<rootDir>/ci/jest-environment.mjs',
  roots: ['<rootDir>/engine/test', '<rootDir>/infra/test', '<rootDir>/ci/test', '<rootDir>/benchmarks/test'],
  testMatch: ['**/*.test.ts', '**/*.test.mjs'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: {
    '^(\\.{1,2}/.*)\\.js$': '$1',
    // The root of aws-cdk-lib is its core and, as lazy getters, each of its 300 services. jest reads every export of what it
    // imports, so that a test would load all of them.
    '^aws-cdk-lib$': 'aws-cdk-lib/core',
  },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
  reporters: ['default', '<rootDir>/ci/count-reporter.mjs'],
  // Three processes on two cores: much of a suite is spent waiting for sockets and child processes.
  // A number: jest takes a percentage above 100 for a count.
  maxWorkers: Math.ceil(availableParallelism() * 1.5),
  testSequencer: '<rootDir>/ci/slowest-first.mjs',
  // A process keeps the modules of every file it has run; past this it is replaced, before it mostly collects garbage.
  workerIdleMemoryLimit: '500MB',
  testTimeout: 20_000,
};
