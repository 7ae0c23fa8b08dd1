// Spans of a whole gateway, as a receiver of OTLP gets them: whose trace they are in, what they say, and what they do not.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startTestGateway, type TestGateway, type TestGatewayOptions, toolCall } from '../support/gateway.ts'
import { callOf, legacy } from '../support/messages.ts'
import { type OtlpReceiver, type ReceivedSpan, startOtlpReceiver } from '../support/otlp-receiver.ts'
import { sendJson } from '../support/upstream.ts'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const CLIENT_SPAN = '00f067aa0ba902b7'
const PARENT = `00-${TRACE}-${CLIENT_SPAN}-00`
const OTHER_TRACE = '0af7651916cd43dd8448eb211c80319c'
const OTHER_SPAN = 'b7ad6b7169203331'
const IN_META = `00-${OTHER_TRACE}-${OTHER_SPAN}-01`

let receiver: OtlpReceiver
let gateway: TestGateway | undefined
beforeEach(async () => {
  receiver = await startOtlpReceiver()
})
afterEach(async () => {
  await gateway?.close()
  gateway = undefined
  await receiver.close()
})

interface Traced extends TestGatewayOptions {
  /** More keys of `telemetry`, and of `telemetry.traces`. */
  readonly telemetry?: string
  readonly traces?: string
}

async function start({ telemetry = '', traces = '', ...options }: Traced = {}): Promise<TestGateway> {
  const top = `telemetry: { endpoint: "${receiver.url}", ${telemetry} traces: { ${traces} } }\n${options.top ?? ''}`
  gateway = await startTestGateway({ ...options, top })
  return gateway
}

/** All spans, when the gateway has ended. */
async function ended(): Promise<readonly ReceivedSpan[]> {
  await gateway?.running.close(100)
  return receiver.spans
}

function only(spans: readonly ReceivedSpan[], name: string, kind: ReceivedSpan['kind']): ReceivedSpan {
  const found = spans.filter((span) => span.name === name && span.kind === kind)
  expect(found).toHaveLength(1)
  return found[0] as ReceivedSpan
}

const sent = ({ upstream }: TestGateway) => upstream.received.at(-1)?.headers ?? {}

test('a call is a span, with one below it for verification, decision and upstream', async () => {
  const { post, upstream } = await start()
  const { body, headers } = callOf('legacy')
  const answered = await post(body, {
    ...headers,
    traceparent: PARENT,
    tracestate: 'rojo=1,congo=t61rcWkgMzE',
  })
  await answered.text()
  const spans = await ended()
  expect(spans.map(({ name, kind }) => `${kind} ${name}`).sort()).toEqual([
    'client tools/call safe',
    'internal decide',
    'internal verify token',
    'server tools/call safe',
  ])
  const server = only(spans, 'tools/call safe', 'server')
  expect(server).toMatchObject({ traceId: TRACE, parentId: CLIENT_SPAN, failed: false, links: [] })
  expect(server.state).toBe('rojo=1,congo=t61rcWkgMzE')
  expect(server.attributes).toEqual({
    'mcp.method.name': 'tools/call',
    'jsonrpc.request.id': '1',
    'gen_ai.operation.name': 'execute_tool',
    'gen_ai.tool.name': 'safe',
    'mcp.protocol.version': '2025-11-25',
    'network.transport': 'tcp',
    'network.protocol.name': 'http',
    'http.request.method': 'POST',
    'http.route': '/mcp/a',
    'http.response.status_code': 200,
    'portcullis.route': 'a',
    'portcullis.request_id': answered.headers.get('x-request-id'),
    'portcullis.decision': 'allowed',
  })
  for (const child of spans.filter(({ kind }) => kind !== 'server')) {
    expect(child).toMatchObject({ traceId: TRACE, parentId: server.spanId })
    expect(child.from).toBeGreaterThanOrEqual(server.from)
    expect(child.to).toBeLessThanOrEqual(server.to)
  }
  const client = only(spans, 'tools/call safe', 'client')
  const { hostname, port } = new URL(upstream.url)
  expect(client.attributes).toMatchObject({ 'server.address': hostname, 'server.port': Number(port) })
  expect(only(spans, 'decide', 'internal').attributes).toEqual({
    'portcullis.decision': 'allowed',
    'portcullis.rule': 'safe',
  })
  expect(sent(gateway as TestGateway)).toMatchObject({
    traceparent: `00-${TRACE}-${client.spanId}-01`,
    tracestate: 'rojo=1,congo=t61rcWkgMzE',
  })
  expect(server.resource).toMatchObject({ 'service.name': 'portcullis', 'telemetry.sdk.language': 'nodejs' })
  expect(String(server.resource['service.instance.id'])).toMatch(/^[0-9a-f-]{36}$/)
})

