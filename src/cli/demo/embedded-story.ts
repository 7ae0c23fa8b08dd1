// The story with the authorization server in the gateway's own process: a client becomes known, a person signs in and
// agrees, tools are called, one more scope is asked for, tokens are renewed, and an operator ends it all.
import { readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import type { DemoPerson } from './person.ts'
import { type DemoSession, rejection } from './session.ts'
import { type DemoScene, postedIn } from './story.ts'
import { expectSame, expectThat, step } from './transcript.ts'
import { challengeParameter, type WireExchange } from './wire.ts'

export interface EmbeddedScene extends DemoScene {
  readonly person: DemoPerson
  /** Path of the audit file. */
  readonly audit: string
  /** Runs `portcullis` with these words, as an operator would beside the running gateway; what it printed. */
  operate(...words: readonly string[]): Promise<string>
}

export interface EmbeddedGuest {
  readonly name: string
  readonly session: DemoSession
  /** Known by its metadata document, so that it registers nowhere. */
  readonly byDocument: boolean
  /** Whether the SDK tries its refresh token first when it needs more scopes (generation 1). */
  readonly refreshesInstead: boolean
}

/** The record of a command follows within a second. */
const AUDIT_MS = 3_000
const AUDIT_LOOK_MS = 100

/** Stops at the first step that goes wrong, because the later ones stand on it. */
export async function tellEmbeddedServer(scene: EmbeddedScene, guest: EmbeddedGuest): Promise<boolean> {
  scene.transcript.heading(guest.name)
  return (
    (await comeIn(scene, guest)) &&
    (await use(scene, guest)) &&
    (await askForMore(scene, guest)) &&
    (await renew(scene, guest)) &&
    (await end(scene, guest))
  )
}

async function comeIn(scene: EmbeddedScene, { session, byDocument }: EmbeddedGuest): Promise<boolean> {
  const { wire, transcript, person, url, issuer } = scene
  const title = byDocument
    ? 'is known by its metadata document; a person signs in and agrees'
    : 'registers itself (RFC 7591); a person signs in and agrees'
  const entered = await step(transcript, title, async () => {
    wire.take()
    person.takePages()
    await session.signIn()
    const seen = wire.take()
    expectSame('/register', statusOf(seen, '/register'), byDocument ? undefined : 201)
    expectSame('/token', statusOf(seen, '/token'), 200)
    const pages = person.takePages()
    expectThat('pages', pages.length > 0, 'a page that asks', 'none')
    return pages.flatMap(({ heading, asked }) => [`page: ${heading}`, ...asked.map((item) => `  · ${item}`)])
  })
  if (!entered) return false
  return await step(transcript, 'holds a token for this server alone', async () => {
    const { iss, aud, scope } = session.login.claims()
    expectSame('iss', iss, issuer)
    expectSame('aud', aud, url)
    expectSame('scope', scope, 'mcp:use')
    return [`aud ${url}`, `scope ${scope}`, `protocol ${session.version() ?? 'unknown'}`]
  })
}

async function use(scene: EmbeddedScene, { session }: EmbeddedGuest): Promise<boolean> {
  return await step(scene.transcript, 'sees and calls only what it may use', async () => {
    expectSame('tools/list', await session.toolNames(), ['echo'])
    const text = await session.call('echo', { message: 'hello' })
    expectSame('echo', text, 'Echo: hello')
    return ['tools/list → echo', `echo → ${text}`]
  })
}

async function askForMore(
  scene: EmbeddedScene,
  { session, refreshesInstead }: EmbeddedGuest,
): Promise<boolean> {
  const { wire, transcript, person } = scene
  const sum = () => session.call('get-sum', { a: 2, b: 40 })
  return await step(transcript, 'asks the person for one more scope, and the call goes through', async () => {
    wire.take()
    person.takePages()
    await rejection(sum())
    const seen = wire.take()
    const refused = postedIn(seen, scene)
    expectSame('error', challengeParameter(refused.challenge, 'error'), 'insufficient_scope')
    expectSame('/token', statusOf(seen, '/token'), refreshesInstead ? 400 : undefined)
    await session.stepUp()
    const [page, ...others] = person.takePages()
    expectSame('pages', others.length, 0) // the person is signed in still
    const fresh = page?.asked.filter((item) => item.endsWith('new')) ?? []
    expectSame('what is new', fresh, ['Calculate (math:use) new'])
    const text = await sum()
    expectSame('get-sum', text, 'The sum of 2 and 40 is 42.')
    return [
      'get-sum → 403 insufficient_scope',
      ...(refreshesInstead ? ['refresh_token → 400 interaction_required, and it stays good'] : []),
      ...[`page: ${page?.heading}`, `  · ${fresh}`, `get-sum → ${text}`],
    ]
  })
}

async function renew(scene: EmbeddedScene, { session }: EmbeddedGuest): Promise<boolean> {
  const { wire, transcript, person } = scene
  return await step(transcript, 'renews a token that ran out, without the person', async () => {
    session.login.spoilAccessToken()
    wire.take()
    const text = await session.call('echo', { message: 'again' })
    expectSame('echo', text, 'Echo: again')
    const seen = wire.take()
    expectSame('/token', statusOf(seen, '/token'), 200)
    expectSame('pages', person.takePages().length, 0)
    return ['401, refresh_token → 200', `echo → ${text}`]
  })
}

async function end(scene: EmbeddedScene, { session }: EmbeddedGuest): Promise<boolean> {
  const { wire, transcript } = scene
  const client = String(session.login.claims()['client_id'])
  const ended = await step(
    transcript,
    'is refused at its next call, once an operator has revoked',
    async () => {
      const printed = await scene.operate('grants', 'revoke', '--client', client)
      wire.take()
      await rejection(session.call('echo', { message: 'still there?' }))
      const seen = wire.take()
      expectSame('the call', seen.find(({ url }) => url === scene.url)?.status, 401)
      expectSame('/token', statusOf(seen, '/token'), 400)
      return [
        `$ portcullis grants revoke --client ${client}`,
        `  ${printed.trim()}`,
        'echo → 401, refresh_token → 400',
      ]
    },
  )
  if (!ended) return false
  return await step(transcript, 'has left its traces in the audit', async () => {
    const told = await eventsOf(scene.audit, client)
    const wanted = ['consent', 'revoked']
    expectSame(
      'events',
      wanted.filter((event) => told.some((one) => one.event === event)),
      wanted,
    )
    return told.map(({ event, actor }) => `${event} by ${actor}`)
  })
}

interface AuditedEvent {
  readonly event: string
  readonly actor: string
}

/** Waits for the record of what a command did. */
async function eventsOf(audit: string, client: string): Promise<readonly AuditedEvent[]> {
  for (let waited = 0; ; waited += AUDIT_LOOK_MS) {
    const lines = (await readFile(audit, 'utf8')).split('\n').filter((line) => line !== '')
    const events = lines
      .map((line) => JSON.parse(line) as AuditedEvent & { readonly client?: string })
      .filter((line) => line.client === client && line.event !== 'decision')
    if (events.some(({ event }) => event === 'revoked') || waited >= AUDIT_MS) return events
    await delay(AUDIT_LOOK_MS)
  }
}

function statusOf(seen: readonly WireExchange[], path: string): number | undefined {
  return seen.find((exchange) => exchange.path === path)?.status
}
