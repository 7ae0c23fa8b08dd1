// Every outside call of one request fails in turn, in every way: the client then hears one of the refusals that
// this may lead to, the process stays up, and the same request works again when the fault is gone.
import { afterEach, describe, expect, test } from 'vitest'
import { PROBE_PREFIX } from '../../src/token/introspection-probe.ts'
import { startTestGateway, type TestGateway, toolCall } from '../support/gateway.ts'
import type { Fault, TestIssuer } from '../support/issuer.ts'
import { echoResult, type Respond } from '../support/upstream.ts'

let gateway: TestGateway
afterEach(() => gateway.close())

type FaultName = 'reset' | 'hang' | 'html' | 'truncated' | 'huge' | 'status'

const AT_ISSUER: Readonly<Record<FaultName, Fault>> = {
  reset: 'reset',
  hang: 'hang',
  html: 'html',
  truncated: 'truncated',
  huge: 'huge',
  status: { status: 500 },
}

const AT_UPSTREAM: Readonly<Record<FaultName, Respond>> = {
  reset: (_request, response) => void response.socket?.resetAndDestroy(),
  hang: () => {},
  html: (_request, response) =>
    void response.writeHead(401, { 'content-type': 'text/html' }).end('<p>no</p>'),
  truncated(_request, response) {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' })
    response.write('{"jsonrpc"', () => response.destroy())
  },
  huge: (_request, response) => void response.writeHead(200, { 'x-huge': 'x'.repeat(20_000) }).end('{}'),
  status: (_request, response) => void response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
}

const CALLS = ['metadata', 'jwks', 'introspection', 'upstream'] as const
type Call = (typeof CALLS)[number]

/** Breaks one kind of outside call until `broken` is something else; notes all calls in order. */
function breakCalls({ issuer, upstream }: Pick<TestGateway, 'issuer' | 'upstream'>, fault: FaultName) {
  const network = { broken: undefined as Call | undefined, calls: [] as (Call | 'probe')[] }
  const fails = (call: Call, isProbe = false) => {
    network.calls.push(isProbe ? 'probe' : call)
    return network.broken === call
  }
  for (const page of ['metadata', 'jwks', 'introspection'] as const) {
    issuer.faults[page] = (form) =>
      fails(page, form.get('token')?.startsWith(PROBE_PREFIX)) ? AT_ISSUER[fault] : undefined
  }
  upstream.respond = (request, response, raw) =>
    fails('upstream') ? AT_UPSTREAM[fault](request, response, raw) : echoResult(request, response)
  return network
}

/** A call that asks for all: metadata, keys, a live look at the token, the upstream. */
const OPTIONS = {
  issuer: `    introspection: { client_id: portcullis, client_secret: secret }`,
  policy: `
      rules:
        - { name: safe, tools: [safe], scopes: [a], require_active: true }`,
  upstream: 'timeout: 1s,',
  auditRequired: true,
}

function answerActive(issuer: TestIssuer, resource: () => string) {
  issuer.introspect = () => ({
    active: true,
    iss: issuer.url,
    aud: resource(),
    sub: 'user-1',
    client_id: 'client-1',
    scope: 'a',
    exp: Math.floor(Date.now() / 1_000) + 600,
  })
}

const FAULTS: readonly FaultName[] = ['reset', 'hang', 'html', 'truncated', 'huge', 'status']
/** What may be heard: 503 of the issuer, 502 or 504 of the upstream; never 401, 500 or a success. */
const HEARD: Readonly<Record<Call, readonly number[]>> = {
  metadata: [503],
  jwks: [503],
  introspection: [503],
  upstream: [502, 504],
}

async function start(broken: Call | undefined, fault: FaultName) {
  const made: ReturnType<typeof breakCalls>[] = []
  gateway = await startTestGateway({
    ...OPTIONS,
    prepare(parts) {
      answerActive(parts.issuer, () => gateway.resource)
      const network = breakCalls(parts, fault)
      network.broken = broken
      made.push(network)
    },
  })
  return made[0] as ReturnType<typeof breakCalls>
}

test('these are all outside calls of the start and the request, and what it needs again', async () => {
  const { calls } = await start(undefined, 'reset')
  expect(calls.splice(0)).toEqual(['metadata', 'probe', 'jwks'])
  expect((await gateway.post(toolCall('safe'))).status).toBe(200)
  expect(calls.splice(0)).toEqual(['introspection', 'upstream'])
  expect((await gateway.post(toolCall('safe'))).status).toBe(200)
  expect(calls).toEqual(['introspection', 'upstream'])
})

describe.each(CALLS)('F01 F02 F04 the call for %s fails', (call) => {
  test.each(FAULTS)('%s', async (fault) => {
    const network = await start(call, fault)
    const response = await gateway.post(toolCall('safe', 'id-1'))
    const text = await response.text()
    expect(HEARD[call], text).toContain(response.status)
    expect(response.headers.get('www-authenticate')).toBeNull()
    expect(text).not.toMatch(/127\.0\.0\.1|ECONN|UND_ERR|undici|<p>/)
    if (call !== 'upstream') expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0)
    else expect(JSON.parse(text)).toMatchObject({ jsonrpc: '2.0', id: 'id-1', error: { code: -32603 } })
    const reasons = gateway.audit().flatMap(({ reason }) => reason ?? [])
    expect(reasons.join()).toMatch(call === 'upstream' ? /^upstream_\w+$/ : /^issuer_unreachable$/)

    network.broken = undefined
    await expect
      .poll(async () => (await gateway.post(toolCall('safe'))).status, { timeout: 5_000, interval: 100 })
      .toBe(200)
    expect(gateway.log.join('')).not.toContain('"event":"bug"')
  })
})
