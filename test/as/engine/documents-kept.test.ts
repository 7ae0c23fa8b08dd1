// How long a metadata document is believed, and that nothing of it outlives that.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { type DocumentHost, documentOf, sendDocument, startDocumentHost, trusting } from './document-host.ts'
import { asked } from './request-context.ts'
import { ask, createScene, pkce, REDIRECT, type Scene } from './scene.ts'
import { later } from './steps.ts'

let documents: DocumentHost
let scene: Scene
let id: string

beforeAll(async () => {
  documents = await startDocumentHost()
  scene = await createScene({ registration: { clientIdMetadata: trusting(documents) } })
})
beforeEach(() => {
  later(61) // each test has an allowance of its own
  documents.asked.length = 0
  id = documents.newId()
})
afterEach(() => void vi.useRealTimers())
afterAll(async () => {
  await scene.stop()
  await documents.close()
})

const { challenge } = pkce()
const NEXT = 'https://c.example/next'

function publish(
  headers: Readonly<Record<string, string>>,
  uris: readonly string[] = [REDIRECT, NEXT],
): void {
  const changes = { redirect_uris: uris }
  documents.respond = (request, response) => {
    const of = `https://${documents.host}${request.url}`
    sendDocument(response, documentOf(of, changes), headers)
  }
}

async function goes(uri = REDIRECT, clientId = id, address = '127.0.0.1'): Promise<boolean> {
  const query = new URLSearchParams(asked(clientId, challenge, { redirect_uri: uri }))
  const answer = await ask(`${scene.origin}/authorize?${query}`, { headers: { 'x-test-address': address } })
  return answer.status === 303
}

const fetches = () => documents.asked.length

describe('A32, CIM-04: what was right is kept', () => {
  test.each([
    ['as long as it says', 'max-age=300', 299, 301],
    ['a minute at least', 'max-age=0', 59, 61],
    ['a minute, when it says no-store', 'no-store', 59, 61],
    ['a minute, when it says nothing', '', 59, 61],
    ['a day at most, when it says ten years', 'max-age=315360000', 86_399, 86_401],
  ])('A32: %s', async (_what, cacheControl, within, after) => {
    publish({ 'cache-control': cacheControl })
    const begun = Date.now()
    const at = (seconds: number) => later(seconds - (Date.now() - begun) / 1_000)
    expect([await goes(), fetches()]).toEqual([true, 1])
    at(within - 5)
    expect([await goes(), fetches()]).toEqual([true, 1])
    at(after + 5)
    expect([await goes(), fetches()]).toEqual([true, 2])
  })

  test('A32: many who ask at once make one fetch', async () => {
    publish({})
    expect(new Set(await Promise.all(Array.from({ length: 20 }, () => goes())))).toEqual(new Set([true]))
    expect(fetches()).toBe(1)
  })
})

describe('A66: a document that fails is asked for once', () => {
  test.each<readonly [string, typeof documents.respond]>([
    ['not there', (_request, response) => response.writeHead(404).end()],
    ['no JSON', (_request, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('x')],
    ['of somebody else', (_request, response) => sendDocument(response, documentOf('https://x.example/y'))],
    [
      'without an address',
      (_request, response) => sendDocument(response, documentOf(id, { redirect_uris: [] })),
    ],
  ])('A66: %s', async (_what, respond) => {
    documents.respond = respond
    expect([await goes(), fetches()]).toEqual([false, 1])
    expect([await goes(), fetches()]).toEqual([false, 2])
  })
})

describe('A32, CIM-04: what was wrong is not kept, nor believed because it was right before', () => {
  test('A32: an error, and then a document', async () => {
    documents.respond = (_request, response) => response.writeHead(500).end()
    expect(await goes()).toBe(false)
    publish({})
    const before = fetches()
    expect([await goes(), fetches()]).toEqual([true, before + 1])
  })

  test.each([
    ['an error', 500],
    ['304, as if we had asked with a validator', 304],
    ['a redirect', 302],
    ['nothing', 204],
  ])('A32: after its time %s ends the client', async (_what, status) => {
    publish({ 'cache-control': 'max-age=60' })
    expect(await goes()).toBe(true)
    later(66)
    documents.respond = (_request, response) => response.writeHead(status, { location: '/x' }).end()
    expect(await goes()).toBe(false)
    expect(fetches()).toBeGreaterThan(1)
  })

  test('A32: a redirect address that was taken out is out, and one that was put in is in', async () => {
    publish({ 'cache-control': 'max-age=60' }, [REDIRECT])
    expect([await goes(REDIRECT), await goes(NEXT)]).toEqual([true, false])
    publish({ 'cache-control': 'max-age=60' }, [NEXT])
    later(66)
    expect([await goes(REDIRECT), await goes(NEXT)]).toEqual([false, true])
  })
})

describe('A32: many clients', () => {
  test('A32: one address makes us fetch sixty a minute, and another one is not held up', async () => {
    publish({ 'cache-control': 'no-store' })
    const went: boolean[] = []
    for (let count = 0; count < 70; count += 1)
      went.push(await goes(REDIRECT, documents.newId(), '192.0.2.1'))
    expect([went.filter(Boolean).length, fetches()]).toEqual([60, 60])
    expect(await goes(REDIRECT, documents.newId(), '192.0.2.2')).toBe(true)
    later(66)
    expect(await goes(REDIRECT, documents.newId(), '192.0.2.1')).toBe(true)
  })

  test('A32: what is kept has a bound: the longest unused is forgotten', async () => {
    publish({ 'cache-control': 'max-age=86400' })
    expect(await goes()).toBe(true)
    const fetched = fetches()
    expect([await goes(), fetches()]).toEqual([true, fetched])
    const others = Array.from({ length: 220 }, () => documents.newId())
    for (const [index, other] of others.entries())
      expect(await goes(REDIRECT, other, `192.0.2.${index}`)).toBe(true)
    expect([await goes(), fetches()]).toEqual([true, fetched + others.length + 1])
  })
})

test.each([201, 204, 301, 302, 303, 304, 307, 308, 404, 500])(
  'A29, CIM-04: status %i is no document, and leads nowhere',
  async (status) => {
    documents.respond = (_request, response) => {
      const headers = { location: `https://${documents.host}/inside`, 'content-type': 'application/json' }
      response.writeHead(status, headers).end()
    }
    expect(await goes()).toBe(false)
    expect(new Set(documents.asked)).toEqual(new Set([new URL(id).pathname]))
  },
)
