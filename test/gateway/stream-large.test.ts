// An event of any size: it passes in parts where no list can be in it, and what is no answer is told to who waits.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { legacy, modern } from '../support/messages.ts'
import { sendEvents } from '../support/upstream.ts'

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startTestGateway({ auditRequired: true })
})
afterAll(() => gateway.close())

const BYTES = 18 * 1024 * 1024
const EIGHTEEN = 'x'.repeat(BYTES)
const FAILED = {
  jsonrpc: '2.0',
  id: 1,
  error: { code: -32603, message: 'The MCP server behind the gateway did not answer properly' },
}

async function told(method: string, events: readonly string[]): Promise<string> {
  gateway.upstream.respond = (_request, response) => sendEvents(response, events)
  const params = method === 'tools/call' ? { name: 'safe', arguments: {} } : {}
  const { body, headers } = legacy(method, params)
  return await (await gateway.post(body, headers)).text()
}

const lastEvent = (text: string) => JSON.parse(text.slice(text.lastIndexOf('data: ') + 6)) as object

describe('L81 an event of 18 MB', { timeout: 90_000 }, () => {
  const content = `"result":{"content":[{"type":"text","text":"${EIGHTEEN}"}]}`

  test.each([
    ['with its id first', `{"jsonrpc":"2.0","id":1,${content}}`],
    ['with its id last', `{${content},"jsonrpc":"2.0","id":1}`],
  ])('%s passes byte for byte, and what follows it too', async (_, answer) => {
    const before = 'event: message\ndata: {"jsonrpc":"2.0","method":"notifications/progress"}\n\n'
    const events = [before, `event: message\ndata: ${answer}\n\n`, ': end\n\n']
    const text = await told('tools/call', events)
    expect(text.length).toBe(events.join('').length)
    expect(text === events.join('')).toBe(true)
  })

  test('is cut as soon as it answers something else, or lists what nobody asked for', async () => {
    const foreign = await told('tools/call', [`data: {"jsonrpc":"2.0","id":2,${content}}\n\n`])
    expect(foreign.length).toBeLessThan(BYTES)
    expect(lastEvent(foreign)).toEqual(FAILED)
    const late = await told('tools/call', [`data: {${content},"id":2}\n\n`])
    expect(() => JSON.parse(late.slice(6, late.indexOf('\n')))).toThrow()
    expect(lastEvent(late)).toEqual(FAILED)
    const list = `data: {"id":1,"result":{"_":"${EIGHTEEN}","tools":[{"name":"danger"}]}}\n\n`
    const listed = await told('tools/call', [list])
    expect(listed).not.toContain('danger')
    expect(lastEvent(listed)).toEqual(FAILED)
  })

  test('that is a list is an error for who waits', async () => {
    const list = `data: {"id":1,"result":{"tools":[{"name":"safe","description":"${EIGHTEEN}"}]}}\n\n`
    expect(lastEvent(await told('tools/list', [list]))).toEqual(FAILED)
  })

  test('hears of a result in the audit, and keeps nothing public', async () => {
    const text = `{"jsonrpc":"2.0","id":1,"result":{"isError":true,"contents":"${EIGHTEEN}","cacheScope":"public"}}`
    gateway.upstream.respond = (_request, response) => sendEvents(response, [`data: ${text}\n\n`])
    const uri = 'file:///pub/a'
    const { body, headers } = modern('resources/read', { uri }, { name: uri })
    const shown = await (await gateway.post(body, headers)).text()
    expect(shown).toContain('"cacheScope":"private"}}\n\n')
    expect(gateway.audit().at(-1)).toMatchObject({ rpc: 'tool_error' })
  })
})
