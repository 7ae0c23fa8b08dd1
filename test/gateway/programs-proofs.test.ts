// The short form of `npm run bench:programs`: nobody hears of another, and nothing is left over.
import { expect, test } from 'vitest'
import { crossing } from '../../bench/programs/crossing.ts'
import { kill } from '../../bench/programs/kill.ts'
import { missingProc } from '../../bench/programs/marked.ts'
import { soak } from '../../bench/programs/soak.ts'
import type { Line } from '../../bench/replicas/check.ts'

const missing = missingProc()
if (missing !== undefined) console.warn(`skipped: ${missing}`)
const testOnLinux = test.skipIf(missing !== undefined && process.env['CI'] !== 'true')

const SLOW = { timeout: 120_000 }
const failed = (lines: readonly Line[]) => lines.filter(({ good }) => !good).map(({ what }) => what)

test(
  'twenty callers with equal ids and tokens, one of them cancelling: nobody hears of another',
  SLOW,
  async () => {
    expect(failed(await crossing({ callers: 20, rounds: 20 }))).toEqual([])
  },
)

testOnLinux('sessions that end in every way leave no process and no descriptor', SLOW, async () => {
  expect(failed(await soak({ sessions: 20, npx: 3 }))).toEqual([])
})

testOnLinux(
  'kill -9 of a program, the gateway and a client: no orphan, no call without an answer',
  SLOW,
  async () => {
    expect(failed(await kill({ rounds: 3 }))).toEqual([])
  },
)
