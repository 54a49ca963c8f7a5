/**
 * Tests run as CommonJS, which is what jest does best; sources are ESM whose imports end in '.js'.
 * Types are checked by `npm run check:types`, not here: ts-jest only strips them (isolatedModules).
 */
const compilerOptions = {
  target: 'ES2022',
  module: 'CommonJS',
  moduleResolution: 'Bundler',
  esModuleInterop: true,
  isolatedModules: true,
  sourceMap: true,
};

export default {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  transform: { '^.+\\.ts$': ['ts-jest', { tsconfig: compilerOptions }] },
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  // tensorflow's addon is built beside the project, with packages of its own; they must not shadow ours.
  modulePathIgnorePatterns: ['<rootDir>/build/', '<rootDir>/dist/'],
  setupFiles: ['<rootDir>/test/setup.ts'],
  globalSetup: '<rootDir>/test/build-first.mjs',
  maxWorkers: 2,
  testTimeout: 60_000,
};
