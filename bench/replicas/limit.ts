// A limit of 600/min is 600 in total, over replicas and workers, whoever is asked.

import { REPLICA_HEADER } from './balancer.ts'
import { call, echo } from './calls.ts'
import type { Check } from './check.ts'
import { PER_MINUTE } from './gateway-file.ts'

const CALLS = 900
const AT_ONCE = 12
const WINDOW_MS = 60_000

export const LIMIT: Check = {
  name: 'limit',
  async run({ url, port, token }) {
    const place = { url: url('limited'), port, token: token('limited', 'limited') }
    const statuses = new Map<number, number>()
    const allowedAt = new Map<string, number>()
    let left = CALLS
    const begun = performance.now()
    const caller = async () => {
      while (left-- > 0) {
        const { status, headers } = await call(place, echo('counted'))
        count(statuses, status)
        if (status === 200) count(allowedAt, String(headers[REPLICA_HEADER]))
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, caller))
    const tookMs = performance.now() - begun
    const [allowed, limited] = [statuses.get(200) ?? 0, statuses.get(429) ?? 0]
    const spread = [...allowedAt].map(([name, many]) => `${name} ${many}`).join(', ')
    return [
      {
        what: `${CALLS} calls in ${(tookMs / 1_000).toFixed(1)} s: ${allowed} allowed (${spread}), ${limited} of them 429`,
        good: Math.abs(allowed - PER_MINUTE) <= PER_MINUTE / 100 && allowed + limited === CALLS,
      },
      { what: `within one window of ${WINDOW_MS / 1_000} s`, good: tookMs < WINDOW_MS },
      { what: 'every replica allowed some', good: allowedAt.size === 3 },
    ]
  },
}

function count<K>(counts: Map<K, number>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}
