// The smallest part of the table of test/interop/world, where Python is there: a Python client at a Python server through every
// step, and mixed use of some seconds while the gateway is reloaded and restarted. The TypeScript client is there because it keeps its
// session when nobody answers, where the Python client gives it up.
import { describe, expect, test } from 'vitest'
import { PYTHON_1 } from '../interop/world/clients/python.ts'
import { TYPESCRIPT_1 } from '../interop/world/clients/typescript.ts'
import { STEPS } from '../interop/world/contract.ts'
import { PYTHON_1_SERVER } from '../interop/world/servers/python.ts'
import { soak } from '../interop/world/soak/soak.ts'
import { runWorld } from '../interop/world/table.ts'

const PATIENCE_MS = 300_000

const built = await PYTHON_1.build()
const reason = typeof built === 'string' ? built : undefined
if (reason !== undefined) console.warn(`skipped: ${reason}`)

describe.skipIf(reason !== undefined).concurrent('mcp 1.30.0 (Python), client and server', () => {
  test(
    'does every step through the gateway as it does without',
    async () => {
      const { pairs, log } = await runWorld({ clients: [PYTHON_1], servers: [PYTHON_1_SERVER] })
      const cells = pairs.flatMap(({ cells }) => cells)
      expect(cells.filter(({ gateway, direct }) => gateway !== 'ok' || direct === 'no')).toEqual([])
      expect(cells.map(({ step }) => step)).toEqual(STEPS)
      expect(log).toEqual([])
    },
    PATIENCE_MS,
  )

  test(
    'loses no session while the gateway is reloaded and restarted',
    async () => {
      const { tallies, restarts, reloads, statuses } = await soak({
        clients: [PYTHON_1, TYPESCRIPT_1],
        servers: [PYTHON_1_SERVER],
        ...{ seconds: 15, secondsBetweenReloads: 2, idleSeconds: 1 },
        say: () => undefined,
      })
      expect(tallies.map(({ lost, signIns, done }) => ({ lost, signIns, done }))).toEqual(
        tallies.map(() => ({ lost: 0, signIns: 1, done: true })),
      )
      expect(tallies.map(({ rounds }) => rounds > 2)).toEqual([true, true])
      expect([restarts, reloads > 3, statuses.get(404)]).toEqual([2, true, undefined])
    },
    PATIENCE_MS,
  )
})
