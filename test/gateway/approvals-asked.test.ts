// A call that an approve rule holds back, over real sockets: it does not reach the server, and its caller hears why.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { createStateInMemory } from '../../src/gateway/state-in-memory.ts'
import { saveManifest } from '../../src/manifest/file.ts'
import { manifestOf } from '../../src/manifest/manifest.ts'
import { startTestGateway, type TestGateway, type TestGatewayOptions, toolCall } from '../support/gateway.ts'
import { callOf, modern } from '../support/messages.ts'
import { sendJson } from '../support/upstream.ts'

let gateway: TestGateway
afterEach(async () => {
  vi.useRealTimers()
  await gateway.close()
})

const POLICY = `
      rules:
        - { name: safe, tools: ["*"], except: [forbidden] }
        - { name: purge, effect: approve, tools: [purge], approvers: { subjects: [ada] } }
        - { name: erase, effect: approve, tools: [erase], scopes: [admin], approvers: { subjects: [ada] } }
        - { name: drop, effect: approve, tools: [drop], approvers: { subjects: [ada] }, mode: observe }
        - { name: no, effect: deny, tools: [forbidden] }`

async function start(options: TestGatewayOptions = {}): Promise<TestGateway> {
  gateway = await startTestGateway({ auditRequired: true, policy: POLICY, ...options })
  return gateway
}

const reached = () => gateway.upstream.received.length

test.each(['legacy', 'modern'] as const)('%s: a tool result that says so, with status 200', async (era) => {
  const { post, audit } = await start()
  const { body, headers } = callOf(era, 'purge', 'x1')
  const response = await post(body, headers)
  expect(response.status).toBe(200)
  expect(response.headers.get('www-authenticate')).toBeNull()
  expect(response.headers.get('cache-control')).toBe('no-store')
  expect(await response.json()).toMatchObject({
    id: 'x1',
    result: {
      isError: true,
      content: [{ type: 'text', text: expect.stringContaining('has to be approved by somebody else') }],
      ...(era === 'modern' ? { resultType: 'complete' } : {}),
    },
  })
  expect(reached()).toBe(0)
  expect(audit().at(-1)).toMatchObject({
    ...{
      event: 'decision',
      decision: 'refused',
      reason: 'approval_required',
      rule: 'purge',
      target: 'purge',
    },
  })
})

test('a scope is asked for first', async () => {
  const { post } = await start()
  const response = await post(toolCall('erase'))
  expect(response.status).toBe(403)
  expect(response.headers.get('www-authenticate')).toContain('scope="a admin"')
  expect(reached()).toBe(0)
})

test('a notification hears it by the status', async () => {
  const { post } = await start()
  const { id: _, ...notification } = toolCall('purge') as { id: unknown }
  const said = await post(notification)
  expect(said.status).toBe(403)
  expect(await said.json()).toMatchObject({ error: { code: 403, data: { error: 'approval_required' } } })
  expect(reached()).toBe(0)
})

test('a batch with such a call does not go on', async () => {
  const { post } = await start()
  const response = await post([toolCall('safe', 1), toolCall('purge', 2)])
  expect([response.status, reached()]).toEqual([400, 0])
  expect(await response.text()).toContain('a call that has to be approved stands in no batch')
})

test('the tool stays in lists', async () => {
  const { post, upstream, token } = await start()
  const tools = ['safe', 'purge', 'erase', 'forbidden'].map((name) => ({
    name,
    inputSchema: { type: 'object' },
  }))
  upstream.respond = (_request, response) =>
    sendJson(response, 200, { jsonrpc: '2.0', id: 1, result: { resultType: 'complete', tools } })
  const { body, headers } = modern('tools/list')
  const answer = await post(body, { ...headers, authorization: `Bearer ${token('a admin')}` })
  const { result } = (await answer.json()) as { result: { tools: { name: string }[] } }
  expect(result.tools.map(({ name }) => name)).toEqual(['safe', 'purge', 'erase'])
})

test('what is only observed goes on, and the audit says what would have been', async () => {
  const { post, audit } = await start()
  expect((await post(toolCall('drop'))).status).toBe(200)
  expect(reached()).toBe(1)
  expect(audit().at(-1)).toMatchObject({ rule: 'safe', would: { reason: 'approval_required', rule: 'drop' } })
})

test('a tool that the manifest withholds is denied, as if no rule spoke of it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-approvals-'))
  const file = join(folder, 'a.manifest.json')
  const lists = { prompts: [], resources: [], templates: [] }
  saveManifest(
    file,
    manifestOf({ server: { name: 'test', version: '1' }, tools: [{ name: 'safe' }], ...lists }),
  )
  const { post, audit } = await start({ route: `    manifest: { file: ${file}, on_drift: block }` })
  expect((await post(toolCall('purge'))).status).toBe(403)
  expect(audit().at(-1)).toMatchObject({ reason: 'call_forbidden', rule: 'manifest' })
  rmSync(folder, { recursive: true })
})

test('approvals are looked through each minute, from the first rule on that asks for any', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  const shared = createStateInMemory()
  const list = vi.fn(() => [])
  const state = {
    ...shared,
    records: (...of: Parameters<typeof shared.records>) => ({ ...shared.records(...of), list }),
  }
  const { reload } = await start({ policy: ' { rules: [{ tools: [safe] }] }', state })
  vi.advanceTimersByTime(60_000)
  expect(list).not.toHaveBeenCalled()
  await reload({ policy: POLICY })
  vi.advanceTimersByTime(59_000)
  expect(list).not.toHaveBeenCalled()
  vi.advanceTimersByTime(1_000)
  expect(list).toHaveBeenCalledOnce()
})
