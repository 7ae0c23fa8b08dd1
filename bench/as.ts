// The token endpoint of the embedded authorization server under refreshes at a steady pace: 2,000 a minute for half a
// minute, over sockets, with SQLite on the disk. Prints figures; exits 1 when a refresh failed or the p95 is over 50 ms.
import { performance } from 'node:perf_hooks'
import { createScene, refresh, signIn } from '../test/as/engine/scene.ts'

const PER_MINUTE = 2_000
const SECONDS = 30
const FAMILIES = 40
const P95_LIMIT_MS = 50

const scene = await createScene()
const families = await Promise.all(
  Array.from({ length: FAMILIES }, async () => {
    const { clientId, refreshToken } = await signIn(scene)
    return { clientId, refreshToken }
  }),
)

const times: number[] = []
const failures: number[] = []
const total = Math.round((PER_MINUTE * SECONDS) / 60)
const pauseMs = 60_000 / PER_MINUTE
const startedAt = performance.now()
const running: Promise<void>[] = []
for (let count = 0; count < total; count += 1) {
  const due = startedAt + count * pauseMs
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())))
  running.push(refreshOnce(families[count % FAMILIES] as (typeof families)[number]))
}
await Promise.all(running)
const seconds = (performance.now() - startedAt) / 1_000
await scene.stop()

const sorted = times.sort((one, other) => one - other)
const at = (share: number) => (sorted[Math.floor(sorted.length * share)] ?? 0).toFixed(1)
const figures = [
  `${total} refreshes in ${seconds.toFixed(1)} s (${Math.round((total / seconds) * 60)} a minute)`,
  `${failures.length} failed`,
  `p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, p99 ${at(0.99)} ms, longest ${at(0.9999)} ms`,
]
process.stdout.write(`${figures.join('\n')}\n`)
process.exitCode = failures.length > 0 || Number(at(0.95)) > P95_LIMIT_MS ? 1 : 0

async function refreshOnce(family: { readonly clientId: string; refreshToken: string }): Promise<void> {
  const before = performance.now()
  const answer = await refresh(scene, family.clientId, family.refreshToken)
  times.push(performance.now() - before)
  if (answer.status === 200) family.refreshToken = String(answer.json['refresh_token'])
  else failures.push(answer.status)
}
