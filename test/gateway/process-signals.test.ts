// The process and its signals: SIGTERM drains, SIGHUP reloads, and neither loses an answer.
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { DEFAULT_POLICY, gatewayYaml, type YamlParts } from '../support/gateway.ts'
import { startIssuer, type TestIssuer } from '../support/issuer.ts'
import { callOf, modern, type Sendable } from '../support/messages.ts'
import { type GatewayProcess, startProcess } from '../support/process.ts'
import { type Held, holdRequests, openStream, startEvents, startRequest } from '../support/stream.ts'
import { startUpstream, type TestUpstream } from '../support/upstream.ts'

let issuer: TestIssuer
let upstream: TestUpstream
let gateway: GatewayProcess
let origin: string
let next: () => Promise<Held>

beforeEach(async () => {
  issuer = await startIssuer()
  upstream = await startUpstream()
  next = holdRequests(upstream)
  origin = `http://127.0.0.1:${await freePort()}`
})
afterEach(async () => {
  await gateway.kill()
  await upstream.close()
  await issuer.close()
})

function yaml(policy = DEFAULT_POLICY, more: Pick<YamlParts, 'top' | 'admin'> = {}): string {
  const urls = { origin, issuerUrl: issuer.url, upstreamUrl: upstream.url }
  return gatewayYaml({ ...urls, auditFile: 'stdout', policy, ...more })
}

function bearer() {
  const now = Math.floor(Date.now() / 1_000)
  const claims = { iss: issuer.url, aud: `${origin}/mcp/a`, sub: 'user-1', client_id: 'c', scope: 'a' }
  return { authorization: `Bearer ${issuer.sign({ ...claims, iat: now, exp: now + 600 })}` }
}

function post({ body, headers }: Sendable) {
  return { method: 'POST', body, headers: { ...headers, ...bearer() } } as const
}

const open = (sent: Sendable) => openStream(`${origin}/mcp/a`, post(sent))
const status = async () => {
  const stream = await open(callOf('legacy'))
  await stream.ended
  return stream.status
}

const ANSWER = 'data: {"jsonrpc":"2.0","id":1,"result":{}}\n\n'

describe('D21 STR-07 SIGTERM', () => {
  test('calls finish, long streams end in order, new connections are refused, exit code 0', async () => {
    gateway = await startProcess({ yaml: yaml() })
    const opening = [
      open(callOf('modern')),
      openStream(`${origin}/mcp/a`, { headers: bearer() }),
      open(modern('subscriptions/listen', { notifications: { toolsListChanged: true } }, { id: 9 })),
    ]
    const held = [await next(), await next(), await next()]
    for (const { response } of held) startEvents(response, ': open\n\n')
    const [call, get, listen] = await Promise.all(opening)
    await Promise.all([call?.until('open'), get?.until('open'), listen?.until('open')])

    gateway.child.kill('SIGTERM')
    expect(await get?.ended).toBe('whole')
    expect(await listen?.ended).toBe('whole')
    expect(listen?.text()).toMatch(/"id":9,"result":\{"resultType":"complete"/)
    await expect(openStream(`${origin}/mcp/a`)).rejects.toThrow('ECONNREFUSED')

    const working = held.find(({ request }) => request.body.includes('tools/call'))
    working?.response.end(ANSWER)
    expect(await call?.ended).toBe('whole')
    expect(call?.text()).toBe(`: open\n\n${ANSWER}`)
    expect(await gateway.ended).toBe(0)
  })

  // Less than the drain, after which every connection is closed.
  test('a connection that is kept alive does not hold the stop', { timeout: 25_000 }, async () => {
    gateway = await startProcess({ yaml: yaml() })
    const agent = new Agent({ keepAlive: true })
    const headers = { 'content-type': 'application/json', ...bearer() }
    const body = JSON.stringify(callOf('legacy').body)
    const sent = request(`${origin}/mcp/a`, { method: 'POST', headers, agent }).end(body)
    const { response } = await next()
    gateway.child.kill('SIGTERM')
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end('{"jsonrpc":"2.0","id":1,"result":{}}')
    const [answer] = await once(sent, 'response')
    answer.resume()
    expect(answer.statusCode).toBe(200)
    expect(await gateway.ended).toBe(0)
    agent.destroy()
  })

  test('a call whose client left long ago does not keep the process', async () => {
    gateway = await startProcess({ yaml: yaml() })
    const client = startRequest(`${origin}/mcp/a`, post(callOf('legacy')))
    const held = await next()
    client.leave()
    gateway.child.kill('SIGTERM')
    expect(await gateway.ended).toBe(0)
    await held.closed
  })
})

describe('SIGHUP', () => {
  const NOTHING = '\n      rules:\n        - { name: other, tools: [other], scopes: [a] }'

  test('the new file decides from the next request on; an open stream stays', async () => {
    gateway = await startProcess({ yaml: yaml() })
    const opening = openStream(`${origin}/mcp/a`, { headers: bearer() })
    const held = await next()
    startEvents(held.response, ': open\n\n')
    const stream = await opening
    await stream.until('open')
    gateway.rewrite(yaml(NOTHING))
    gateway.child.kill('SIGHUP')
    await gateway.said('"event":"reloaded"')
    expect(await status()).toBe(403)
    held.response.end('data: 1\n\n')
    expect(await stream.ended).toBe('whole')
    expect(stream.text()).toContain('data: 1')
  })

  test('F07 a broken file is told about and changes nothing', async () => {
    gateway = await startProcess({ yaml: yaml() })
    gateway.rewrite(`${yaml(NOTHING)}nonsense: true\n`)
    gateway.child.kill('SIGHUP')
    await gateway.said('"event":"reload_refused"')
    expect(gateway.log()).toContain('nonsense')
    upstream.respond = (_request, response) => response.writeHead(202).end()
    expect(await status()).toBe(202)
    gateway.rewrite(yaml(NOTHING))
    gateway.child.kill('SIGHUP')
    await gateway.said('"event":"reloaded"')
    expect(await status()).toBe(403)
  })
})

describe('F06 F17 standard output', () => {
  test('closed: the gateway serves on', async () => {
    gateway = await startProcess({ yaml: yaml(), stdout: 'pipe' })
    gateway.child.stdout?.destroy()
    upstream.respond = (_request, response) => response.writeHead(202).end()
    for (let i = 0; i < 40; i += 1) expect(await status()).toBe(202)
    gateway.child.kill('SIGTERM')
    expect(await gateway.ended).toBe(0)
  })

  test('never read: the gateway serves on, and still stops', async () => {
    gateway = await startProcess({ yaml: yaml(), stdout: 'pipe' })
    upstream.respond = (_request, response) => response.writeHead(202).end()
    for (let i = 0; i < 300; i += 1) expect(await status()).toBe(202)
    gateway.child.kill('SIGTERM')
    expect(await gateway.ended).toBe(0)
  })
})

test('D-01 D-02 D-11: what is looser than the default is said at every start', async () => {
  const loose = `
      default: allow
      denial: in_band
      challenge: in_band
      anonymous: [tools/list]`
  gateway = await startProcess({ yaml: yaml(loose) })
  await gateway.said('looser than the default')
  const line = gateway
    .log()
    .split('\n')
    .find((text) => text.includes('"event":"loose"'))
  expect(JSON.parse(line ?? '{}')).toMatchObject({
    route: 'a',
    choices: [
      'policy.anonymous',
      'policy.default: allow',
      'policy.denial: in_band',
      'policy.challenge: in_band',
    ],
  })
})
