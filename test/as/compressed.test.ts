// Every outgoing HTTP client against servers whose answers are bombs: half a megabyte of gzip that means gigabytes.
// Each asks for plain answers, refuses one that is not, and holds no more of it than its limit.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createInProcessFetch } from '../../src/as/browser/in-process-fetch.ts'
import { createGuardedFetch } from '../../src/as/engine/guarded-fetch.ts'
import { createFetchClient as createSignInLine } from '../../src/as/sign-in/fetch-client.ts'
import { connect } from '../../src/inspect/client.ts'
import { createProbeClient } from '../../src/inspect/http.ts'
import { connectSse } from '../../src/inspect/sse-client.ts'
import { createHttpClient } from '../../src/lib/bounded-http.ts'
import { startUpstream } from '../support/upstream.ts'
import { startDocumentHost } from './engine/document-host.ts'

/** 480 KB that a decoder makes half a gigabyte of. */
const MEMBER = gzipSync(Buffer.alloc(8 * 1024 * 1024))
const BOMB = Buffer.concat(Array.from({ length: 60 }, () => MEMBER))
/** Beside the bomb itself and what a runtime needs meanwhile; decoded it takes several times as much. */
const MAX_GROWTH = 200 * 1024 * 1024

const asked: (string | undefined)[] = []

function bomb(request: Pick<IncomingMessage, 'headers'>, response: ServerResponse): void {
  asked.push(request.headers['accept-encoding'])
  const wanted = request.headers.accept?.includes('event-stream') ? 'text/event-stream' : 'application/json'
  response.writeHead(200, { 'content-type': wanted, 'content-encoding': 'gzip' })
  Readable.from([BOMB.subarray(0, 30_000), BOMB.subarray(30_000)]).pipe(response)
}

/** How an exchange ended, in words; `ok` for one that was believed. */
type Ending = Promise<string>
const thrown = (work: Promise<unknown>): Ending =>
  work.then(
    () => 'ok',
    (error: unknown) => String(error),
  )
const found = (work: Promise<{ readonly ok: boolean; readonly why?: string }>): Ending =>
  work.then((outcome) => (outcome.ok ? 'ok' : JSON.stringify(outcome)))

const CLIENTS: readonly (readonly [name: string, ask: (url: string) => Ending])[] = [
  [
    'lib/bounded-http: issuers, introspection, verifiers, remote policies',
    async (url) => {
      const httpClient = createHttpClient({ timeoutMs: 5_000 })
      onTestFinished(() => httpClient.close())
      return found(
        httpClient.ask({ url, method: 'GET', headers: { 'accept-encoding': 'gzip' }, maxBytes: 262_144 }),
      )
    },
  ],
  [
    'sign-in/fetch-client: providers, issuers where browsers sign in',
    async (url) => {
      const fetchClient = createSignInLine()
      onTestFinished(() => fetchClient.close())
      return thrown(fetchClient.ask(url, { headers: { 'accept-encoding': 'gzip' } }))
    },
  ],
  [
    'browser/in-process-fetch: the server of this process',
    async (url) => {
      const inProcess = createInProcessFetch(async (request, response) => bomb(request, response))
      onTestFinished(() => inProcess.close())
      return thrown(inProcess.forAddress('192.0.2.1').ask(url, {}))
    },
  ],
  [
    'inspect/http: doctor, inventory',
    async (url) => {
      const http = createProbeClient(undefined)
      onTestFinished(() => http.close())
      return found(http.ask(url, { method: 'GET' }))
    },
  ],
  ['inspect/client: a server of MCP', (url) => found(connect({ url, headers: {} }))],
  ['inspect/sse-client: a stream', (url) => found(connectSse({ url, headers: {} }))],
]

describe('A80: an answer that is compressed although that was not asked for', () => {
  test.each(CLIENTS)('%s', async (_name, ask) => {
    const server = await startUpstream(bomb)
    onTestFinished(() => server.close())
    await expectRefused(() => ask(server.url))
  })

  test('engine/guarded-fetch: documents of clients', async () => {
    const host = await startDocumentHost()
    host.respond = bomb
    const network = createGuardedFetch({ allowPrivateHosts: [host.host], ca: host.cert })
    onTestFinished(async () => {
      await network.close()
      await host.close()
    })
    await expectRefused(() => thrown(network.fetch(host.newId(), new Headers())))
  })
})

async function expectRefused(ask: () => Ending): Promise<void> {
  asked.length = 0
  const before = process.memoryUsage.rss()
  let peak = before
  const watch = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss())
  }, 5)
  const ending = await ask()
  clearInterval(watch)
  peak = Math.max(peak, process.memoryUsage.rss())
  expect(ending).toContain('compressed although that was not asked for')
  expect(asked.length).toBeGreaterThan(0)
  expect(asked.filter((coding) => coding !== 'identity')).toEqual([])
  expect(peak - before).toBeLessThan(MAX_GROWTH)
}
