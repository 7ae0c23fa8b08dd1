import { defineConfig } from 'vitest/config'

/** Changes what every object inherits, for a moment, which is nothing for others in the same process. */
const ALONE = 'test/supply-chain.test.ts'
/** Compares times, so nothing else runs beside it. */
const LAST = 'test/hostile/neighbour.test.ts'

export default defineConfig({
  test: {
    globalSetup: 'test/support/ready.ts',
    projects: [
      // Nothing keeps state in modules (ARCHITECTURE.md), so files share a process: a third of the time.
      {
        extends: true,
        test: {
          name: 'shared',
          include: ['test/**/*.test.ts'],
          exclude: [ALONE, LAST, '**/node_modules/**'],
          isolate: false,
        },
      },
      { extends: true, test: { name: 'alone', include: [ALONE], isolate: true } },
      {
        extends: true,
        test: { name: 'last', include: [LAST], sequence: { groupOrder: 1 }, maxWorkers: 1 },
      },
    ],
    testTimeout: 20_000,
    hookTimeout: 60_000,
    maxWorkers: '100%', // most tests wait for a socket or a child
    restoreMocks: true,
    dangerouslyIgnoreUnhandledErrors: false,
  },
})
