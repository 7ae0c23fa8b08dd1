// nginx and HAProxy in front, as docs/proxies.md shows them: TLS of a private authority, progress while a call runs, a GET
// stream that stays open, step-up, the address of the caller; and the gateway itself behind that authority's TLS.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { startChild } from './harness/child.ts'
import { type FrontProxy, PROXIES } from './proxies/proxy.ts'
import { type Scene, secondGateway, startScene } from './proxies/scene.ts'
import { open, textOf } from './proxies/wire.ts'
import type { Built, Step } from './world/contract.ts'
import { ada, SCOPE, tokenFor } from './world/gateway.ts'
import { runClient } from './world/process.ts'
import { CLIENTS } from './world/programs.ts'

const MAIN = join(import.meta.dirname, '../../dist/main.js')
const LIMIT_MS = 240_000
const HERE: readonly Step[] = ['connect', 'list', 'call', 'progress', 'step-up']
const clients = CLIENTS.filter(({ language }) => ['TypeScript', 'Go', 'Python'].includes(language))
const usual = getCACertificates('default')

describe.each(PROXIES)('behind $name', (proxy: FrontProxy) => {
  let scene: Scene
  let token: string
  beforeAll(async () => {
    if (proxy.missing !== undefined) return console.warn(`skipped: ${proxy.missing}`)
    scene = await startScene(proxy)
    setDefaultCACertificates([...usual, scene.ca])
    token = await tokenFor(scene.origin, scene.resource)
  }, LIMIT_MS)
  afterAll(async () => {
    setDefaultCACertificates(usual)
    await scene?.close()
  })

  it.for(clients)(
    '$name connects, lists, calls, sees progress and steps up',
    { timeout: LIMIT_MS },
    async (client, { skip }) => {
      if (proxy.missing !== undefined) return skip(proxy.missing)
      const command: Built = await client.build()
      if (typeof command === 'string') return skip(command)
      const steps = HERE.filter((step) => client.cannot?.[step] === undefined)
      const { ca } = scene.authority
      const outcomes = await runClient({
        command,
        env: { ...client.env, NODE_EXTRA_CA_CERTS: ca, SSL_CERT_FILE: ca },
        job: {
          url: scene.resource,
          steps,
          oauth: { clientName: client.name, scope: SCOPE, tokenSeconds: 300 },
        },
        browse: (url) => ada().browse(url),
      })
      expect(Object.fromEntries(outcomes)).toEqual(
        Object.fromEntries(steps.map((step) => [step, { ok: true }])),
      )
    },
  )

  it('progress comes while the call runs', async ({ skip }) => {
    if (proxy.missing !== undefined) return skip(proxy.missing)
    const { headers } = await session(scene, token)
    const call = { name: 'count', arguments: { steps: 3, delay_ms: 700 }, _meta: { progressToken: 'p' } }
    const answer = await post(scene, headers, { id: 2, method: 'tools/call', params: call })
    await answer.ended
    const at = (words: string) => answer.pieces.find(({ text }) => text.includes(words))?.at ?? Number.NaN
    expect(at('counted 3') - at('notifications/progress')).toBeGreaterThan(700)
  })

  it('a GET stream begins at once, and a comment keeps it open', { timeout: LIMIT_MS }, async ({ skip }) => {
    if (proxy.missing !== undefined) return skip(proxy.missing)
    const { headers } = await session(scene, token)
    const from = performance.now()
    const stream = await open(scene.resource, { method: 'GET', ca: scene.ca, headers })
    expect([stream.status, stream.headers['content-type']]).toEqual([200, 'text/event-stream'])
    expect(performance.now() - from).toBeLessThan(10_000)
    const comments = () =>
      textOf(stream)
        .split('\n')
        .filter((line) => line.startsWith(':')).length
    await vi.waitFor(() => expect(comments()).toBeGreaterThan(1), { timeout: 40_000, interval: 500 })
    stream.close()
  })

  it('limits and the audit see the address of the caller, not one that it wrote', async ({ skip }) => {
    if (proxy.missing !== undefined) return skip(proxy.missing)
    const sent = { method: 'POST', ca: scene.ca, localAddress: '127.0.0.2' }
    const answer = await open(scene.resource, {
      ...sent,
      headers: { 'x-forwarded-for': '203.0.113.9' },
      body: {},
    })
    expect(answer.status).toBe(401)
    const challenge = String(answer.headers['www-authenticate'])
    expect(challenge).toContain(`resource_metadata="${scene.origin}/`)
    await vi.waitFor(() => expect(scene.audit().map(({ address }) => address)).toContain('127.0.0.2'))
    expect(scene.audit().map(({ address }) => address)).not.toContain('203.0.113.9')
  })

  it('a client that leaves cancels its call at the server (2026-07-28)', async ({ skip }) => {
    if (proxy.missing !== undefined) return skip(proxy.missing)
    const before = scene.server.cancelled()
    const leaving = new AbortController()
    const call = modernCall(scene, token, leaving.signal)
    await delay(500)
    leaving.abort()
    await expect(call).rejects.toThrow()
    await vi.waitFor(() => expect(scene.server.cancelled()).toBe(before + 1), 10_000)
  })

  it.each([true, false])(
    'the gateway reaches an upstream and an issuer over its TLS: %s, with and without ca',
    { timeout: LIMIT_MS },
    async (withAuthority) => {
      if (proxy.missing !== undefined) return
      const port = await freePort()
      writeFileSync(join(scene.folder, 'second.yaml'), secondGateway(scene, port, withAuthority))
      const args = [MAIN, 'run', '-c', 'second.yaml']
      const second = await startChild({ args, port, cwd: scene.folder })
      try {
        const answer = await fetch(`http://127.0.0.1:${port}/again/mcp`, {
          method: 'POST',
          headers: { ...jsonHeaders, authorization: `Bearer ${token}` },
          body: JSON.stringify(initialize),
        })
        expect([answer.status, second.output()]).toEqual([withAuthority ? 200 : 503, expect.any(String)])
      } finally {
        await second.stop()
      }
    },
  )
})

