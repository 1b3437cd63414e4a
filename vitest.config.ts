import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/postgres.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // More than most machines have cores: tests wait for databases, browsers and timers half of their time.
    maxWorkers: 4,
    pool: 'forks',
  },
});
