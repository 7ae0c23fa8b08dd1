// Runs a client program of `test/interop/world` (one argument with a job, lines of JSON) against a recorder in front of
// the gateway, plays its person, and gives what was said on the wire, cut at the steps.
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { createDemoPerson } from '../../../src/cli/demo/person.ts'
import { PASSWORD } from '../../as/clients/whole.ts'
import { startCorpusWorld } from '../../clients/corpus/world.ts'
import {
  PERSON_HEADER,
  type Replacement,
  type Seen,
  startRecorder,
  TOKEN_SECONDS,
  type TokenLife,
} from './recorder.ts'

export type Program = readonly [command: string, ...args: string[]]

/** The person was sent to the authorization page and came back. */
export interface Visit {
  readonly asked: URL
  readonly back: URL
}

export interface RecordedStep {
  readonly step: string
  readonly ok: boolean
  readonly why: string
  readonly events: readonly (Seen | Visit)[]
}

export interface Recorded {
  readonly origin: string
  readonly steps: readonly RecordedStep[]
}

export interface RunOptions {
  readonly program: Program
  readonly steps: readonly string[]
  readonly replacement?: Replacement
  readonly tokens: TokenLife
  readonly env?: Readonly<Record<string, string>>
}

const LIMIT_MS = 90_000

export async function runClient({ program, steps, replacement, tokens, env }: RunOptions): Promise<Recorded> {
  let gateway = ''
  const recorder = await startRecorder({ target: () => gateway, tokens, ...(replacement && { replacement }) })
  const { origin } = recorder
  const world = await startCorpusWorld(origin)
  gateway = world.whole.gateway.origin
  const [command, ...args] = program
  const job = {
    url: `${origin}/notes/mcp`,
    oauth: { clientName: 'corpus', scope: 'notes:read', tokenSeconds: TOKEN_SECONDS },
    steps,
  }
  const child = spawn(command, [...args, JSON.stringify(job)], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  })
  const limit = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS)
  const person = createDemoPerson({
    ...{ name: 'ada', password: PASSWORD },
    fetch: (url, init) => fetch(url, { ...init, headers: { ...init?.headers, [PERSON_HEADER]: '1' } }),
  })
  const done: RecordedStep[] = []
  let events: (Seen | Visit)[] = []
  let from = 0
  const takeSeen = () => {
    events.push(...recorder.seen.slice(from))
    from = recorder.seen.length
  }
  try {
    for await (const line of createInterface(child.stdout)) {
      const said = JSON.parse(line) as {
        open?: string
        step?: string
        ok?: boolean
        why?: string
        done?: true
      }
      takeSeen()
      if (said.open !== undefined) {
        const asked = new URL(said.open)
        const back = await person.browse(asked)
        events.push({ asked, back })
        child.stdin.write(`${back.href}\n`)
      }
      if (said.step !== undefined) {
        done.push({ step: said.step, ok: said.ok === true, why: said.why ?? '', events })
        events = []
      }
    }
    return { origin, steps: done }
  } finally {
    clearTimeout(limit)
    child.kill('SIGKILL')
    await recorder.close()
    await world.close()
  }
}