const jsonHeaders = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' }
const initialize = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'wire', version: '1' } },
}

async function session(scene: Scene, token: string) {
  const first = { ...jsonHeaders, authorization: `Bearer ${token}` }
  const begun = await open(scene.resource, { method: 'POST', ca: scene.ca, headers: first, body: initialize })
  await begun.ended
  expect(begun.status, textOf(begun)).toBe(200)
  const id = String(begun.headers['mcp-session-id'])
  const headers = { ...first, 'mcp-session-id': id, 'mcp-protocol-version': '2025-11-25' }
  await (await post(scene, headers, { method: 'notifications/initialized' })).ended
  return { headers }
}

function post(
  scene: Scene,
  headers: Readonly<Record<string, string>>,
  message: object,
  signal?: AbortSignal,
) {
  const body = { jsonrpc: '2.0', ...message }
  return open(scene.resource, { method: 'POST', ca: scene.ca, headers, body, ...(signal && { signal }) })
}

/** `wait` of 20 seconds. */
function modernCall(scene: Scene, token: string, signal: AbortSignal) {
  const [version, name] = ['2026-07-28', 'wait']
  const meta = {
    'io.modelcontextprotocol/protocolVersion': version,
    'io.modelcontextprotocol/clientInfo': { name: 'wire', version: '1' },
    'io.modelcontextprotocol/clientCapabilities': {},
  }
  const headers = {
    ...jsonHeaders,
    authorization: `Bearer ${token}`,
    'mcp-protocol-version': version,
    'mcp-method': 'tools/call',
    'mcp-name': name,
  }
  const params = { name, arguments: { ms: 20_000 }, _meta: meta }
  return post(scene, headers, { id: 9, method: 'tools/call', params }, signal)
}
