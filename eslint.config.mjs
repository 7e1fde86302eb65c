/** Lint: types, promises, sizes, and which folder may import which. */
import { readdirSync } from 'node:fs';
import tseslint from 'typescript-eslint';

/**
 * What each folder may import, besides itself and packages. A folder that is not here fails, and whatever a row does not name is forbidden.
 * A folder inside a folder has its own row if less is allowed there; a file's row stands for itself.
 */
const MAY = {
  model: [],
  scheduler: ['model'],
  workflows: ['model'],
  drivers: ['model'],
  inventory: ['model', 'temporal.config'],
  activities: ['model', 'scheduler', 'workflows', 'drivers', 'inventory'],
  codec: ['model'],
  api: ['model', 'codec'],
  cli: ['api', 'model', 'inventory', 'temporal.config'],
  // These three run drover itself, or ask a host before drover knows it.
  'cli/{up,worker,prepare}.ts': [
    'api',
    'model',
    'inventory',
    'workers',
    'drivers',
    'temporal.config',
  ],
  workers: [
    'model',
    'workflows',
    'activities',
    'drivers',
    'inventory',
    'codec',
    'api',
    'temporal.config',
  ],
  lab: 'anything',
  scripts: 'anything',
  test: 'anything',
};
/** Packages that only some folders may use. */
const PACKAGES = {
  model: ['zod'],
  scheduler: [],
  workflows: ['zod', '@temporalio/workflow', '@temporalio/common'],
};
const unlisted = readdirSync(import.meta.dirname, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
  .map(({ name }) => name)
  .filter((name) => !(name in MAY) && !['node_modules', 'dist', 'bin', 'docs'].includes(name));
if (unlisted.length > 0)
  throw new Error(`eslint.config.mjs: say what ${unlisted.join(', ')} may import`);

const rooms = [...Object.keys(MAY).filter((room) => !room.includes('/')), 'temporal.config'];
const walls = Object.entries(MAY)
  .filter(([, may]) => may !== 'anything')
  .map(([room, may]) => {
    const own = room.split('/')[0];
    const forbidden = rooms.filter((other) => other !== own && !may.includes(other));
    const packages = PACKAGES[own];
    return {
      files: [room.endsWith('.ts') ? room : `${room}/**`],
      rules: {
        'no-restricted-imports': [
          'error',
          {
            patterns: [
              {
                regex: `^(\\.\\./)+(${forbidden.join('|')})(/|\\.js$)`,
                message: `${own} may import ${may.join(', ') || 'nothing'} (the table in eslint.config.mjs).`,
              },
              ...(packages
                ? [
                    {
                      regex: `^(?!\\.)(?!(${packages.join('|') || '-'})$)`,
                      message: `${own} may use ${packages.join(', ') || 'no package'}.`,
                    },
                  ]
                : []),
            ],
          },
        ],
      },
    };
  });
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
      // One way to write what may be missing (model/defined.ts), and one line for each property.
      'no-restricted-syntax': [
        'error',
        {
          selector:
            ':matches(SpreadElement, ExperimentalSpreadProperty) > :matches(ObjectExpression, ArrayExpression, ConditionalExpression)',
          message:
            'Write the properties themselves; defined({ … }) or present([ … ]) for what may be missing.',
        },
        {
          selector: 'SpreadElement > TSAsExpression > :matches(ObjectExpression, ArrayExpression)',
          message: 'Write the items themselves.',
        },
        {
          selector:
            'UnaryExpression[operator="void"] > :matches(AssignmentExpression, AwaitExpression)',
          message: 'Write a block.',
        },
        { selector: 'TSAsExpression > TSNeverKeyword', message: 'Say the type.' },
      ],
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
  ...walls,
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
