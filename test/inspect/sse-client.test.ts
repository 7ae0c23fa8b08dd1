// The inventory of a server of 2024-11-05: a real one over HTTP+SSE, and streams that mislead.
import { spawn } from 'node:child_process'
import { afterEach, describe, expect, test } from 'vitest'
import { takeInventory } from '../../src/inspect/inventory.ts'
import { connectSse } from '../../src/inspect/sse-client.ts'
import { freePort } from '../support/free-port.ts'
import { endChild, said } from '../support/said.ts'
import { sendEvents, startUpstream, type TestUpstream } from '../support/upstream.ts'

const EVERYTHING = new URL(
  '../../node_modules/@modelcontextprotocol/server-everything/dist/index.js',
  import.meta.url,
).pathname

const closing: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

async function openStream(events: readonly string[]): Promise<TestUpstream> {
  const server = await startUpstream((_request, response) => sendEvents(response, events))
  closing.push(() => server.close())
  return server
}

test('SSE-01: everything that a real server lists, page by page', async () => {
  const port = await freePort()
  const env = { ...process.env, PORT: String(port) }
  const child = spawn(process.execPath, [EVERYTHING, 'sse'], { env, stdio: ['ignore', 'ignore', 'pipe'] })
  closing.push(() => endChild(child))
  await said(child, String(port))
  const client = await connectSse({ url: `http://127.0.0.1:${port}/sse`, headers: {} })
  if (!client.ok) throw new Error(client.problem)
  const taken = await takeInventory(client.value)
  await client.value.close()
  expect(taken.ok && taken.value.tools.map(({ name }) => name)).toContain('echo')
  expect(taken.ok && taken.value.templates.length).toBeGreaterThan(0)
})

describe('a stream that misleads is a sentence', () => {
  const cases: readonly (readonly [string, readonly string[], string])[] = [
    [
      'M63: an endpoint of another origin',
      ['event: endpoint\ndata: http://127.0.0.1:9/m\n\n'],
      'of another origin',
    ],
    ['it ends without an endpoint', [': hello\n\n'], 'names no endpoint'],
    ['it ends before it answers', ['event: endpoint\ndata: /messages\n\n'], 'initialize was not answered'],
  ]
  test.each(cases)('%s', async (_what, events, words) => {
    const server = await openStream(events)
    const client = await connectSse({ url: server.url, headers: { authorization: 'Bearer t' } })
    expect(client).toMatchObject({ ok: false, problem: expect.stringContaining(words) })
  })

  test('nobody is there', async () => {
    expect(await connectSse({ url: 'http://127.0.0.1:9/sse', headers: {} })).toMatchObject({ ok: false })
  })
})
