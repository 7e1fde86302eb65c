/** Lint: types, promises, sizes, and which folder may import which. */
import { readdirSync } from 'node:fs';
import * as regexp from 'eslint-plugin-regexp';
import security from 'eslint-plugin-security';
import tseslint from 'typescript-eslint';

/**
 * What each folder may import, besides itself and packages. A folder that is not here fails, and whatever a row does not name is
 * forbidden. A row for a folder in a folder, or for files, stands for itself; what is allowed may be a folder in a folder, too.
 */
const MAY = {
  model: [],
  guest: ['model'],
  planning: ['model', 'guest'],
  workflows: ['model'],
  drivers: ['model', 'guest'],
  'drivers/interfaces': ['model', 'guest'],
  inventory: ['model', 'temporal.config'],
  activities: [
    'model',
    'guest',
    'planning',
    'workflows/kit',
    'workflows/steps',
    'drivers/interfaces',
    'inventory',
  ],
  codec: ['model'],
  client: ['model', 'codec'],
  cli: ['client', 'model', 'inventory', 'temporal.config'],
  // These three run drover itself, or ask a host before drover knows it.
  'cli/{up,worker,prepare}.ts': [
    'client',
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
    'client',
    'temporal.config',
  ],
  lab: 'anything',
  scripts: 'anything',
  test: 'anything',
};
/** Packages that only some folders may use; `node:` is one. */
const PACKAGES = {
  model: ['zod'],
  guest: ['zod', 'saxes', '@xmldom/xmldom'],
  planning: [],
  workflows: ['zod', '@temporalio/workflow', '@temporalio/common'],
};
const isFolder = (room) => !room.includes('/') && !room.includes('.');
const unlisted = readdirSync(import.meta.dirname, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
  .map(({ name }) => name)
  .filter((name) => !(name in MAY) && !['node_modules', 'dist', 'bin', 'docs'].includes(name));
if (unlisted.length > 0)
  throw new Error(`eslint.config.mjs: say what ${unlisted.join(', ')} may import`);

const rooms = [...Object.keys(MAY).filter(isFolder), 'temporal.config'];
/** Imports that leave a room for one that it may not enter. */
function wallOf(room, may) {
  const [own] = room.split('/');
  const isInner = room !== own && !room.endsWith('.ts');
  const open = [...may, ...(isInner ? [] : [own])];
  // Of a folder that is closed but for an inner one, the inner one is let through.
  const inner = open.filter((place) => place.includes('/')).join('|');
  const closed = rooms.filter((other) => !open.includes(other));
  const exceptions = inner ? `(?!(${inner})/)` : '';
  const patterns = [
    {
      regex: `^(\\.\\./)+${exceptions}(${closed.join('|')})(/|\\.js$)`,
      message: `${room} may import ${may.join(', ') || 'nothing'} (the table in eslint.config.mjs).`,
    },
  ];
  if (isInner)
    patterns.push({
      regex: '^\\.\\./[a-z]',
      message: `${room} imports nothing of ${own}/ (the table in eslint.config.mjs).`,
    });
  const packages = PACKAGES[own];
  if (packages)
    patterns.push({
      regex: `^(?!\\.)(?!(${packages.join('|') || '-'})$)`,
      message: `${own} may use ${packages.join(', ') || 'no package'}.`,
    });
  return {
    files: [room.endsWith('.ts') ? room : `${room}/**`],
    rules: { 'no-restricted-imports': ['error', { patterns }] },
  };
}
const walls = Object.entries(MAY)
  .filter(([, may]) => may !== 'anything')
  .map(([room, may]) => wallOf(room, may));

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
  {
    // What hosts and guests send is read here: no pattern that a text can hold up, and no code made of text.
    files: ['**/*.ts'],
    ignores: ['lab/**', 'scripts/**', 'test/**'],
    plugins: { regexp, security },
    rules: {
      'regexp/no-super-linear-backtracking': 'error',
      'regexp/no-super-linear-move': 'error',
      'security/detect-bidi-characters': 'error',
      'security/detect-eval-with-expression': 'error',
      'security/detect-new-buffer': 'error',
      'security/detect-non-literal-require': 'error',
      'security/detect-pseudoRandomBytes': 'error',
      'security/detect-buffer-noassert': 'error',
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
      'workflows/runbooks/live-migration.ts',
      'workflows/kit/runner.ts',
      'client/drover.ts',
    ],
    rules: {
      'max-lines-per-function': ['error', { max: 120, skipBlankLines: true, skipComments: true }],
    },
  },
  { files: ['scripts/**', 'lab/**'], rules: { 'no-console': 'off' } },
);
