// Tests run the TypeScript sources through swc; `tsc` checks types separately (`npm run typecheck`).
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/engine/test', '<rootDir>/infra/test', '<rootDir>/ci/test'],
  testMatch: ['**/*.test.ts', '**/*.test.mjs'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
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
  // One process for each core: most of a suite is spent waiting for sockets and child processes.
  maxWorkers: '100%',
  testTimeout: 20_000,
};
