// Clients of the SDKs as programs of their own (test/interop/world/README.md): both generations of the TypeScript SDK, and
// the Go SDK in two versions.
import { createDemoPerson } from '../../../src/cli/demo/person.ts'
import { GO_SDK_1_6, GO_SDK_1_8 } from '../../../test/interop/world/clients/go-sdk.ts'
import { TYPESCRIPT_1, TYPESCRIPT_2 } from '../../../test/interop/world/clients/typescript.ts'
import type { Built, ClientProgram, Job, Step } from '../../../test/interop/world/contract.ts'
import { startCutter } from '../../../test/interop/world/cutter.ts'
import { type Outcomes, runClient } from '../../../test/interop/world/process.ts'
import type { Line } from '../check.ts'
import { SCOPE } from '../gateway-file.ts'
import { addPeople, PASSWORD } from '../people.ts'
import type { Stage } from '../stage.ts'

export const CLIENTS: readonly ClientProgram[] = [TYPESCRIPT_1, TYPESCRIPT_2, GO_SDK_1_6, GO_SDK_1_8]
/** They speak 2026-07-28. */
export const NEW_CLIENTS: readonly ClientProgram[] = [TYPESCRIPT_2, GO_SDK_1_8]

const PERSON = 'ada'
/** Programs that run at once: few cores. */
const LANES = 2

/** One client, and what it is to do. */
export interface Task {
  readonly client: ClientProgram
  /** Stands before what is printed. */
  readonly name: string
  run(client: RunningClient): Promise<Outcomes>
}

export interface RunningClient {
  /** Signs in by the SDK's own OAuth. */
  signedIn(route: string, steps: readonly Step[], tokenSeconds?: number): Promise<Outcomes>
  withToken(route: string, steps: readonly Step[], transport?: 'sse'): Promise<Outcomes>
  /** The stream of a call is cut after two events; the client asks for the rest, at whichever replica. */
  resumed(route: string): Promise<Outcomes>
}

/** Builds what has to be built, adds the person who signs in, and runs each task. */
export async function runTasks(
  stage: Stage,
  tasks: readonly Task[],
  lanes = LANES,
): Promise<readonly Line[]> {
  await addPeople(stage, [PERSON])
  const built = new Map<ClientProgram, Built>()
  for (const { client } of tasks) if (!built.has(client)) built.set(client, await client.build())
  const lines: Line[] = []
  let next = 0
  const lane = async () => {
    for (let at = next++; at < tasks.length; at = next++) {
      const task = tasks[at] as Task
      lines[at] = await lineOf(stage, task, built.get(task.client) as Built)
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  return lines
}

async function lineOf(stage: Stage, { name, client, run }: Task, command: Built): Promise<Line> {
  const who = `${name} ${client.sdk}:`
  if (typeof command === 'string')
    return { what: `${who} skipped, ${command}`, good: process.env['CI'] !== 'true' }
  const outcomes = [...(await run(runningClient(stage, client, command)))]
  const failed = outcomes.filter(([, { ok }]) => !ok)
  const words = failed.map(([step, { why = '' }]) => `\n          ${step}: ${why.slice(0, 300)}`).join('')
  return { what: `${who} ${outcomes.map(([step]) => step).join(', ')}${words}`, good: failed.length === 0 }
}

function runningClient(
  stage: Stage,
  { name, env }: ClientProgram,
  command: Exclude<Built, string>,
): RunningClient {
  const browse = (url: URL) => createDemoPerson({ name: PERSON, password: PASSWORD, fetch }).browse(url)
  const run = (job: Job, limitMs?: number) =>
    runClient({ command, env, job, browse, ...(limitMs === undefined ? {} : { limitMs }) })
  return {
    signedIn: (route, steps, tokenSeconds = 0) =>
      run({ url: stage.url(route), oauth: { clientName: name, scope: SCOPE, tokenSeconds }, steps }),
    withToken: (route, steps, transport) =>
      run({
        ...{ url: stage.url(route), token: stage.token(route, name), steps },
        ...(transport === undefined ? {} : { transport }),
      }),
    async resumed(route) {
      const cutter = await startCutter(stage.url(route))
      const token = stage.token(route, name)
      const outcomes = await run({ url: cutter.url, token, steps: ['connect', 'resume'] })
      await cutter.close()
      if (cutter.cuts() === 1) return outcomes
      return new Map([['resume', { ok: false, why: 'there was no stream to cut' }]])
    },
  }
}
