// Watches the store: whether it answers, and whether it may evict what must not be forgotten. The operator is told of
// each change once.
import { setTimeout as delay } from 'node:timers/promises'
import { NO_WRITES } from './bounded.ts'
import type { RedisConnection } from './connection.ts'

export interface RedisHealth {
  onAway(why: string): void
  onStillAway(code: string): void
  onBack(): void
  onFault(code: string): void
  /** Whether proofs may be accepted: every server was asked, and none evicts. */
  mayRemember(): boolean
  /** Returns the eviction policy of a server that evicts. */
  evicts(): string | undefined
  ageMs(): number | undefined
  lastError(): string | undefined
  /** Resolves when the store was found and checked, or when the time is over. */
  started(withinMs: number): Promise<void>
  close(): void
}

const START_LOOK_MS = 20
/** How soon a server that could not be asked is asked again. */
const RECHECK_MS = 1_000
const POLICY = /^maxmemory_policy:(\S+)/m

export function createRedisHealth(
  connection: RedisConnection,
  tell: (sentence: string) => void,
): RedisHealth {
  let evicts: string | undefined
  let isChecked = false
  let backAt: number | undefined
  let lastError: string | undefined
  let wasAway = false
  let timer: NodeJS.Timeout | undefined

  const check = async () => {
    clearTimeout(timer)
    const replies = await connection.sendEach(['INFO', 'memory'])
    const policies = replies.flatMap((result) => policyOf(result) ?? [])
    const before = evicts
    evicts = policies.find((policy) => policy !== 'noeviction')
    isChecked = policies.length > 0
    if (evicts !== undefined && evicts !== before)
      tell(`${sentenceOf(evicts)}; until then proofs of possession are refused`)
    if (policies.length === replies.length && replies.length > 0) return
    timer = setTimeout(check, RECHECK_MS)
    timer.unref()
  }
  return {
    onAway(why) {
      lastError = why
      wasAway = true
      isChecked = false // the next to answer may be another server
      void check()
      tell(`the shared state ${words(why)}; counts go on in this process, proofs are refused`)
    },
    onStillAway(code) {
      lastError = code
    },
    onBack() {
      backAt = performance.now()
      if (wasAway) tell('the shared state answers again')
      lastError = undefined
      wasAway = false
      void check()
    },
    onFault(code) {
      if (lastError === code) return
      lastError = code
      tell(`the shared state answered with an error: ${code}`)
    },
    mayRemember: () => isChecked && evicts === undefined,
    evicts: () => evicts,
    ageMs: () => (backAt === undefined ? undefined : performance.now() - backAt),
    lastError: () => lastError,
    async started(withinMs) {
      const until = performance.now() + withinMs
      while (!isChecked && performance.now() < until) await delay(START_LOOK_MS)
    },
    close: () => clearTimeout(timer),
  }
}

function words(why: string): string {
  return NO_WRITES.has(why) ? `takes no writes (${why})` : `does not answer (${why})`
}

/** Returns undefined when the server was not reached; `unknown` when it does not tell its policy. */
function policyOf(reply: PromiseSettledResult<unknown>): string | undefined {
  if (reply.status === 'fulfilled') return POLICY.exec(String(reply.value))?.[1] ?? 'unknown'
  return String(reply.reason).includes('NOPERM') ? 'unknown' : undefined
}

export function sentenceOf(policy: string): string {
  return `the server has maxmemory-policy ${policy} and may forget used proofs; set it to noeviction`
}
