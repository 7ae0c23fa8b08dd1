// K rows: no token, argument or claim value in the audit, the log, the metrics, an answer, or a header to either
// side; nothing a client sends starts a line; every decision is on record once.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestGateway, type TestGateway, toolCall } from '../support/gateway.ts'
import { decisionsOf, metricsOf, sumOf } from '../support/scrape.ts'

/** Each stands where a secret would, and nowhere else. */
const CANARY = {
  argument: 'canary-argument',
  claim: 'canary-claim',
  opaque: 'canary-opaque-token',
  query: 'canary-query-token',
  cookie: 'canary-cookie',
  proof: 'canary-proof',
  result: 'canary-result',
}
const SPOOFED = 'x"}\n{"stream":"audit","decision":"allowed"}\r\u001b[31m'

let gateway: TestGateway
const tokens: string[] = []
const heard: string[] = []

function token(scope?: string, claims?: object): string {
  const signed = gateway.token(scope, { email: CANARY.claim, nested: { x: CANARY.claim }, ...claims })
  tokens.push(signed)
  return signed
}

async function send(
  body: unknown,
  headers: Readonly<Record<string, string>>,
  path?: string,
): Promise<number> {
  const response = await gateway.post(body, headers, path)
  heard.push(JSON.stringify([...response.headers]), await response.text())
  return response.status
}

async function bearing(bearer: string, body: unknown = toolCall('safe'), more: object = {}, path?: string) {
  return await send(body, { authorization: `Bearer ${bearer}`, ...more }, path)
}

const call = (name: string) => ({
  jsonrpc: '2.0',
  id: 1,
  method: 'tools/call',
  params: { name, arguments: { password: CANARY.argument } },
})
const past = () => ({ exp: Math.floor(Date.now() / 1000) - 600 })

beforeAll(async () => {
  gateway = await startTestGateway({ auditRequired: true, upstream: 'pass_query: true,' })
  gateway.upstream.respond = (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'x-mcp-subject': 'echo' })
    response.end(`{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"${CANARY.result}"}]}}`)
  }
  const statuses = [
    await bearing(token(), call('safe')),
    await bearing(token('a admin'), call('danger')),
    await bearing(token(), call('danger')),
    await bearing(token(), call('forbidden')),
    await bearing(token(), `{"jsonrpc":"2.0","id":1,"password":"${CANARY.argument}"`),
    await bearing(token('a', past())),
    await bearing(token('a', { aud: 'https://other.example' })),
    await bearing(token('a', { iss: 'https://other.example' })),
    await bearing(token('a', { sub: '' })),
    await bearing(`${token().slice(0, -8)}AAAAAAAA`),
    await bearing(CANARY.opaque),
    await bearing(`${CANARY.opaque} ${CANARY.opaque}`),
    await send(call('safe'), { authorization: `Basic ${CANARY.opaque}` }),
    await bearing(token(), call('safe'), {
      cookie: CANARY.cookie,
      dpop: CANARY.proof,
      'x-api-key': CANARY.opaque,
    }),
    await bearing(
      token(),
      call('safe'),
      {},
      `/mcp/a?access_token=${CANARY.query}&a=1&ACCESS_TOKEN=${CANARY.query}`,
    ),
    await bearing(token(), call('safe'), {}, `/nowhere?access_token=${CANARY.query}`),
    await bearing(token(), call('safe'), { origin: 'https://evil.example' }),
    await bearing(token('a', { sub: SPOOFED, client_id: SPOOFED })),
    await bearing(token(), call(SPOOFED), { 'x-request-id': 'r'.repeat(1_000), 'user-agent': CANARY.cookie }),
    await bearing(token(), { jsonrpc: '2.0', id: 1, method: SPOOFED }),
    await bearing(token(), call('x'.repeat(256))),
    await bearing(token(), call('x'.repeat(100_000))), // longer than a name may be
  ]
  expect(statuses).toEqual([
    200, 200, 403, 403, 400, 401, 401, 401, 401, 401, 401, 401, 401, 200, 200, 404, 403, 200, 403, 200, 403,
    400,
  ])
})
afterAll(() => gateway.close())

const VALUES = (): string[] => [
  ...Object.values(CANARY),
  ...tokens,
  ...tokens.map((signed) => signed.slice(-40)),
]

