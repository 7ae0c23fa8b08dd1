// `npm run laws`: the laws of every policy on a million random policies and calls, where CI takes ten thousand.
// An argument is the number of runs for each law.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const runs = process.argv[2] ?? '100000'
const vitest = join(root, 'node_modules/vitest/vitest.mjs')
const { status } = spawnSync(process.execPath, [vitest, 'run', 'test/policy/laws.test.ts'], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, PORTCULLIS_LAW_RUNS: runs },
})
process.exitCode = status ?? 1
