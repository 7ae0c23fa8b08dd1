// The steps of the table with the official TypeScript SDK. Arguments: the generation (1 or 2), and a job as JSON.
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { DemoLogin } from '../../../../../src/cli/demo/login.ts'
import type { ClientLine, Job, Step } from '../../contract.ts'
import { openV1, openV2, type Peer } from './peers.ts'
import { soak } from './soak.ts'

/** Beside what `refresh` waits for. */
const STEP_LIMIT_MS = 20_000
const [generation, text = ''] = process.argv.slice(2)
const job = JSON.parse(text) as Job
const open = generation === '1' ? openV1 : openV2
const input = createInterface({ input: process.stdin })
const login =
  job.oauth &&
  new DemoLogin({
    clientName: job.oauth.clientName,
    grantTypes: ['authorization_code', 'refresh_token'],
    browse: async (url) => {
      print({ open: url.href })
      const [line] = await once(input, 'line')
      return new URL(String(line))
    },
  })

let lost = false
const onLost = () => {
  lost = true
}
const newPeer = () => open({ job, login, onLost })
let peer: Peer = newPeer()

/** What goes wrong is thrown. */
const DO: Readonly<Record<Step, () => Promise<void>>> = {
  connect: () => connect(),
  list: async () => {
    const tools = await peer.tools()
    if (!tools.includes('echo')) throw new Error(`the tools are ${tools}`)
  },
  call: () => expectText(peer.call('echo', { text: 'ahoy' }), 'ahoy'),
  progress: async () => {
    let seen = 0
    const onProgress = () => void seen++
    await expectText(peer.call('count', { steps: 3, delay_ms: 100 }, { onProgress }), 'counted 3')
    if (seen !== 3) throw new Error(`saw ${seen} notifications`)
  },
  cancel: async () => {
    const ended = await peer
      .call('wait', { ms: 10_000 }, { signal: AbortSignal.timeout(300) })
      .catch(() => 'cancelled')
    if (ended !== 'cancelled') throw new Error('the call was not cancelled')
    await expectText(peer.call('echo', { text: 'still here' }), 'still here')
  },
  elicitation: () => expectText(peer.call('ask', {}), 'hello Ada'),
  sampling: () => expectText(peer.call('think', { text: 'what?' }), 'a thought'),
  resume: () =>
    expectText(peer.call('count', { steps: 5, delay_ms: 300 }, { onProgress: () => undefined }), 'counted 5'),
  'step-up': async () => {
    const call = () => expectText(peer.call('secret', {}), 'secret')
    const refusal = await call().then(
      () => undefined,
      (error: unknown) => error,
    )
    if (refusal === undefined) throw new Error('it was not refused')
    if (login?.wanted !== true) throw refusal
    await peer.finishAuth(await login.visit())
    await call()
  },
  refresh: async () => {
    const before = login?.tokens()?.access_token
    await delay(refreshAfterMs())
    await expectText(peer.call('echo', { text: 'renewed' }), 'renewed')
    if (login?.tokens()?.access_token === before) throw new Error('the access token is the old one')
  },
}

/** Until the access token is over. */
function refreshAfterMs(): number {
  return ((job.oauth?.tokenSeconds ?? 0) + 2) * 1_000
}

async function connect(): Promise<void> {
  if (login === undefined || login.tokens() !== undefined) return await peer.connect()
  await afterSignIn(() => peer.connect())
}

async function connectAnew(): Promise<Peer> {
  peer = newPeer()
  await connect()
  return peer
}

function takeLost(): boolean {
  const was = lost
  lost = false
  return was
}

/** A transport starts once, so after the sign-in there is a new one. */
async function afterSignIn(connect: () => Promise<void>): Promise<void> {
  const refusal = await connect().then(
    () => undefined,
    (error: unknown) => error,
  )
  if (login?.wanted !== true) throw refusal ?? new Error('no sign-in was asked for')
  await peer.finishAuth(await login.visit())
  await peer.close()
  peer = newPeer()
  await connect()
}

async function expectText(answer: Promise<string>, wanted: string): Promise<void> {
  const got = await answer
  if (got !== wanted) throw new Error(`the answer is ${JSON.stringify(got)}`)
}

function print(line: ClientLine): void {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

if (job.soak !== undefined) await soak({ job, login, connect: connectAnew, takeLost, print })
for (const step of job.steps) {
  const limitMs = STEP_LIMIT_MS + (step === 'refresh' ? refreshAfterMs() : 0)
  const late = delay(limitMs, undefined, { ref: false }).then(() => {
    throw new Error(`no end after ${limitMs} ms`)
  })
  const why = await Promise.race([DO[step](), late]).then(
    () => undefined,
    (error: unknown) => String(error),
  )
  print(why === undefined ? { step, ok: true } : { step, ok: false, why })
}
print({ done: true })
await peer.close().catch(() => undefined)
process.exit(0)
