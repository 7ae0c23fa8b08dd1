// Many sessions, each with a program of its own, that end in every way: afterwards no process and no descriptor is left, and
// memory does not grow with their number.
import { join } from 'node:path'
import { beginSession, type PlainSession, toolMessage } from '../../test/support/program/client.ts'
import { processes, type RunPrograms, runPrograms } from '../../test/support/program/run-programs.ts'
import { memory } from '../proc.ts'
import type { Line } from '../replicas/check.ts'
import { carries, descriptorsOf, markOf, noneMarked } from './marked.ts'

export interface SoakOptions {
  /** Of a small program. */
  readonly sessions: number
  /** Of the reference server through npx. */
  readonly npx: number
}

const ROOT = join(import.meta.dirname, '../..')
const AT_ONCE = 8
const NPX_AT_ONCE = 2
/** Share of the sessions after which the heap has found its size. */
const WARM_UP = 0.25
/** Resident memory of the gateway for each session, from there on. */
const MOST_KIB = 4
/** With fewer the heap moves more than they could leave. */
const FEWEST_TOLD = 1_000
const KIB_PER_MIB = 1_024
/**
 * So that verdicts of tokens are not what grows. No multiple of the endings: a caller whose program dies each time has to wait
 * for it, longer and longer.
 */
const CALLERS = 201

export async function soak({ sessions, npx }: SoakOptions): Promise<readonly Line[]> {
  const small = await soakSessions({
    ...{ name: 'a small program', word: `soak-${process.pid}`, sessions, atOnce: AT_ONCE },
    program: undefined,
    endings: [END, ABANDON, DIE, LEAVE, LISTEN],
  })
  if (npx === 0) return small
  const fetched = await soakSessions({
    ...{ name: 'npx', word: `npx-${process.pid}`, sessions: npx, atOnce: NPX_AT_ONCE },
    program: `command: [npx, -y, "@modelcontextprotocol/server-everything", stdio], cwd: "${ROOT}"`,
    endings: [END, ABANDON, KILL_NPX],
  })
  return [...small, ...fetched]
}

interface Soaking {
  readonly name: string
  /** In the environment of each program. */
  readonly word: string
  readonly sessions: number
  readonly atOnce: number
  /** Undefined: the plain one. */
  readonly program: string | undefined
  readonly endings: readonly Ending[]
}

/** How a session ends. */
type Ending = (session: PlainSession, gateway: RunPrograms, subject: string) => Promise<unknown>

const END: Ending = (session) => session.end()
const ABANDON: Ending = async () => {}
const DIE: Ending = (session) => session.post(toolMessage('die'))
const LEAVE: Ending = async (session) => {
  const answer = await session.post(toolMessage('mixed', { ms: 1_000, value: 'v' }))
  await answer.body?.cancel() // its head comes with the first step
}
const LISTEN: Ending = async (session) => {
  const stream = await session.listen()
  await session.post(toolMessage('log', { value: 'heard' }))
  await stream.body?.cancel()
}
/** Only the process that the gateway started: what that started has to end too. */
const KILL_NPX: Ending = async (_, gateway, subject) => {
  const own = gateway.process.child.pid
  const npx = processes().find(({ pid, parent }) => parent === own && carries(pid, 'CALLER', subject))
  if (npx === undefined) throw new Error('npx is not among the processes')
  process.kill(npx.pid, 'SIGKILL')
}

async function soakSessions(soaking: Soaking): Promise<readonly Line[]> {
  const { name, word, sessions, program } = soaking
  const keys = `env: { ${markOf(word)}, CALLER: { principal: subject } }, idle: 1s`
  const gateway = await runPrograms(keys, program === undefined ? {} : { program: `${program}, ${keys}` })
  const { pid = 0 } = gateway.process.child
  try {
    const warm = Math.ceil(sessions * WARM_UP)
    const wrong = [...(await inTurns(gateway, soaking, 0, warm))]
    const before = await atRest(pid, word)
    const from = performance.now()
    wrong.push(...(await inTurns(gateway, soaking, warm, sessions)))
    const after = await atRest(pid, word)
    const perSecond = (sessions - warm) / ((performance.now() - from) / 1_000)
    const each = ((after.residentMiB - before.residentMiB) * KIB_PER_MIB) / (sessions - warm)
    const isTold = sessions >= FEWEST_TOLD
    const begin = `${name}: ${sessions.toLocaleString('en')} sessions`
    return [
      {
        what: `${begin}, ${perSecond.toFixed(1)} a second, ${wrong.length} did not go as they should${wrong[0] ? `, such as ${wrong[0]}` : ''}`,
        good: wrong.length === 0,
      },
      {
        what: `${name}: processes left ${after.left}, beside the watcher`,
        good: after.left === 0 && after.children === 1,
      },
      {
        what: `${name}: descriptors of the gateway ${before.descriptors} before, ${after.descriptors} after`,
        good: after.descriptors <= before.descriptors,
      },
      {
        what: `${name}: memory ${before.residentMiB.toFixed(0)} MiB before, ${after.residentMiB.toFixed(0)} MiB after, ${each.toFixed(1)} KiB a session${isTold ? '' : ', of too few to judge'}`,
        good: !isTold || each <= MOST_KIB,
      },
    ]
  } finally {
    await gateway.close()
    const { length } = await noneMarked(word)
    if (length > 0) console.log(`  ${length} processes are left after the end of the gateway`)
  }
}

/** The sessions of these numbers, some at once. What did not go as it should. */
async function inTurns(
  gateway: RunPrograms,
  { atOnce, endings }: Soaking,
  from: number,
  to: number,
): Promise<readonly string[]> {
  const tokens = new Map<string, string>()
  const token: RunPrograms['token'] = (scope, claims = {}) => {
    const key = JSON.stringify(claims)
    const known = tokens.get(key) ?? gateway.token(scope, claims)
    tokens.set(key, known)
    return known
  }
  const wrong: string[] = []
  let next = from
  const work = async (): Promise<void> => {
    while (next < to) {
      const n = next
      next += 1
      try {
        const subject = `soak-${n % CALLERS}`
        const session = await beginSession({ ...gateway, token }, subject)
        const said = await session.call('echo', { value: `${n}`, message: `${n}` })
        if (!said.endsWith(`${n}`)) wrong.push(`${n}: ${said.slice(0, 200)}`)
        await (endings[n % endings.length] as Ending)(session, gateway, subject)
      } catch (error) {
        wrong.push(`${n}: ${String(error).slice(0, 200)}`)
      }
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  return wrong
}

interface AtRest {
  /** Programs and what they started. */
  readonly left: number
  readonly children: number
  readonly descriptors: number
  readonly residentMiB: number
}

/** When all programs had their time to end. */
async function atRest(pid: number, word: string): Promise<AtRest> {
  const left = await noneMarked(word)
  return {
    left: left.length,
    descriptors: descriptorsOf(pid).length,
    children: processes().filter(({ parent }) => parent === pid).length,
    residentMiB: memory(pid).residentMiB,
  }
}
