// Other people's servers behind the gateway: every official client sees what it sees without it, and nobody sees
// anything without a token.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Running } from './harness/child.ts'
import { type RunningGateway, SCOPE, startGateway } from './harness/gateway.ts'
import { type RealServer, SERVERS, startServer, type ToolCall } from './harness/servers.ts'
import { CLIENT_KINDS, type ClientKind, openSession } from './harness/session.ts'

describe.each(SERVERS)('$name', (server) => {
  let upstream: Running & { readonly url: string }
  let gateway: RunningGateway
  let scratch: string
  let url: string
  let token: string

  beforeAll(async () => {
    scratch = await mkdtemp(join(tmpdir(), 'portcullis-upstream-'))
    upstream = await startServer(server, scratch)
    const { name, transport } = server
    // The second route allows one tool only.
    const onlyOne = { name: `${name}-one`, url: upstream.url, transport, rules: [oneTool(server)] }
    gateway = await startGateway([{ name, url: upstream.url, transport }, onlyOne])
    url = gateway.url(name)
    token = await gateway.token(name)
  })

  afterAll(async () => {
    await gateway?.stop()
    await upstream?.stop()
    await rm(scratch, { recursive: true, force: true })
  })

  it.each(kindsFor(server))('%s lists the same tools as without the gateway', async (kind) => {
    const direct = await visit(kind, upstream.url, undefined)
    const through = await visit(kind, url, token)
    expect(through.tools).toContain(server.tool)
    expect(through.tools).toEqual(direct.tools)
  })

  it.each(kindsFor(server))('SCP: %s sees only what its rule allows', async (kind) => {
    const name = `${server.name}-one`
    const { tools } = await visit(kind, gateway.url(name), await gateway.token(name))
    expect(tools).toEqual([server.tool])
  })

  it.for(kindsFor(server))('%s calls a tool', async (kind, { skip }) => {
    const { call } = server
    if (typeof call === 'string') return skip(call)
    const { answer } = await visit(kind, url, token, call)
    expect(answer).toContain(call.holds)
  })

  it('R1: without a token the answer is our challenge, never the upstream', async () => {
    const reply = await fetch(url, firstRequest(server))
    expect(reply.status).toBe(401)
    const challenge = reply.headers.get('www-authenticate') ?? ''
    expect(challenge).toContain(
      `resource_metadata="${new URL(url).origin}/.well-known/oauth-protected-resource`,
    )
    expect(challenge).toContain(`scope="${SCOPE}"`)
  })

  it('L34, L35: no challenge and no CORS header of the upstream comes through', async () => {
    const { headers, ...rest } = firstRequest(server)
    const reply = await fetch(url, { ...rest, headers: { ...headers, authorization: `Bearer ${token}` } })
    await reply.body?.cancel()
    expect(reply.headers.get('www-authenticate')).toBeNull()
    expect(reply.headers.get('access-control-allow-origin')).toBeNull()
  })
})

const LIST = {
  method: 'POST',
  headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
  body: '{"jsonrpc":"2.0","id":1,"method":"tools/list"}',
}

/** What a client of this transport sends first, as far as it matters here. */
function firstRequest({ transport }: RealServer) {
  return transport === 'sse' ? { headers: { accept: 'text/event-stream' } } : LIST
}

function kindsFor({ transport }: RealServer): readonly ClientKind[] {
  return transport === 'sse' ? ['client 1.x over SSE'] : CLIENT_KINDS
}

function oneTool({ tool }: RealServer): object {
  return { name: 'one', tools: [tool], scopes: [SCOPE] }
}

async function visit(kind: ClientKind, url: string, token: string | undefined, call?: ToolCall) {
  const session = await openSession(kind, url, token)
  try {
    const tools = await session.tools()
    return { tools, answer: call && (await session.call(call.tool, call.args)) }
  } finally {
    await session.close()
  }
}
