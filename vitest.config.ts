import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 20_000,
    hookTimeout: 60_000,
    // Nothing keeps state in modules (ARCHITECTURE.md), so files share a process: a third of the time.
    isolate: false,
    maxWorkers: '100%', // most tests wait for a socket or a child
    // On a machine shared with others a socket or a child may be late once; a test that was run again is printed as such.
    retry: process.env['CI'] === 'true' ? 2 : 0,
    restoreMocks: true,
    dangerouslyIgnoreUnhandledErrors: false,
  },
})
