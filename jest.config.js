/** Kinds of tests: fast ones, ones that need Temporal's server, ones that need the lab, and ones that need a lab of two releases, with Ceph. */

const common = {
  testEnvironment: 'node',
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, sourceMaps: 'inline' },
    ],
  },
  // Sources name their imports by the compiled file, as Node wants it.
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
};

/** @type {import('jest').Config} */
module.exports = {
  // The labs' guests are emulated on the same cores: a test that takes two seconds alone may take six.
  testTimeout: 30_000,
  projects: [
    {
      ...common,
      displayName: 'fast',
      testMatch: ['<rootDir>/test/{unit,contract,hostile/world}/**/*.test.ts'],
    },
    {
      ...common,
      displayName: 'server',
      testMatch: ['<rootDir>/test/{workflows,replay,cli,hostile/temporal}/**/*.test.ts'],
      globalSetup: '<rootDir>/test/helpers/start-temporal.ts',
      globalTeardown: '<rootDir>/test/helpers/stop-temporal.ts',
    },
    {
      ...common,
      displayName: 'record',
      testMatch: ['<rootDir>/test/replay/record.ts'],
      globalSetup: '<rootDir>/test/helpers/start-temporal.ts',
      globalTeardown: '<rootDir>/test/helpers/stop-temporal.ts',
    },
    {
      ...common,
      displayName: 'lab',
      testMatch: ['<rootDir>/test/{lab,hostile/hosts}/**/*.test.ts'],
      globalSetup: '<rootDir>/test/helpers/start-lab.ts',
      globalTeardown: '<rootDir>/test/helpers/stop-lab.ts',
    },
    {
      ...common,
      displayName: 'kinds',
      testMatch: ['<rootDir>/test/kinds/**/*.test.ts'],
      globalSetup: '<rootDir>/test/helpers/start-lab.ts',
      globalTeardown: '<rootDir>/test/helpers/stop-lab.ts',
    },
  ],
};
