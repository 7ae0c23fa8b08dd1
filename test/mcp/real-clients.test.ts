// What the official clients send is read without a refusal, and the official server's lists come out filtered.
import {
  Client as ClientV2,
  StreamableHTTPClientTransport as TransportV2,
} from '@modelcontextprotocol/client'
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server'
import { expect, test } from 'vitest'
import type { Message } from '../../src/core/call.ts'
import { createEventSplitter, withData } from '../../src/mcp/events.ts'
import { filterListing, type ListingFilter } from '../../src/mcp/listing.ts'
import { readMessage } from '../../src/mcp/message.ts'

const URL_OF_SERVER = new URL('http://mcp.test/mcp')
const ODD_NAME = 'prüfen '
const filter: ListingFilter = { shows: (_, name) => name !== 'danger', maxTtlMs: 1000 }

function serve(): { fetch: (request: Request) => Promise<Response> } {
  return createMcpHandler(() => {
    const server = new McpServer({ name: 'test', version: '1' })
    for (const name of ['safe', 'danger']) {
      server.registerTool(name, { description: name }, async () => ({
        content: [{ type: 'text', text: name }],
      }))
    }
    server.registerPrompt(ODD_NAME, {}, async () => ({ messages: [] }))
    server.registerResource('r', 'file:///safe', {}, async () => ({ contents: [] }))
    return server
  })
}

/** A fetch that does to each exchange what the gateway would, and keeps what it read. */
function through(seen: Message[]): typeof fetch {
  const server = serve()
  return async (input, init) => {
    const request = new Request(input, init)
    if (request.method !== 'POST') return server.fetch(request)
    const body = Buffer.from(await request.clone().arrayBuffer())
    const valuesOf = (name: string) => [request.headers.get(name)].filter((value) => value !== null)
    const message = readMessage(body, {
      version: valuesOf('mcp-protocol-version'),
      method: valuesOf('mcp-method'),
      name: valuesOf('mcp-name'),
    })
    if (!message.ok) throw new Error(JSON.stringify(message.refusal))
    seen.push(message.value)
    return filtered(await server.fetch(request))
  }
}

async function filtered(response: Response): Promise<Response> {
  const body = Buffer.from(await response.arrayBuffer())
  if (body.length === 0) return new Response(null, response)
  if (!response.headers.get('content-type')?.startsWith('text/event-stream')) {
    return new Response(new Uint8Array(filterListing(body, filter) ?? []), response)
  }
  const events = createEventSplitter({ maxEventBytes: 1 << 20 }).push(body) ?? []
  const bytes = events.map((event) => {
    const data = event.data && filterListing(event.data, filter)
    return data === undefined ? event.bytes : withData(event, data)
  })
  return new Response(new Uint8Array(Buffer.concat(bytes)), response)
}

interface Session {
  readonly listTools: () => Promise<{ tools: { name: string }[] }>
  readonly callTool: (params: { name: string }) => Promise<unknown>
  readonly getPrompt: (params: { name: string }) => Promise<unknown>
  readonly readResource: (params: { uri: string }) => Promise<unknown>
}

async function walk(session: Session): Promise<void> {
  const { tools } = await session.listTools()
  expect(tools.map(({ name }) => name)).toEqual(['safe'])
  expect(await session.callTool({ name: 'safe' })).toMatchObject({ content: [{ text: 'safe' }] })
  await session.getPrompt({ name: ODD_NAME })
  await session.readResource({ uri: 'file:///safe' })
}

function targetsOf(seen: readonly Message[]): unknown[] {
  return seen.flatMap(({ calls }) => calls.flatMap(({ targets }) => targets))
}

const TARGETS = [
  { kind: 'tool', name: 'safe' },
  { kind: 'prompt', name: ODD_NAME },
  { kind: 'resource', name: 'file:///safe' },
]

test('ERA-01 the v2 client opens with server/discover and stays modern', async () => {
  const seen: Message[] = []
  const client = new ClientV2({ name: 't', version: '1' }, { versionNegotiation: { mode: 'auto' } })
  await client.connect(new TransportV2(URL_OF_SERVER, { fetch: through(seen) }))
  await walk(client)
  await client.close()
  expect(seen[0]?.calls[0]?.method).toBe('server/discover')
  expect(new Set(seen.map(({ era, version }) => `${era} ${version}`))).toEqual(new Set(['modern 2026-07-28']))
  expect(targetsOf(seen)).toEqual(TARGETS)
})

test('ERA-01 the v2 client without negotiation is legacy', async () => {
  const seen: Message[] = []
  const client = new ClientV2({ name: 't', version: '1' })
  await client.connect(new TransportV2(URL_OF_SERVER, { fetch: through(seen) }))
  await walk(client)
  await client.close()
  expect(new Set(seen.map(({ era }) => era))).toEqual(new Set(['legacy']))
  expect(targetsOf(seen)).toEqual(TARGETS)
})

test('ERA-01 the v1 client opens with initialize and names its version after it', async () => {
  const seen: Message[] = []
  const client = new ClientV1({ name: 't', version: '1' })
  const transport = new TransportV1(URL_OF_SERVER, { fetch: through(seen) })
  await client.connect(transport as Parameters<typeof client.connect>[0])
  await walk(client as Session)
  await client.close()
  expect(seen[0]).toMatchObject({ era: 'legacy', version: undefined, calls: [{ method: 'initialize' }] })
  expect(seen.at(-1)).toMatchObject({ era: 'legacy', version: '2025-11-25' })
  expect(targetsOf(seen)).toEqual(TARGETS)
})