test('XTR-01 what _meta names is the parent, also of a body that is large; the header is linked', async () => {
  const { post } = await start()
  for (const note of ['', 'x'.repeat(8_192)]) {
    const meta = { traceparent: IN_META, tracestate: 'vendor=1', baggage: 'user=ada' }
    const { body, headers } = legacy('tools/call', { name: 'safe', arguments: { note }, _meta: meta })
    const text = JSON.stringify(body)
    await (await post(text, { ...headers, traceparent: PARENT, baggage: 'user=eve' })).text()
    const { body: forwarded, headers: told } = gateway?.upstream.received.at(-1) ?? {}
    expect(forwarded?.toString()).toBe(text)
    expect(told?.['traceparent']).toMatch(new RegExp(`^00-${OTHER_TRACE}-(?!${OTHER_SPAN})[0-9a-f]{16}-01$`))
    expect(told).toMatchObject({ tracestate: 'vendor=1', baggage: 'user=eve' })
  }
  const servers = (await ended()).filter(({ kind }) => kind === 'server')
  expect(servers).toHaveLength(2)
  for (const { traceId, parentId, links, state } of servers) {
    expect([traceId, parentId, state]).toEqual([OTHER_TRACE, OTHER_SPAN, 'vendor=1'])
    expect(links).toEqual([`${TRACE}-${CLIENT_SPAN}`])
  }
})

describe('XTR-02 what a stranger says of its trace', () => {
  const long = Array.from({ length: 40 }, (_, place) => `vendor${place}=${'x'.repeat(10)}`).join(',')
  test.each<[string, Record<string, string>]>([
    ['several', { traceparent: `${PARENT}, ${PARENT}` }],
    ['no version', { traceparent: PARENT.replace('00', 'ff') }],
    ['zeros', { traceparent: `00-${'0'.repeat(32)}-${CLIENT_SPAN}-01` }],
    ['text', { traceparent: 'x'.repeat(4_000) }],
    ['a state without a parent', { tracestate: 'rojo=1' }],
  ])('%s: a trace of our own, and no refusal', async (_what, headers) => {
    const { post } = await start()
    expect((await post(toolCall('safe'), headers)).status).toBe(200)
    const [span] = (await ended()).filter(({ kind }) => kind === 'server')
    expect(span?.parentId).toBe('')
    expect(span?.traceId).not.toBe(TRACE)
    expect(sent(gateway as TestGateway)['traceparent']).toContain(`00-${span?.traceId}-`)
    expect(sent(gateway as TestGateway)).not.toHaveProperty('tracestate')
  })

  test('a tracestate that is too long, or has too many members, is left out; the parent stays', async () => {
    const { post } = await start()
    for (const tracestate of [long, `a=${'x'.repeat(600)}`]) {
      await (await post(toolCall('safe'), { traceparent: PARENT, tracestate })).text()
      expect(sent(gateway as TestGateway)).not.toHaveProperty('tracestate')
    }
    for (const { traceId, state } of await ended()) expect([traceId, state]).toEqual([TRACE, ''])
  })

  test.each([7, null, {}, ['a'], 'nothing'])(
    '_meta.traceparent: %j is no reason to refuse',
    async (traceparent) => {
      const { post } = await start()
      const { body, headers } = legacy('tools/call', { name: 'safe', _meta: { traceparent, TraceParent: 1 } })
      expect((await post(body, { ...headers, traceparent: PARENT })).status).toBe(200)
      expect((await ended()).map(({ traceId }) => traceId)).toEqual(Array(4).fill(TRACE))
    },
  )

  test('the sampled flag and one trace id again and again bring no more spans, and their absence no fewer', async () => {
    const { post } = await start({ traces: 'sample: 0.5' })
    const calls = 200
    for (let call = 0; call < calls; call += 1) {
      const flags = call % 2 === 0 ? '01' : '00'
      await (await post(toolCall('safe'), { traceparent: PARENT.replace(/00$/, flags) })).text()
    }
    const told = gateway?.upstream.received.map(({ headers }) => String(headers['traceparent'])) ?? []
    const servers = (await ended()).filter(({ kind }) => kind === 'server')
    // Each by chance: fewer than 50 or more than 150 of 200 happens once in 10^13 times
    expect(servers.length).toBeGreaterThan(50)
    expect(servers.length).toBeLessThan(150)
    expect(told.filter((traceparent) => traceparent.endsWith('-01'))).toHaveLength(servers.length)
    expect(told.filter((traceparent) => traceparent.endsWith('-00'))).toHaveLength(calls - servers.length)
    expect(told.every((traceparent) => traceparent.startsWith(`00-${TRACE}-`))).toBe(true)
    expect(new Set(told).size).toBe(calls)
  })
})

