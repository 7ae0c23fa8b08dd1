// Two people whose clients share one cache (client 2.4, server 2.4): what one of them was told is shown to nobody else, and
// to nobody once the token has ended, whatever the server says of caching.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  Client,
  InMemoryResponseCacheStore,
  StreamableHTTPClientTransport,
} from '@modelcontextprotocol/client'
import { type NodeIncomingMessageLike, toNodeHandler } from '@modelcontextprotocol/node'
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server'
import { afterEach, describe, expect, test } from 'vitest'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

const HINT = { ttlMs: 86_400_000, cacheScope: 'public' } as const
const CACHEABLE = [
  ...(['tools/list', 'prompts/list', 'resources/list', 'resources/templates/list'] as const),
  ...(['resources/read', 'server/discover'] as const),
]

/** A server that calls all it says public, and counts how often the resource is read. */
async function startSharing(responseMode: 'json' | 'sse', bytes: number) {
  let reads = 0
  const handler = createMcpHandler(
    () => {
      const cacheHints = Object.fromEntries(CACHEABLE.map((method) => [method, HINT]))
      const server = new McpServer(
        { name: 'shared', version: '1' },
        { cacheHints, instructions: 'i'.repeat(bytes) },
      )
      server.registerTool('safe', { description: 'x'.repeat(bytes) }, () => ({ content: [] }))
      server.registerResource('r', 'file:///pub/a', {}, () => {
        reads += 1
        return { contents: [{ uri: 'file:///pub/a', text: 'y'.repeat(bytes) }] }
      })
      return server
    },
    { legacy: 'reject', responseMode },
  )
  const serve = toNodeHandler(handler)
  const server = createServer((request, response) => {
    response.setHeader('cache-control', 'public, max-age=3600')
    response.setHeader('etag', '"1"')
    return serve(request as NodeIncomingMessageLike, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closers.push(() => server.close())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, reads: () => reads }
}

const POLICY = `
      listing: all
      rules:
        - { tools: ['*'] }
        - { resources: ['file:///pub/**'], scopes: [b] }`

async function open(gateway: TestGateway, store: InMemoryResponseCacheStore, who: string, scope: string) {
  const client = new Client(
    { name: 'test', version: '1' },
    { versionNegotiation: { mode: 'auto' }, responseCacheStore: store, cachePartition: who },
  )
  const token = gateway.token(scope, { sub: who })
  const requestInit = { headers: { authorization: `Bearer ${token}` } }
  await client.connect(new StreamableHTTPClientTransport(new URL(gateway.resource), { requestInit }))
  closers.push(() => client.close())
  return client
}

describe.each([
  ['json', 10],
  ['json', 200_000],
  ['sse', 10],
  ['sse', 200_000],
] as const)('L80 answers by %s of %d bytes that the server calls public', (mode, bytes) => {
  test('stay with the person who asked, and end with the token', async () => {
    const sharing = await startSharing(mode, bytes)
    const gateway = await startTestGateway({ policy: POLICY, upstreamUrl: sharing.url })
    closers.push(() => gateway.close())
    const store = new InMemoryResponseCacheStore()
    const kept: { method: string; scope: string | undefined; left: number }[] = []
    const set = store.set.bind(store)
    store.set = (key, entry) => {
      kept.push({ method: key.method, scope: entry.scope, left: (entry.expiresAt ?? 0) - Date.now() })
      return set(key, entry)
    }
    const ada = await open(gateway, store, 'ada', 'a b')
    await ada.listTools()
    await ada.listResources()
    await ada.readResource({ uri: 'file:///pub/a' })
    await ada.readResource({ uri: 'file:///pub/a' })
    expect(sharing.reads()).toBe(1) // her own client still keeps it
    const bob = await open(gateway, store, 'bob', 'a')
    await expect(bob.readResource({ uri: 'file:///pub/a' })).rejects.toThrow()
    expect(kept.map(({ method }) => method)).toContain('resources/read')
    expect(kept.map(({ scope }) => scope)).not.toContain('public')
    expect(Math.max(...kept.map(({ left }) => left))).toBeLessThanOrEqual(600_000)
  })
})

test('L80 no cache on the way keeps an answer, or asks whether it is the same', async () => {
  const sharing = await startSharing('json', 10)
  const gateway = await startTestGateway({ policy: POLICY, upstreamUrl: sharing.url })
  closers.push(() => gateway.close())
  const told: (string | null)[][] = []
  const watching: typeof fetch = async (input, init) => {
    const response = await fetch(input, init)
    told.push([response.headers.get('cache-control'), response.headers.get('etag')])
    return response
  }
  const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode: 'auto' } })
  const requestInit = { headers: { authorization: `Bearer ${gateway.token('a b')}` } }
  const url = new URL(gateway.resource)
  await client.connect(new StreamableHTTPClientTransport(url, { requestInit, fetch: watching }))
  await client.readResource({ uri: 'file:///pub/a' })
  await client.close()
  expect(told.length).toBeGreaterThan(1)
  for (const each of told) expect(each).toEqual(['no-store', null])
})
