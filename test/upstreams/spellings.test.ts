// Real servers that read a second spelling: mcp-go 1.2.1 folds the case of arguments for a typed handler, FastMCP 3.4.11 drops
// a user and an empty port from a URI. Each is asked without the gateway first, which shows that it does, and then through it.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { FASTMCP, type ForeignServer, MCP_GO, type Recipe, startForeign } from './foreign.ts'

const PATIENCE_MS = 300_000
const ACCEPT = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' }

interface Scene {
  readonly reason: string | undefined
  /** What the server itself answers. */
  direct(method: string, params: object): Promise<string>
  /** What the gateway answers. */
  through(method: string, params: object): Promise<{ readonly status: number; readonly text: string }>
}

function scene(recipe: Recipe, policy: string): Scene {
  let server: ForeignServer | string = 'not started'
  let gateway: TestGateway | undefined
  let reason: string | undefined
  beforeAll(async () => {
    server = await startForeign(recipe)
    if (typeof server === 'string') {
      reason = server
      console.warn(`skipped: ${reason}`)
    } else gateway = await startTestGateway({ upstreamUrl: server.url, policy })
  }, PATIENCE_MS)
  afterAll(async () => {
    await gateway?.close()
    if (typeof server !== 'string') server.stop()
  })
  const message = (method: string, params: object) => ({ jsonrpc: '2.0', id: 1, method, params })
  return {
    get reason() {
      return reason
    },
    async direct(method, params) {
      const url = typeof server === 'string' ? '' : server.url
      const body = JSON.stringify(message(method, params))
      return await (await fetch(url, { method: 'POST', headers: ACCEPT, body })).text()
    },
    async through(method, params) {
      const answer = await gateway?.post(message(method, params), ACCEPT)
      return { status: answer?.status ?? 0, text: (await answer?.text()) ?? '' }
    },
  }
}

describe('mcp-go, whose decoder folds names', () => {
  const go = scene(
    MCP_GO,
    `
      rules:
        - { name: no-root, effect: deny, tools: [edit], when: 'has(args.user) && args.user == "root"' }
        - { name: edit, tools: [edit], when: '(!has(args.mode) || args.mode == "read") && (!has(args.options) || !has(args.options.mode))' }`,
  )
  const call = (args: object) => ({ name: 'edit', arguments: args })

  const fooling: readonly (readonly [args: object, understood: string])[] = [
    [{ Mode: 'write' }, 'write'],
    [{ mode: 'read', MODE: 'write' }, 'write'],
    [{ mode: 'read', moDe: 'drop' }, 'drop'],
    [{ 'u\u017fer': 'root' }, 'root'],
    [{ options: { Mode: 'write' } }, 'write'],
    [{ Options: { mode: 'write' } }, 'write'],
  ]
  test.for(fooling)('M83 %j', async ([args, understood], { skip }) => {
    if (go.reason) return skip(go.reason)
    expect(await go.direct('tools/call', call(args))).toContain(`\\"${understood}\\"`)
    expect(await go.through('tools/call', call(args))).toMatchObject({ status: 403 })
  })

  test('M83 the names themselves pass', async ({ skip }) => {
    if (go.reason) return skip(go.reason)
    const { status, text } = await go.through('tools/call', call({ mode: 'read', user: 'ada' }))
    expect([status, text]).toEqual([200, expect.stringContaining('\\"read\\"')])
  })
})

describe('FastMCP, whose URIs are those of pydantic', () => {
  const notes = scene(
    FASTMCP,
    `
      rules:
        - { name: no-hr, effect: deny, resources: ["notes://hr/**", "notes://own/my plan", "notes://own/b(c)"] }
        - { name: rest, resources: ["notes://**"] }`,
  )

  const fooling: readonly (readonly [uri: string, read: string])[] = [
    ['notes://@hr/ada', 'read hr/ada'],
    ['notes://hr:/ada', 'read hr/ada'],
    ['notes://:@hr/ada', 'read hr/ada'],
    ['notes://own/my%20plan', 'read own/my plan'],
    ['notes://own/b%28c%29', 'read own/b(c)'],
    ['notes://own/%62(c)', 'read own/b(c)'],
  ]
  test.for(fooling)('M85 M86 %s', async ([uri, read], { skip }) => {
    if (notes.reason) return skip(notes.reason)
    expect(await notes.direct('resources/read', { uri })).toContain(read)
    expect(await notes.through('resources/read', { uri })).toMatchObject({ status: 403 })
  })

  test('M85 the one spelling of another note is read', async ({ skip }) => {
    if (notes.reason) return skip(notes.reason)
    const { status, text } = await notes.through('resources/read', { uri: 'notes://own/my%20day' })
    expect([status, text]).toEqual([200, expect.stringContaining('read own/my day')])
  })
})
