// Every revision of MCP through the balancer: with both TypeScript SDKs and the Go SDK, as far as each speaks it, and by plain
// requests for the revisions that none of them begins with any more. What an SDK itself cannot do is said, not hidden.
import { createDemoPerson } from '../../src/cli/demo/person.ts'
import { GO_SDK_1_6, GO_SDK_1_8 } from '../../test/interop/world/clients/go-sdk.ts'
import { TYPESCRIPT_1, TYPESCRIPT_2 } from '../../test/interop/world/clients/typescript.ts'
import {
  type ClientProgram,
  type Job,
  OAUTH_STEPS,
  STEPS,
  type Step,
} from '../../test/interop/world/contract.ts'
import { startCutter } from '../../test/interop/world/cutter.ts'
import { type Outcomes, runClient } from '../../test/interop/world/process.ts'
import type { Check, Line } from './check.ts'
import { speakHttpSse } from './eras/http-sse.ts'
import { PLAIN_REVISIONS, speakPlainly } from './eras/plain.ts'
import { SCOPE } from './gateway-file.ts'
import { addPeople, connect, PASSWORD } from './people.ts'
import type { Stage } from './stage.ts'

const CLIENTS: readonly ClientProgram[] = [TYPESCRIPT_1, TYPESCRIPT_2, GO_SDK_1_6, GO_SDK_1_8]
const PERSON = 'ada'
/** The step `refresh` waits so long and two seconds more; a step-up is only asked for with a minute left. */
const TOKEN_SECONDS = 90
/** By which clocks may differ (src/config/schema-issuer.ts): only then a token is over. */
const LEEWAY_SECONDS = 5
const CLIENT_LIMIT_MS = 240_000

export const ERAS: Check = {
  name: 'eras',
  stage: { accessTokenTtl: `${TOKEN_SECONDS}s` },
  async run(stage) {
    await addPeople(stage, [PERSON])
    const { accessToken } = await connect(stage, PERSON)
    const place = { url: stage.url('world'), port: stage.port, token: accessToken }
    const old = { ...place, url: stage.url('sse'), token: stage.token('sse', PERSON) }
    const lines: Line[] = [await speakHttpSse(old)]
    for (const revision of PLAIN_REVISIONS) lines.push(await speakPlainly(place, revision))
    const [first = [], second = []] = [CLIENTS.slice(0, 2), CLIENTS.slice(2)]
    const runs = await Promise.all(
      [first, second].map(async (lane) => {
        const own: Line[] = []
        for (const client of lane) own.push(await runSdk(stage, client))
        return own
      }),
    )
    return [...lines, ...runs.flat()]
  },
}

async function runSdk(stage: Stage, client: ClientProgram): Promise<Line> {
  const command = await client.build()
  const name = `${client.sdk}:`
  if (typeof command === 'string') {
    return { what: `${name} skipped, ${command}`, good: process.env['CI'] !== 'true' }
  }
  const wanted = STEPS.filter((step) => client.cannot?.[step] === undefined)
  const run = (job: Job) =>
    runClient({
      ...{ command, env: client.env, job, limitMs: CLIENT_LIMIT_MS },
      browse: (url) => createDemoPerson({ name: PERSON, password: PASSWORD, fetch }).browse(url),
    })
  const parts = await Promise.all([
    signedIn(
      stage,
      run,
      wanted.filter((step) => step !== 'resume' && !OAUTH_STEPS.includes(step)),
    ),
    ...OAUTH_STEPS.filter((step) => wanted.includes(step)).map((step) =>
      signedIn(stage, run, ['connect', step]),
    ),
    ...(wanted.includes('resume') ? [resumed(stage, run)] : []),
  ])
  const failed = parts.flatMap((outcomes) => [...outcomes]).filter(([, { ok }]) => !ok)
  const words = failed.map(([step, { why = '' }]) => `\n          ${step}: ${why.slice(0, 300)}`).join('')
  const cannot = Object.entries(client.cannot ?? {}).map(([step, why]) => ` (its SDK cannot ${step}: ${why})`)
  return { what: `${name} ${wanted.join(', ')}${cannot.join('')}${words}`, good: failed.length === 0 }
}

type Run = (job: Job) => Promise<Outcomes>

function signedIn({ url }: Stage, run: Run, steps: readonly Step[]): Promise<Outcomes> {
  const oauth = {
    clientName: `replicas ${steps.at(-1)}`,
    scope: SCOPE,
    tokenSeconds: TOKEN_SECONDS + LEEWAY_SECONDS,
  }
  return run({ url: url('world'), oauth, steps })
}

/** The stream of a call is cut after two events; the client asks for the rest, at whichever replica. */
async function resumed(stage: Stage, run: Run): Promise<Outcomes> {
  const cutter = await startCutter(stage.url('world'))
  const outcomes = await run({
    ...{ url: cutter.url, token: stage.token('world', 'resumer') },
    steps: ['connect', 'resume'],
  })
  await cutter.close()
  if (cutter.cuts() === 1) return outcomes
  return new Map([['resume', { ok: false, why: 'there was no stream to cut' }]])
}