/** K01, K03, K04: none of the values is in the text. */
function check(text: string, allowed: readonly string[] = []): void {
  expect(text).not.toBe('')
  for (const value of VALUES()) if (!allowed.includes(value)) expect(text).not.toContain(value)
}

test('K01 K03 K04 K06 the audit', () => check(JSON.stringify(gateway.audit())))

test('K01 K03 K04 the log at debug', () => check(`${gateway.log.join('')} `))

test('K01 K07 the metrics', async () => check(await metricsOf(gateway)))

test('K02 what clients hear; only the tool’s own result is in it', () =>
  check(heard.join('\n'), [CANARY.result]))

test('K02 no stack, path or library speaks to a client', () => {
  for (const text of heard) expect(text).not.toMatch(/node_modules|\bat .*\.[jt]s|undici|jose|UND_ERR|ERR_J/)
})

test('K01 K03 TOK-02 what the upstream gets in headers and URL', () => {
  const texts = gateway.upstream.received.map(({ url, rawHeaders }) => `${url}\n${rawHeaders.join('\n')}`)
  check(texts.join('\n'), [CANARY.cookie])
  expect(gateway.upstream.received.filter(({ url }) => url.includes('?')).map(({ url }) => url)).toEqual([
    '/mcp?a=1',
  ])
})

test('K05 one JSON object a line, control characters escaped, names cut', () => {
  for (const line of gateway.audit()) {
    expect(line).toMatchObject({ stream: 'audit', event: expect.any(String) })
    expect(JSON.stringify(line).length).toBeLessThan(4_096)
  }
  const subjects = decisionsOf(gateway).map(({ subject }) => subject)
  expect(subjects).toContain(SPOOFED)
  expect(
    decisionsOf(gateway).filter(({ decision, route }) => decision === 'allowed' && route === undefined),
  ).toEqual([])
})

test('K05 what the spoofed subject is to the upstream: one escaped field', () => {
  const subjects = gateway.upstream.received.map(({ headers }) => headers['x-mcp-subject'])
  expect(subjects).toContain('x"}%0A{"stream":"audit","decision":"allowed"}%0D%1B[31m')
})

test('K07 labels are of our own words; a strange method is `other`', async () => {
  const text = await metricsOf(gateway)
  const methods = [...text.matchAll(/portcullis_decisions_total\{[^}]*method="([^"]*)"/g)].map(
    ([, method]) => method,
  )
  expect([...new Set(methods)].sort()).toEqual(['POST', 'other', 'tools/call'])
  expect(text).not.toContain('xxxx')
})

test('K22 allowed decisions and upstream requests are as many; metrics count the same', async () => {
  const allowed = decisionsOf(gateway).filter(({ decision }) => decision === 'allowed')
  expect(allowed.length).toBe(gateway.upstream.received.length)
  const text = await metricsOf(gateway)
  expect(sumOf(text, 'portcullis_decisions_total', { decision: 'allowed' })).toBe(allowed.length)
  const sent = gateway.upstream.received.map(({ headers }) => headers['x-request-id'])
  expect(allowed.map(({ request_id: id }) => id)).toEqual(sent)
})

test('K22 every decision has one line with request id, rule and generation', () => {
  const decisions = decisionsOf(gateway)
  const ids = decisions.map(({ request_id: id }) => id)
  expect(new Set(ids).size).toBe(ids.length)
  expect(ids.length).toBe(21) // all that was sent, but the path that is no route
  for (const line of decisions) expect(line).toMatchObject({ generation: 1, time: expect.any(String) })
  const denied = decisions.filter(({ reason }) => reason === 'call_forbidden' || reason === 'scope_missing')
  expect(denied.map(({ rule }) => rule)).toEqual(['danger', 'no', 'unsafe_name', 'default'])
})

test('K01 K13 a key that nobody knows is on record as that, without the token', async () => {
  const published = gateway.issuer.keys
  gateway.issuer.rotate()
  gateway.issuer.keys = published
  expect(await bearing(token())).toBe(401)
  expect(decisionsOf(gateway).at(-1)).toMatchObject({ reason: 'token_rejected', check: 'key' })
  check(`${JSON.stringify(gateway.audit())}${gateway.log.join('')}`)
})
