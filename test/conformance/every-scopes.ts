// Scopes, step-up challenges and filtered lists, in every revision.
import { expect, test } from 'vitest'
import { sendJson } from '../support/upstream.ts'
import { ask, type Revision } from './revision.ts'
import type { Scene } from './scene.ts'

const TOOLS = ['danger', 'safe', 'other', 'forbidden'].map((name) => ({
  name,
  inputSchema: { type: 'object' },
}))

function listing(scene: Scene, result: object) {
  scene.gateway.upstream.respond = (_request, response) =>
    sendJson(response, 200, { jsonrpc: '2.0', id: 1, result })
}

function list(scene: Scene, revision: Revision, scope = 'a') {
  return ask(scene.gateway, revision.request('tools/list'), { authorization: scene.bearer(scope) })
}

function namesIn(text: string): string[] {
  return (JSON.parse(text) as { result: { tools: { name: string }[] } }).result.tools.map(({ name }) => name)
}

export function describeScopes(revision: Revision, at: () => Scene): void {
  test('SCP-01 SCP-11 a list shows what may be called, in the upstream’s order', async () => {
    listing(at(), { tools: TOOLS })
    expect(namesIn((await list(at(), revision)).text)).toEqual(['safe'])
    expect(namesIn((await list(at(), revision, 'a admin')).text)).toEqual(['danger', 'safe'])
  })

  test('SCP-11 an empty page keeps its cursor', async () => {
    listing(at(), { tools: [{ name: 'forbidden' }], nextCursor: 'n' })
    expect(JSON.parse((await list(at(), revision)).text).result).toEqual({ tools: [], nextCursor: 'n' })
  })

  test('SCP-04 CAC-02 a filtered list is private, and lives no longer than the token', async () => {
    listing(at(), { tools: TOOLS, cacheScope: 'public', ttlMs: 86_400_000 })
    const { result } = JSON.parse((await list(at(), revision)).text)
    expect(result.cacheScope).toBe('private')
    expect(result.ttlMs).toBeLessThanOrEqual(600_000)
  })

  test('CAC-01 caching hints are neither invented nor dropped', async () => {
    listing(at(), { tools: [] })
    expect(JSON.parse((await list(at(), revision)).text).result).toEqual({ tools: [] })
    listing(at(), { tools: [], ttlMs: 0, cacheScope: 'private' })
    expect(JSON.parse((await list(at(), revision)).text).result).toEqual({
      tools: [],
      ttlMs: 0,
      cacheScope: 'private',
    })
  })

  test('CAC-02 CAC-03 CAC-04 nothing is answered from a cache', async () => {
    listing(at(), { tools: TOOLS, cacheScope: 'public', ttlMs: 60_000 })
    const counts = [
      await list(at(), revision),
      await list(at(), revision),
      await list(at(), revision, 'a admin'),
    ]
    expect(counts.map(({ seen }) => seen.length)).toEqual([1, 1, 1])
  })

  test('SCP-03 SCP-12 what a list showed or hid decides nothing', async () => {
    expect((await at().send(revision, {}, 'forbidden')).status).toBe(403)
    expect((await at().send(revision, { authorization: at().bearer('a admin') }, 'danger')).status).toBe(200)
  })

  test('CHL-09 CHL-10 CHL-11 T26-30 one challenge with everything for this operation', async () => {
    const { status, headers, text, seen } = await at().send(revision, {}, 'danger')
    expect([status, seen]).toEqual([403, []])
    expect(headers['www-authenticate']).toContain('error="insufficient_scope", scope="a admin"')
    expect(JSON.parse(text).id).toBe(1)
  })

  const named: (readonly [string, object, string | undefined, number])[] = [
    ['tools/call', { name: 'Safe' }, 'Safe', 403],
    ['tools/call', { name: 'safe ' }, '=?base64?c2FmZSA=?=', 403],
    ['prompts/get', { name: 'open' }, 'open', 200],
    ['prompts/get', { name: 'hidden' }, 'hidden', 403],
    ['resources/read', { uri: 'file:///pub/a' }, 'file:///pub/a', 200],
    ['resources/read', { uri: 'file:///pub/../a' }, 'file:///pub/../a', 403],
    ['resources/read', { uri: 'file:///secret' }, 'file:///secret', 403],
    ['completion/complete', { ref: { type: 'ref/prompt', name: 'hidden' } }, undefined, 403],
    ['completion/complete', { ref: { type: 'ref/resource', uri: 'file:///secret/{id}' } }, undefined, 403],
    ['completion/complete', { ref: { type: 'ref/prompt', name: 'open' } }, undefined, 200],
    [
      'subscriptions/listen',
      { notifications: { resourceSubscriptions: ['file:///secret'] } },
      undefined,
      403,
    ],
    ['prompts/list', {}, undefined, 200],
    ['resources/list', {}, undefined, 200],
    ['resources/templates/list', {}, undefined, 200],
    ['ping', {}, undefined, 200],
    ['logging/setLevel', { level: 'debug' }, undefined, 200],
  ]
  const subscribing = revision.version === '2026-07-28' ? 404 : 403 // replaced by subscriptions/listen
  const subscriptions = ['resources/subscribe', 'resources/unsubscribe'] as const
  for (const method of subscriptions) named.push([method, { uri: 'file:///secret' }, undefined, subscribing])

  test.each(named)('SCP-05 SCP-06 SCP-07 %s %j (%s) is %d', async (method, params, name, expected) => {
    const { status, seen } = await ask(at().gateway, revision.request(method, params, name), {
      authorization: at().bearer(),
    })
    expect([status, seen.length]).toEqual([expected, expected === 200 ? 1 : 0])
  })

  test.each(['tools/callx', 'x/y', 'tasks/list', 'Tools/Call'])('SCP-05 R9 %s is unknown', async (method) => {
    const { status, code, seen } = await ask(at().gateway, revision.request(method), {
      authorization: at().bearer(),
    })
    expect([status, code, seen]).toEqual([revision.version === '2026-07-28' ? 404 : 200, -32601, []])
  })
}
