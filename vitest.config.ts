import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'web/src/**/*.test.ts', 'test/**/*.test.ts'],
    // Whole machines take their time: `npm run test:guest` (vitest.guest.config.ts).
    exclude: ['test/interop/guest/**'],
    // One module graph for all files: thousands of small tests in seconds; tests share nothing mutable.
    isolate: false,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
