// How the official clients take each of the gateway's own refusals: which scopes they ask a person for, and when they
// only report an error.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import type { Respond } from '../support/upstream.ts'
import { type RunningServer, startEverything } from '../upstreams/everything-2x.ts'
import { LoginProvider } from './login-provider.ts'
import { KINDS, type Kind, open, type Session } from './session.ts'

const POLICY = `
      rules:
        - { name: text, tools: [test_simple_text], scopes: [a] }
        - { name: images, tools: [test_image_content], scopes: { all: [b, images] } }
        - { name: told, effect: deny, tools: [test_error_handling], denial: in_band }`

let everything: RunningServer
let gateway: TestGateway
/** Replaces the upstream's answers while it is set. */
let respond: Respond | undefined

beforeAll(async () => {
  everything = await startEverything()
  gateway = await startTestGateway({ policy: POLICY })
  gateway.issuer.metadata['response_types_supported'] = ['code'] // the clients insist on it (RFC 8414 §2)
  gateway.upstream.respond = async (request, response, raw) =>
    respond ? await respond(request, response, raw) : await passOn(everything.url, request, response, raw)
})
afterAll(async () => {
  await gateway.close()
  await everything.close()
})
beforeEach(() => {
  respond = undefined
})

/** What a plain reverse proxy does; enough for JSON and for events. */
async function passOn(url: string, ...[request, response]: Parameters<Respond>): Promise<void> {
  const { host: _, connection: __, 'content-length': ___, ...headers } = request.headers
  const body = request.body.length > 0 ? { body: request.body.toString() } : {}
  const answer = await fetch(url, {
    method: request.method,
    headers: headers as Record<string, string>,
    ...body,
  })
  response.writeHead(answer.status, Object.fromEntries(answer.headers))
  if (answer.body) for await (const chunk of answer.body) response.write(chunk)
  response.end()
}

interface Outcome {
  /** Scopes of the authorization requests that the call led to. */
  readonly asked: readonly (string | null)[]
  readonly error: string
}

function holding(token: string): LoginProvider {
  return new LoginProvider({ access_token: token, scope: 'a b', issuer: gateway.issuer.url })
}

async function check(kind: Kind, meddle: (session: Session) => Promise<unknown>): Promise<Outcome> {
  const provider = holding(gateway.token('a b'))
  const session = await open(kind, gateway.resource, { provider })
  expect(provider.asked).toEqual([])
  const error = await meddle(session).then(
    () => 'none',
    (thrown: unknown) => String(thrown),
  )
  await session.close()
  return { asked: provider.asked, error }
}

describe.each(KINDS)('%s', (kind) => {
  test('R17 D-02 a challenge in band is a failed tool call, and no login', async () => {
    const policy = `\n      challenge: in_band${POLICY}`
    await gateway.reload({ policy })
    const provider = holding(gateway.token('a b', { sub: 'user-2' })) // one caller hears it five times (SCP-09)
    const session = await open(kind, gateway.resource, { provider })
    const result = await session.call('test_image_content')
    await session.close()
    await gateway.reload()
    const challenge = expect.stringContaining(
      'error="insufficient_scope", error_description="images is required"',
    )
    expect(provider.asked).toEqual([])
    expect(result).toMatchObject({ isError: true, _meta: { 'mcp/www_authenticate': [challenge] } })
  })

  test('SCP-08 CHL-11 403 insufficient_scope: it asks for the union, so that nothing is lost', async () => {
    const { asked } = await check(kind, (session) => session.call('test_image_content'))
    expect(asked.map((scope) => scope?.split(' ').sort())).toEqual([['a', 'b', 'images']])
  })

  test('R16 403 that no scope cures: a plain error, no login', async () => {
    const { asked, error } = await check(kind, (session) => session.call('no_such_tool'))
    expect([asked, error]).toEqual([[], expect.stringMatching(/denied/)])
  })

  test('R16 D-01 a denial in band is an error of the protocol', async () => {
    const { asked, error } = await check(kind, (session) => session.call('test_error_handling'))
    expect([asked, error]).toEqual([[], expect.stringMatching(/Access denied/)])
  })

  test('R2 CHL-12 401 of a token that has expired: it logs in again, for what it had', async () => {
    const expired = gateway.token('a b', { exp: Math.floor(Date.now() / 1_000) - 60 })
    const provider = holding(expired)
    await expect(open(kind, gateway.resource, { provider })).rejects.toThrow()
    expect(provider.asked.map((scope) => scope?.split(' ').sort())).toEqual([['a', 'b']])
  })

  test('CHL-16 R19 503 and 502: a plain error, no login', async () => {
    const broken: readonly Respond[] = [
      (_request, response) => void response.writeHead(401, { 'www-authenticate': 'Bearer' }).end(),
      (_request, response) => void response.writeHead(302, { location: 'https://login.example' }).end(),
      (_request, response) => void response.writeHead(503).end(),
    ]
    for (const answer of broken) {
      const { asked, error } = await check(kind, (session) => {
        respond = answer
        return session.call('test_simple_text').finally(() => {
          respond = undefined
        })
      })
      expect(asked).toEqual([])
      expect(error).not.toBe('none')
    }
  })
})
