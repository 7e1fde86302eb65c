/** Lint: types, promises, sizes, and which folder may import which. */
import tseslint from 'typescript-eslint';

/** Folders that a folder must not import from. */
const forbid = (files, folders, reason, more = []) => ({
  files,
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          {
            group: folders.map((folder) => `**/${folder}/**`),
            message: reason,
            allowTypeImports: false,
          },
          ...more,
        ],
      },
    ],
  },
});
const noNode = {
  group: [
    'node:*',
    'ssh2',
    'pg',
    '@temporalio/client',
    '@temporalio/worker',
    '@temporalio/activity',
  ],
  message: 'Workflow code runs in the sandbox.',
};

export default tseslint.config(
  {
    ignores: [
      'dist',
      'node_modules',
      'jest.config.js',
      'eslint.config.mjs',
      'bin',
      'inventory/migrations',
    ],
  },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // `=> void f()` is this code's way to say that a value is not wanted.
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/no-meaningless-void-operator': 'off',
      // Objects here are closures: no method uses `this`.
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: true },
      ],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_' },
      ],
      // Interfaces are implemented in memory too, where nothing waits.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      complexity: ['error', 14],
      'max-depth': ['error', 3],
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
      'no-console': 'error',
    },
  },
  {
    files: ['**/*.ts'],
    ignores: ['temporal.config.ts', 'lab/**', 'scripts/**', 'test/**'],
    rules: {
      'no-restricted-properties': [
        'error',
        {
          object: 'process',
          property: 'env',
          message: 'temporal.config.ts reads the environment.',
        },
      ],
    },
  },
  forbid(
    ['model/**'],
    ['workflows', 'activities', 'drivers', 'inventory', 'workers', 'cli', 'api'],
    'model imports only zod.',
  ),
  forbid(
    ['workflows/**'],
    ['activities', 'drivers', 'inventory', 'workers', 'cli', 'api'],
    'Workflows are pure.',
    [noNode],
  ),
  forbid(
    ['drivers/**'],
    ['workflows', 'activities', 'workers', 'cli', 'api'],
    'Drivers know nothing of Temporal.',
  ),
  forbid(
    ['inventory/**', 'scheduler/**'],
    ['workflows', 'activities', 'workers', 'cli', 'api'],
    'They know nothing of runbooks.',
  ),
  forbid(
    ['activities/**'],
    ['workers', 'cli', 'api'],
    'Activities know nothing of who calls them.',
  ),
  forbid(
    ['api/**'],
    ['activities', 'drivers', 'workers', 'cli'],
    'The client pulls in no worker code.',
  ),
  forbid(
    ['cli/!(up|worker|prepare).ts'],
    ['activities', 'drivers', 'workers'],
    'Commands talk to Temporal and the inventory.',
  ),
  {
    files: ['test/**', 'drivers/fake/**'],
    rules: {
      'max-lines-per-function': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
  {
    // A driver is a table of short verbs in one closure, and a runbook one procedure that is read from top to bottom.
    files: [
      'drivers/**',
      'inventory/inventory.ts',
      'workflows/live-migration.ts',
      'workflows/kit/runner.ts',
      'api/client.ts',
    ],
    rules: {
      'max-lines-per-function': ['error', { max: 120, skipBlankLines: true, skipComments: true }],
    },
  },
  { files: ['scripts/**', 'lab/**'], rules: { 'no-console': 'off' } },
);
