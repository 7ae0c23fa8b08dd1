// What the compiler and the linter say of the whole tree, so that the tests say it too. Each runs as its own process.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '..')
const PATIENCE_MS = 300_000
const MAX_OUTPUT_BYTES = 16 * 1024 * 1024

const TOOLS: readonly (readonly [name: string, script: string, args: readonly string[]])[] = [
  ['types', 'node_modules/typescript/bin/tsc', ['--noEmit']],
  [
    'format and lint',
    'node_modules/@biomejs/biome/bin/biome',
    ['ci', '--colors=off', '--max-diagnostics=20', '.'],
  ],
]

test.each(TOOLS)(
  '%s',
  async (_name, script, args) => {
    const run = promisify(execFile)(process.execPath, [join(ROOT, script), ...args], {
      cwd: ROOT,
      maxBuffer: MAX_OUTPUT_BYTES,
    })
    const findings = await run.then(
      () => '',
      (failed: { stdout: string; stderr: string }) => failed.stdout + failed.stderr,
    )
    expect(findings).toBe('')
  },
  PATIENCE_MS,
)
