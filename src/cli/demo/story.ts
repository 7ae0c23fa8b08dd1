// The story the demo tells, step by step, each step asserted: what an anonymous caller hears, then how each official
// SDK finds its way in, what it may see and call, how it asks for more, and how a stream arrives.
import type { DemoSession } from './session.ts'
import { rejection } from './session.ts'
import { expectSame, expectThat, step, type Transcript } from './transcript.ts'
import { challengeParameter, type Wire, type WireExchange } from './wire.ts'

export interface DemoScene {
  /** The resource: the public URL of the demo's route. */
  readonly url: string
  readonly issuer: string
  readonly wire: Wire
  readonly transcript: Transcript
}

const INITIALIZE = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'curl', version: '0' } },
}

/** `strayToken` is well signed, for another server. */
export async function tellAnonymous(scene: DemoScene, strayToken: string): Promise<boolean> {
  const { url, issuer, wire, transcript } = scene
  const metadataUrl = url.replace(/^(https?:\/\/[^/]+)/, '$1/.well-known/oauth-protected-resource')
  transcript.heading('A caller without a token')
  const refused = await step(transcript, 'is refused, and told where to learn more', async () => {
    const challenge = (await knock(scene)).challenge ?? ''
    expectSame('resource_metadata', challengeParameter(challenge, 'resource_metadata'), metadataUrl)
    expectSame('scope', challengeParameter(challenge, 'scope'), 'mcp:use')
    expectSame('error, which is absent without a token', challengeParameter(challenge, 'error'), undefined)
    return ['POST initialize → 401', `WWW-Authenticate: ${challenge}`]
  })
  const discovered = await step(transcript, 'finds the resource metadata (RFC 9728)', async () => {
    const document = await readJson(wire, metadataUrl)
    expectSame('resource', document['resource'], url)
    expectSame('authorization_servers', document['authorization_servers'], [issuer])
    return [`resource ${url}`, `authorization server ${issuer}`]
  })
  const stray = await step(transcript, 'cannot use a token that was made for another server', async () => {
    const { challenge } = await knock(scene, strayToken)
    expectSame('error', challengeParameter(challenge, 'error'), 'invalid_token')
    return ['POST initialize → 401 invalid_token']
  })
  return refused && discovered && stray
}

/** Stops at the first step that goes wrong, because the later ones stand on it. */
export async function tellClient(scene: DemoScene, name: string, session: DemoSession): Promise<boolean> {
  const { transcript } = scene
  transcript.heading(name)
  return (
    (await signIn(scene, session)) &&
    (await step(transcript, 'sees only the tools it may use', async () => {
      const names = await session.toolNames()
      expectSame('tools/list', names, ['echo'])
      return [`tools/list → ${names.join(', ')}`]
    })) &&
    (await step(transcript, 'calls a tool it may use', async () => {
      const text = await session.call('echo', { message: 'hello' })
      expectSame('echo', text, 'Echo: hello')
      return [`echo → ${text}`]
    })) &&
    (await step(transcript, 'is denied a tool that no scope can open', async () => {
      scene.wire.take()
      await rejection(session.call('get-env', {}))
      const denied = posted(scene)
      expectSame('status', denied.status, 403)
      expectSame('challenge', denied.challenge, undefined)
      return ['get-env → 403, no challenge']
    })) &&
    (await stepUp(scene, session)) &&
    (await stream(scene, session))
  )
}

async function signIn({ wire, transcript }: DemoScene, session: DemoSession): Promise<boolean> {
  return await step(transcript, 'signs in: registration, PKCE, token', async () => {
    wire.take()
    await session.signIn()
    const seen = wire.take()
    for (const [path, status] of [
      ['/register', 201],
      ['/authorize', 303],
      ['/token', 200],
    ] as const) {
      expectSame(path, seen.find((exchange) => exchange.path === path)?.status, status)
    }
    expectSame('granted scopes', session.login.granted, 'mcp:use')
    return [`granted ${session.login.granted}`, `protocol ${session.version() ?? 'unknown'}`]
  })
}

async function stepUp(scene: DemoScene, session: DemoSession): Promise<boolean> {
  const { wire, transcript } = scene
  const sum = () => session.call('get-sum', { a: 2, b: 40 })
  const challenged = await step(transcript, 'is asked for one more scope', async () => {
    wire.take()
    await rejection(sum())
    const { status, challenge } = posted(scene)
    expectSame('status', status, 403)
    expectSame('error', challengeParameter(challenge, 'error'), 'insufficient_scope')
    expectSame('scope', challengeParameter(challenge, 'scope'), 'math:use mcp:use')
    return ['get-sum → 403 insufficient_scope', 'scope="math:use mcp:use"']
  })
  if (!challenged) return false
  return await step(transcript, 'steps up, and the call goes through', async () => {
    await session.stepUp()
    const text = await sum()
    expectSame('get-sum', text, 'The sum of 2 and 40 is 42.')
    expectSame('tools/list', await session.toolNames(), ['echo', 'get-sum'])
    return [`granted ${session.login.granted}`, `get-sum → ${text}`]
  })
}

async function stream({ transcript }: DemoScene, session: DemoSession): Promise<boolean> {
  return await step(transcript, 'watches a long job while it runs', async () => {
    const job = (onProgress: (progress: number) => void) =>
      session.call('trigger-long-running-operation', { duration: 1, steps: 4 }, onProgress)
    await rejection(job(() => undefined))
    await session.stepUp()
    expectSame('scopes after two step-ups', sorted(session.login.granted), 'jobs:run math:use mcp:use')

    const events: string[] = []
    let echo: Promise<unknown> = Promise.resolve()
    const text = await job((progress) => {
      events.push(`progress ${progress}`)
      // Answered before the job ends only if the first notification was not held back.
      if (progress === 1)
        echo = session.call('echo', { message: 'meanwhile' }).then(() => events.push('echo'))
    })
    events.push('result')
    await echo
    expectThat('the job', text.startsWith('Long running operation completed'), 'completed', text)
    expectSame('progress', events.filter((event) => event.startsWith('progress')).length, 4)
    expectThat('the stream', events.at(-1) === 'result', 'the result last', events.join(', '))
    return [`granted ${session.login.granted}`, events.join(', ')]
  })
}

/** The last POST to the route. */
function posted(scene: DemoScene): WireExchange {
  return postedIn(scene.wire.take(), scene)
}

export function postedIn(seen: readonly WireExchange[], { url }: DemoScene): WireExchange {
  const last = seen.findLast((exchange) => exchange.url === url && exchange.method === 'POST')
  if (last === undefined) throw new Error('nothing was sent to the gateway')
  return last
}

async function knock(scene: DemoScene, token?: string): Promise<WireExchange> {
  const { url, wire } = scene
  wire.take()
  const response = await wire.fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(INITIALIZE),
  })
  await response.body?.cancel()
  expectSame('status', response.status, 401)
  return posted(scene)
}

async function readJson(wire: Wire, url: string): Promise<Record<string, unknown>> {
  const response = await wire.fetch(url)
  expectSame(`GET ${url}`, response.status, 200)
  return (await response.json()) as Record<string, unknown>
}

function sorted(scope: string): string {
  return scope.split(' ').sort().join(' ')
}
