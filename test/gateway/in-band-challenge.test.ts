// `challenge: in_band` (R17, D-02, Q-15): what ChatGPT reads, for each revision, and everything that stays an HTTP status.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Ask, ask, legacyRevision, MODERN, type Revision, toolCallOf } from '../conformance/revision.ts'
import { startTestGateway, type TestGateway, type TestGatewayOptions, toolCall } from '../support/gateway.ts'

const POLICY = `
      challenge: in_band
      anonymous: [initialize, tools/list, tools/call]
      rules:
        - { name: open, tools: [open] }
        - { name: safe, tools: [safe], scopes: [a] }
        - { name: danger, tools: [danger], scopes: [admin] }
        - { name: often, tools: [often], scopes: [admin] }
        - { name: no, effect: deny, tools: [forbidden] }
        - { name: prompts, prompts: [closed], scopes: [admin] }`

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startTestGateway({ policy: POLICY, auditRequired: true })
})
afterAll(() => gateway.close())

const metadata = () => `${gateway.origin}/.well-known/oauth-protected-resource/mcp/a`
const REVISIONS: readonly (readonly [string, Revision])[] = [
  ['2025-03-26', legacyRevision('2025-03-26')],
  ['2025-06-18', legacyRevision('2025-06-18')],
  ['2025-11-25', legacyRevision('2025-11-25')],
  ['2026-07-28', MODERN],
]

/** The bytes of R17. */
function told(revision: Revision, text: string, challenge: string): string {
  const result = {
    isError: true,
    content: [{ type: 'text', text }],
    _meta: { 'mcp/www_authenticate': [challenge] },
    ...(revision === MODERN ? { resultType: 'complete' } : {}),
  }
  return JSON.stringify({ jsonrpc: '2.0', id: 1, result })
}

describe.each(REVISIONS)('R17 D-02 %s', (_version, revision) => {
  test('a missing scope is told in the result of the tool', async () => {
    const { status, headers, text, seen } = await ask(gateway, toolCallOf(revision, 'danger'))
    const challenge = `Bearer resource_metadata="${metadata()}", error="insufficient_scope", error_description="admin is required", scope="a admin"`
    const words =
      'Insufficient scope: admin is required. Your client may ask you for it now; else sign in again and allow it there. If it is not offered, ask whoever runs this server to grant it.'
    expect([status, text, seen]).toEqual([200, told(revision, words, challenge), []])
    expect(headers).toMatchObject({ 'content-type': 'application/json', 'cache-control': 'no-store' })
    expect(headers).not.toHaveProperty('www-authenticate') // CHL-14
    expect(gateway.audit().at(-1)).toMatchObject({
      decision: 'refused',
      reason: 'scope_missing',
      rule: 'danger',
    })
  })

  test.each(['danger', 'forbidden', 'unruled'])(
    'L16 a missing token is told for %s like for every other tool',
    async (tool) => {
      const { status, headers, text, seen } = await ask(gateway, toolCallOf(revision, tool), {
        authorization: '',
      })
      const challenge = `Bearer resource_metadata="${metadata()}", error="insufficient_scope", error_description="Authentication required", scope="a"`
      expect([status, text, seen]).toEqual([200, told(revision, 'Authentication required', challenge), []])
      expect(headers).not.toHaveProperty('www-authenticate')
    },
  )

  test('what is allowed goes through, with a token and without', async () => {
    expect((await ask(gateway, toolCallOf(revision))).seen).toHaveLength(1)
    expect((await ask(gateway, toolCallOf(revision, 'open'), { authorization: '' })).seen).toHaveLength(1)
  })

  test('R16 what no scope cures stays a 403', async () => {
    expect(await ask(gateway, toolCallOf(revision, 'forbidden'))).toMatchObject({ status: 403, seen: [] })
  })

  test('R3 a prompt has no such result, so it stays a 403 with a challenge', async () => {
    const message = revision.request('prompts/get', { name: 'closed' }, 'closed')
    const { status, headers } = await ask(gateway, message)
    expect(status).toBe(403)
    expect(headers['www-authenticate']).toMatch(/^Bearer error="insufficient_scope"/)
  })

  const elsewhere: readonly (readonly [string, Ask])[] = [
    ['R1 of another method without a token', { authorization: '' }],
    ['R2 of a bad token', { authorization: 'Bearer bad' }],
  ]
  test.each(elsewhere)('%s: 401 with a challenge', async (_what, how) => {
    const message = how.authorization === '' ? revision.request('ping') : toolCallOf(revision)
    const { status, headers } = await ask(gateway, message, how)
    expect(status).toBe(401)
    expect(headers['www-authenticate']).toMatch(/^Bearer /)
  })
})

test('M17 a batch and a notification have no one result: 403', async () => {
  const batch = [toolCall('danger', 1), toolCall('safe', 2)]
  expect((await gateway.post(batch)).status).toBe(403)
  const { id: _, ...notification } = toolCall('danger') as { readonly id: number }
  expect([400, 403]).toContain((await gateway.post(notification)).status)
})

test('SCP-09 asked in vain for the sixth time, it is told without a challenge', async () => {
  const sent = () => ask(gateway, toolCallOf(MODERN, 'often'))
  for (let time = 1; time <= 5; time++) expect((await sent()).text).toContain('mcp/www_authenticate')
  const { status, text } = await sent()
  expect(status).toBe(200)
  expect(text).not.toContain('www_authenticate')
  expect(JSON.parse(text)).toMatchObject({
    result: { isError: true, content: [{ text: expect.stringMatching(/asked for several times/) }] },
  })
})

async function statusOf(options: TestGatewayOptions, tool: string, headers: object = {}): Promise<number> {
  const other = await startTestGateway(options)
  const { status } = await other.post(toolCall(tool), { ...headers })
  await other.close()
  return status
}

test('off by default', async () => {
  expect(await statusOf({}, 'danger')).toBe(403)
  const open = '\n      anonymous: [tools/list]'
  expect(await statusOf({ policy: open }, 'safe', { authorization: '' })).toBe(401)
})

test('D-01 is another switch: denial: in_band leaves a missing scope at 403', async () => {
  const policy = '\n      denial: in_band\n      rules: [{ tools: [danger], scopes: [admin] }]'
  expect(await statusOf({ policy }, 'danger')).toBe(403)
})

test('without open methods a missing token is a 401 before the body is read', async () => {
  const policy = '\n      challenge: in_band\n      rules: [{ tools: [safe] }]'
  expect(await statusOf({ policy }, 'safe', { authorization: '' })).toBe(401)
})
