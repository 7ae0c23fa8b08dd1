// D1: the inventory of a server of either era, in JSON and in events, through pages and sessions, and of servers that
// never come to an end.
import { afterEach, describe, expect, test } from 'vitest'
import { connect } from '../../src/inspect/client.ts'
import { takeInventory } from '../../src/inspect/inventory.ts'
import type { TestUpstream } from '../support/upstream.ts'
import { type Script, startScripted } from './scripted-server.ts'

let server: TestUpstream | undefined

afterEach(async () => {
  await server?.close()
  server = undefined
})

async function take(script: Script, headers: Readonly<Record<string, string>> = {}) {
  server = await startScripted(script)
  const client = await connect({ url: server.url, headers })
  if (!client.ok) return client
  const taken = await takeInventory(client.value)
  await client.value.close()
  return taken.ok ? { ...taken.value, era: client.value.era } : taken
}

const PAGES = [[{ name: 'a' }, { name: 'b' }], [{ name: 'c' }], [], [{ name: 'd' }]]
const NAMES = ['a', 'b', 'c', 'd']

describe.each(['modern', 'legacy'] as const)('D1: a %s server', (era) => {
  test.each(['json', 'sse'] as const)('lists four pages in %s', async (form) => {
    const taken = await take({ era, form, pages: PAGES })
    expect(taken).toMatchObject({ era, server: { name: 'scripted', version: '3' } })
    expect('tools' in taken && taken.tools.map((tool) => tool['name'])).toEqual(NAMES)
  })

  test('wants a credential', async () => {
    expect(await take({ era, token: 't' })).toMatchObject({ ok: false, problem: /credential/ as never })
    await server?.close()
    expect(await take({ era, token: 't', pages: PAGES }, { authorization: 'Bearer t' })).toMatchObject({
      era,
    })
  })

  test('names a cursor again', async () => {
    const taken = await take({ era, pages: [[{ name: 'a' }]], cursor: '0' })
    expect(taken).toMatchObject({ problem: expect.stringContaining('goes round in a circle') })
  })

  test('has more than 100 pages', async () => {
    const pages = Array.from({ length: 102 }, (_, page) => [{ name: `t${page}` }])
    expect(await take({ era, pages })).toMatchObject({ problem: 'tools/list has more than 100 pages' })
  })

  test('lists more than 10,000 tools', async () => {
    const pages = [Array.from({ length: 10_001 }, (_, at) => ({ name: `t${at}` }))]
    expect(await take({ era, pages })).toMatchObject({ problem: 'tools/list lists more than 10000 items' })
  })

  test('declares resources and does not know them: none; is not asked for what it does not declare', async () => {
    const taken = await take({ era, capabilities: { resources: {} }, pages: PAGES })
    expect(taken).toMatchObject({ tools: [], resources: [], templates: [] })
    const methods = server?.received.map(({ body }) => body.toString()).join('\n') ?? ''
    expect(methods).toContain('resources/templates/list')
    expect(methods).not.toContain('tools/list')
  })
})

test('a session is carried, and ended', async () => {
  await take({ session: 's-1', pages: PAGES })
  const last = server?.received.at(-1)
  expect(last?.method).toBe('DELETE')
  expect(last?.headers['mcp-session-id']).toBe('s-1')
  expect(last?.headers['mcp-protocol-version']).toBe('2025-06-18')
})

test('a server that is not there is a sentence', async () => {
  const client = await connect({ url: 'http://127.0.0.1:9/mcp', headers: {} })
  expect(client).toEqual({ ok: false, problem: 'http://127.0.0.1:9 cannot be asked: ECONNREFUSED' })
})

test('a redirect is not followed: the credential stays where it was sent', async () => {
  server = await startScripted({})
  const target = server
  const away = await startScripted({})
  away.respond = (_request, response) => response.writeHead(307, { location: target.url }).end()
  const client = await connect({ url: away.url, headers: { authorization: 'Bearer secret' } })
  await away.close()
  expect(client.ok).toBe(false)
  expect(target.received).toEqual([])
})
