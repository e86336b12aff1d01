import js from '@eslint/js';
import tseslint from 'typescript-eslint';

export default tseslint.config(
  {
    ignores: [
      'dist',
      'runs',
      'coverage',
      'kernels',
      'src/engine/cpu/kernelBytes.ts',
      'src/core/passBytes.ts',
      'src/theory/ce/searchBytes.ts',
      'src/metrics/rowBytes.ts',
    ],
  },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: { projectService: { allowDefaultProject: ['eslint.config.js', 'bin/*.js'] } },
    },
    rules: {
      // Numbers are the subject of this project: printing one in a template is always meant.
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: true }],
    },
  },
  {
    files: ['src/**', 'test/**', 'scripts/**', 'lab/**'],
    rules: { 'no-nested-ternary': 'error', '@typescript-eslint/no-non-null-assertion': 'error' },
  },
  {
    files: ['src/**'],
    rules: {
      complexity: ['error', 20],
      // Names say what something is: these say only that there is something.
      'id-denylist': ['error', 'one', 'found', 'told', 'take', 'kept', 'asked'],
    },
  },
  // In a test a missing value is a failure: the exception that an assertion ends in says so.
  { files: ['test/**'], rules: { '@typescript-eslint/no-non-null-assertion': 'off' } },
  { files: ['**/*.js'], ...tseslint.configs.disableTypeChecked },
  {
    files: ['bin/*.js', 'scripts/*.js'],
    languageOptions: {
      globals: { console: 'readonly', process: 'readonly', URL: 'readonly', Buffer: 'readonly' },
    },
  },
  {
    files: ['examples/*.js'],
    languageOptions: { globals: { console: 'readonly', document: 'readonly' } },
  },
);
