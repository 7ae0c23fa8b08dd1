// Every revision of MCP through the balancer, with both TypeScript SDKs and the Go SDK where they speak it. Each signs in by
// itself, but over HTTP+SSE, where the Go SDK cannot. Sessions also by plain requests, as programs without an SDK send them.
// What an SDK itself cannot do is not run, and said.
import { type ClientProgram, OAUTH_STEPS, STEPS, type Step } from '../../test/interop/world/contract.ts'
import type { Check } from './check.ts'
import { CLIENTS, NEW_CLIENTS, type RunningClient, runTasks, type Task } from './eras/clients.ts'
import { speakPlainly } from './eras/plain.ts'
import { SESSION_REVISIONS, SSE_REVISION } from './upstreams.ts'

interface Era {
  readonly revision: string
  /** Of an upstream that speaks it. */
  readonly route: string
  readonly clients: readonly ClientProgram[]
  /** What the revision does not have. */
  readonly without: readonly Step[]
}

const ERAS: readonly Era[] = [
  { revision: SSE_REVISION, route: SSE_REVISION, clients: CLIENTS, without: ['elicitation', 'resume'] },
  ...SESSION_REVISIONS.map((revision) => ({
    ...{ revision, route: revision, clients: CLIENTS },
    without: revision === '2025-03-26' ? (['elicitation'] as const) : [],
  })),
  { revision: '2026-07-28', route: 'world', clients: NEW_CLIENTS, without: ['resume'] },
]

export const ERAS_CHECK: Check = {
  name: 'eras',
  stage: { upstreams: ['world', SSE_REVISION, ...SESSION_REVISIONS] },
  async run(stage) {
    const lines = []
    for (const revision of SESSION_REVISIONS) {
      const token = stage.token(revision, 'plain')
      lines.push(await speakPlainly({ url: stage.url(revision), port: stage.port, token }, revision))
    }
    const stepUps = CLIENTS.map(
      (client): Task => ({
        ...{ client, name: 'one more scope' },
        run: ({ signedIn }) => signedIn('world', ['connect', 'step-up']),
      }),
    )
    return [...lines, ...(await runTasks(stage, [...ERAS.flatMap(tasksOf), ...stepUps]))]
  },
}

function tasksOf({ revision, route, clients, without }: Era): readonly Task[] {
  return clients.map((client) => {
    const wanted = STEPS.filter((step) => !without.includes(step) && client.cannot?.[step] === undefined)
    const steps = wanted.filter((step) => step !== 'resume' && !OAUTH_STEPS.includes(step))
    return {
      ...{ client, name: revision },
      async run(running: RunningClient) {
        if (revision === SSE_REVISION) return await running.withToken(route, steps, 'sse')
        const outcomes = await running.signedIn(route, steps)
        return wanted.includes('resume')
          ? new Map([...outcomes, ...(await running.resumed(route))])
          : outcomes
      },
    }
  })
}
