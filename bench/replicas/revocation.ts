// What was ended at one replica, or by an operator's command, is refused at all within two seconds, and stays so.
import { execFile } from 'node:child_process'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { call, echo } from './calls.ts'
import type { Check, Line } from './check.ts'
import { SECRETS } from './gateway-file.ts'
import { addPeople, type Connected, connect, refresh, revoke } from './people.ts'
import { MAIN, NODE, type Replica } from './replica.ts'
import type { Stage } from './stage.ts'

const LIMIT_MS = 2_000
/** How long it is looked at: afterwards nothing may be allowed again. */
const WATCH_MS = 5_000
const POLL_MS = 20

export const REVOCATION: Check = {
  name: 'revocation',
  async run(stage) {
    const [first] = stage.replicas
    const names = [...stage.replicas.map(({ number }) => `client-${number}`), 'revoked', 'disabled']
    await addPeople(stage, names)
    const lines: Line[] = []
    for (const replica of stage.replicas) {
      const connected = await connect(stage, `client-${replica.number}`)
      const { clientId, refreshToken } = connected
      const end = async () => {
        const answer = await revoke(stage, clientId, refreshToken, replica.port)
        if (answer.status !== 200) throw new Error(`/revoke: ${answer.status} ${answer.text}`)
      }
      lines.push(...(await ended(stage, `/revoke at replica ${replica.number}`, connected, end)))
    }
    const command = (...args: readonly string[]) => operate(first as Replica, args)
    const revoked = await connect(stage, 'revoked')
    const byName = () => command('grants', 'revoke', '--user', 'revoked')
    lines.push(...(await ended(stage, 'grants revoke', revoked, byName)))
    const disabled = await connect(stage, 'disabled')
    const byDisable = () => command('users', 'disable', 'disabled')
    lines.push(...(await ended(stage, 'users disable', disabled, byDisable)))
    return lines
  },
}

/** One of the commands that docs/authorization-server.md tells of, as a process. */
async function operate({ config }: Replica, args: readonly string[]): Promise<void> {
  const env = { ...process.env, ...SECRETS }
  await promisify(execFile)(NODE, [MAIN, ...args, '-c', config], { env, timeout: 60_000 })
}

interface Seen {
  readonly askedMs: number
  readonly status: number
}

async function ended(
  stage: Stage,
  what: string,
  { clientId, accessToken, refreshToken }: Connected,
  end: () => Promise<unknown>,
): Promise<readonly Line[]> {
  const watching = { over: false }
  const watched = Promise.all(
    stage.replicas.flatMap(({ port }) => [watch(stage, port, accessToken, watching)]),
  )
  await pause(300)
  const sentMs = performance.now()
  await end()
  const at = performance.now()
  await pause(WATCH_MS)
  watching.over = true
  const seen = await watched
  const before = seen.flat().filter(({ askedMs, status }) => askedMs < at && status === 200).length
  const last = seen.map((each) => Math.max(...each.filter(isAllowed).map(({ askedMs }) => askedMs)))
  const lateMs = Math.max(...last) - at
  const after = seen.flat().filter(({ askedMs }) => askedMs > at + LIMIT_MS)
  const refused = after.filter(({ status }) => status === 401).length
  const again = await refresh(stage, clientId, refreshToken)
  const times = last.map((ms, index) => `replica ${index + 1} ${(ms - sentMs).toFixed(0)} ms`).join(', ')
  const tookMs = (at - sentMs).toFixed(0)
  return [
    {
      what: `${what}: answered after ${tookMs} ms; the last call that was allowed began after ${times}`,
      good: lateMs <= LIMIT_MS && before > 0,
    },
    {
      what: `${what}: later ${refused} of ${after.length} calls refused, and the refresh (${again.status})`,
      good: refused === after.length && after.length > 0 && again.status === 400,
    },
  ]
}

function isAllowed({ status }: Seen): boolean {
  return status === 200
}

/** Asks one replica again and again, on new connections, which its workers get by turns. */
async function watch(
  stage: Stage,
  port: number,
  token: string,
  watching: { readonly over: boolean },
): Promise<readonly Seen[]> {
  const seen: Seen[] = []
  for (let n = 0; !watching.over; n += 1) {
    const askedMs = performance.now()
    // Refused tokens are counted by address; the balancer is trusted to tell it.
    const from = { 'x-forwarded-for': `10.9.${n % 250}.${(port + n) % 250}` }
    const { status } = await call({ url: stage.url('world'), port, token }, echo('still there'), from)
    seen.push({ askedMs, status })
    await pause(POLL_MS)
  }
  return seen
}
