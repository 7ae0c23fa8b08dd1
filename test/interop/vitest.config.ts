// The interoperability tests: other people's clients and servers, one file after the other on few cores.
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  root: join(import.meta.dirname, '../..'),
  test: {
    include: ['test/interop/**/*.interop.ts'],
    globalSetup: [join(import.meta.dirname, 'harness/setup.ts')],
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    reporters: ['verbose'],
  },
})
