import { defineConfig } from 'vitest/config';

/** Tests with whole machines: one file at a time, each of which starts its own guests. See docs/guests.md. */
export default defineConfig({
  test: {
    include: ['test/interop/guest/**/*.test.ts'],
    fileParallelism: false,
    isolate: false,
    testTimeout: 120_000,
    hookTimeout: 300_000,
  },
});
