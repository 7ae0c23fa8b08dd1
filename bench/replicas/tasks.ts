// A task that was begun at one replica is found at each other by its owner, and by nobody else. The server is
// server-everything 2026.8.31, whose tasks live in its session.
import { legacy } from '../../test/support/messages.ts'
import { beginSession, call, type Place } from './calls.ts'
import type { Check, Line } from './check.ts'
import type { Stage } from './stage.ts'
import { messageOf } from './wire.ts'

const TOOL = 'simulate-research-query'

export const TASKS: Check = {
  name: 'tasks',
  stage: { upstreams: ['everything'] },
  async run(stage) {
    const lines: Line[] = []
    for (const { number, port } of stage.replicas) {
      const owner = placeOf(stage, `owner-${number}`, port)
      const session = await beginSession(owner)
      const taskId = await beginTask(owner, session)
      const found = await Promise.all(
        everywhere(stage).map((at) => ask({ ...owner, port: at }, session, taskId)),
      )
      const stranger = placeOf(stage, `stranger-${number}`, port)
      const own = await beginSession(stranger)
      const theirs = await Promise.all(
        everywhere(stage).flatMap((at) => [
          ask({ ...stranger, port: at }, own, taskId),
          ask({ ...stranger, port: at }, session, taskId),
        ]),
      )
      const [hits, misses] = [
        found.filter(isFound).length,
        theirs.filter((answer) => !isFound(answer)).length,
      ]
      lines.push(
        {
          what: `begun at replica ${number}, found ${hits} of ${found.length} times by its owner at all`,
          good: hits === found.length,
        },
        {
          what: `refused ${misses} of ${theirs.length} times to somebody else (${words(theirs)})`,
          good: misses === theirs.length,
        },
      )
    }
    return lines
  },
}

/** Each replica twice: both of its workers. */
function everywhere({ replicas }: Stage): readonly number[] {
  return replicas.flatMap(({ port }) => [port, port])
}

function placeOf(stage: Stage, subject: string, port: number): Place {
  return { url: stage.url('everything'), port, token: stage.token('everything', subject) }
}

async function beginTask(place: Place, headers: Readonly<Record<string, string>>): Promise<string> {
  const params = { name: TOOL, arguments: { topic: 'tasks' }, task: { ttl: 300_000 } }
  const { text } = await call(place, { body: legacy('tools/call', params).body, headers })
  const { result } = messageOf(text) as { result?: { task?: { taskId?: string } } }
  const taskId = result?.task?.taskId
  if (taskId === undefined) throw new Error(`no task: ${text}`)
  return taskId
}

interface Said {
  readonly status: number
  readonly taskId: unknown
  readonly error: string
}

async function ask(place: Place, headers: Readonly<Record<string, string>>, taskId: string): Promise<Said> {
  const { status, text } = await call(place, { body: legacy('tasks/get', { taskId }).body, headers })
  const { result, error } = messageOf(text) as {
    result?: { taskId?: string }
    error?: { message?: string }
  }
  return { status, taskId: result?.taskId === taskId ? taskId : undefined, error: error?.message ?? '' }
}

function isFound({ status, taskId }: Said): boolean {
  return status === 200 && taskId !== undefined
}

function words(said: readonly Said[]): string {
  return [...new Set(said.map(({ status, error }) => `${status} ${error}`.trim()))].join('; ')
}