describe('what spans say', () => {
  test('a refusal: its reason, and no step after it', async () => {
    const { post } = await start()
    expect((await post(toolCall('danger'))).status).toBe(403)
    expect((await post(toolCall('safe'), { authorization: 'Bearer not-a-token' })).status).toBe(401)
    const spans = await ended()
    const refused = only(spans, 'tools/call danger', 'server')
    expect(refused.failed).toBe(true)
    expect(refused.attributes).toMatchObject({
      'error.type': 'scope_missing',
      'portcullis.reason': 'scope_missing',
      'portcullis.decision': 'refused',
      'http.response.status_code': 403,
    })
    expect(only(spans, 'decide', 'internal').failed).toBe(true)
    const unproved = only(spans, 'POST /mcp/a', 'server')
    expect(unproved.attributes).toMatchObject({ 'error.type': 'token_rejected' })
    const below = spans.filter(({ parentId }) => parentId === unproved.spanId)
    expect(below.map(({ name, failed }) => [name, failed])).toEqual([['verify token', true]])
    expect(spans.some(({ kind }) => kind === 'client')).toBe(false)
  })

  test('errors of the server: the code of JSON-RPC, or that the tool failed', async () => {
    const { post, upstream } = await start()
    const answers = [{ error: { code: -32602, message: 'no' } }, { result: { isError: true, content: [] } }]
    for (const answer of answers) {
      upstream.respond = (_request, response) => sendJson(response, 200, { jsonrpc: '2.0', id: 1, ...answer })
      await (await post(toolCall('safe'))).text()
    }
    const servers = (await ended()).filter(({ kind }) => kind === 'server')
    expect(servers.map(({ attributes, failed }) => [attributes['error.type'], failed])).toEqual([
      ['-32602', true],
      ['tool_error', true],
    ])
    expect(servers[0]?.attributes['rpc.response.status_code']).toBe('-32602')
  })

  test('K07 names of spans are of the configuration and of closed lists', async () => {
    const { post } = await start({
      policy: '\n      default: allow\n      rules: [{ name: safe, tools: [safe] }]',
    })
    for (const { body, headers } of [
      legacy('tools/call', { name: 'made-up' }),
      legacy('made/up'),
      legacy('prompts/get', { name: 'made-up' }),
      legacy('resources/read', { uri: 'file:///pub/a?token=SECRET#SECRET' }),
    ])
      await (await post(body, headers)).text()
    const servers = (await ended()).filter(({ kind }) => kind === 'server')
    expect(servers.map(({ name }) => name)).toEqual(['tools/call', '_OTHER', 'prompts/get', 'resources/read'])
    expect(servers[0]?.attributes['gen_ai.tool.name']).toBe('made-up')
    expect(servers[2]?.attributes['gen_ai.prompt.name']).toBe('made-up')
    expect(servers[3]?.attributes['mcp.resource.uri']).toBe('file:///pub/a')
  })

  test('a batch: a span for each message, in the trace of each', async () => {
    const { post } = await start()
    const call = (id: number, meta: object) => ({
      ...toolCall('safe', id),
      params: { name: 'safe', _meta: meta },
    })
    await (await post([call(1, {}), call(2, { traceparent: IN_META })], { traceparent: PARENT })).text()
    const servers = (await ended()).filter(({ kind }) => kind === 'server')
    const told = servers.map(({ traceId, attributes }) => [attributes['jsonrpc.request.id'], traceId])
    expect(told).toEqual([
      ['1', TRACE],
      ['2', OTHER_TRACE],
    ])
  })

  test('K05 of the caller nothing, unless the file asks for it; never a token, an argument or a claim', async () => {
    const { post, token } = await start()
    const body = { ...toolCall('safe'), params: { name: 'safe', arguments: { password: 'ARGUMENT' } } }
    const bearer = token('a', { sub: 'SUBJECT', client_id: 'CLIENT', email: 'CLAIM' })
    await (await post(body, { authorization: `Bearer ${bearer}` })).text()
    await ended()
    const all = Buffer.concat(receiver.requests.map((request) => request.body)).toString('latin1')
    expect(all).toContain('tools/call safe')
    for (const part of ['SUBJECT', 'CLIENT', 'CLAIM', 'ARGUMENT', ...bearer.split('.')])
      expect(all).not.toContain(part)
  })

  test('and what it asks for; a caller has one pseudonym', async () => {
    const asked = await start({ traces: 'identity: [issuer, client, pseudonym, address]' })
    for (const sub of ['ada', 'ada', 'eve']) {
      const authorization = `Bearer ${asked.token('a', { sub })}`
      await (await asked.post(toolCall('safe'), { authorization })).text()
    }
    const servers = (await ended()).filter(({ kind }) => kind === 'server')
    const [ada, again, eve] = servers.map(({ attributes }) => attributes['enduser.pseudo.id'])
    expect(ada).toMatch(/^[0-9a-f]{32}$/)
    expect([again === ada, eve === ada]).toEqual([true, false])
    const told = { 'portcullis.issuer': asked.issuer.url, 'portcullis.client_id': 'client-1' }
    expect(servers[0]?.attributes).toMatchObject({ ...told, 'client.address': '127.0.0.1' })
    expect(servers[0]?.attributes).not.toHaveProperty('enduser.id')
  })

  test('the subject too, where it asks for that', async () => {
    const { post } = await start({ traces: 'identity: [subject]' })
    await (await post(toolCall('safe'))).text()
    expect(only(await ended(), 'tools/call safe', 'server').attributes['enduser.id']).toBe('user-1')
  })
})

test('the receiver gets the headers of the file, at the place of the file', async () => {
  const telemetry = 'headers: { x-key: "${ONE}" }, service_name: edge,'
  const { post } = await start({
    telemetry,
    traces: 'headers: { x-other: "${TWO}" }',
    env: { ONE: '1', TWO: '2' },
  })
  await (await post(toolCall('safe'))).text()
  const [span] = await ended()
  expect(span?.resource['service.name']).toBe('edge')
  expect(receiver.requests[0]).toMatchObject({ url: '/v1/traces', headers: { 'x-key': '1', 'x-other': '2' } })
})
