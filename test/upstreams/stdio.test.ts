// Real servers over standard streams, through the gateway, with both official SDK clients: @modelcontextprotocol/sdk 1.32.2,
// @modelcontextprotocol/server 2.4.0, server-everything 2026.8.31, Python `mcp` 1.30.0, FastMCP 3.4.11, go-sdk 1.8.0, rmcp 3.11.0. Each is
// also sent a whole call between line ends inside the white space of its arguments: none sees it.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Client as ClientV2, StreamableHTTPClientTransport as HttpV2 } from '@modelcontextprotocol/client'
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as HttpV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js'
import { CreateMessageRequestSchema } from '@modelcontextprotocol/sdk/types.js'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { beginSession, OPEN_POLICY, textOf } from '../support/program/client.ts'
import { metricsOf, sumOf } from '../support/scrape.ts'
import { buildForeign, GO_STDIO, PYTHON_STDIO, type Recipe, RUST_STDIO } from './foreign.ts'

const PATIENCE_MS = 300_000
/** A Python program takes seconds to start. */
const SLOW = { timeout: 90_000 }
const HERE = join(import.meta.dirname, 'stdio')
const EVERYTHING = join(
  import.meta.dirname,
  '../../node_modules/@modelcontextprotocol/server-everything/dist/index.js',
)

type Program = readonly [string, ...string[]]

interface RealServer {
  readonly name: string
  readonly program: Program | Recipe
  /** What its tool `echo` calls its argument. */
  readonly argument: 'text' | 'message'
  /** Whether its reader takes this for the end of a line, so that a message behind it would be one of its own. */
  readonly endsLine: (end: string) => boolean
  readonly isModern?: true
}

const never = () => false
const atLineFeed = (end: string) => end.includes('\n')
const always = () => true

const SERVERS: readonly RealServer[] = [
  {
    name: 'sdk 1.32.2',
    program: [process.execPath, join(HERE, 'sdk1.mjs')],
    argument: 'text',
    endsLine: atLineFeed,
  },
  {
    ...{ name: 'server 2.4.0', program: [process.execPath, join(HERE, 'sdk2.mjs')], argument: 'text' },
    ...{ endsLine: atLineFeed, isModern: true },
  },
  {
    name: 'everything',
    program: [process.execPath, EVERYTHING, 'stdio'],
    argument: 'message',
    endsLine: atLineFeed,
  },
  { name: 'python mcp', program: PYTHON_STDIO('python_mcp.py'), argument: 'text', endsLine: always },
  { name: 'fastmcp', program: PYTHON_STDIO('python_fastmcp.py'), argument: 'text', endsLine: always },
  { name: 'go-sdk', program: GO_STDIO, argument: 'text', endsLine: never },
  { name: 'rmcp', program: RUST_STDIO, argument: 'text', endsLine: atLineFeed },
]

let gateway: TestGateway | undefined
afterEach(async () => {
  await gateway?.close()
  gateway = undefined
})

describe.each(SERVERS)('$name', SLOW, ({ program, argument, endsLine, isModern }) => {
  let command: Program | undefined
  let reason: string | undefined
  beforeAll(async () => {
    const built = Array.isArray(program)
      ? { program: program as Program }
      : await buildForeign(program as Recipe)
    if (typeof built === 'string') {
      reason = built
      console.warn(`skipped: ${reason}`)
    } else command = built.program
  }, PATIENCE_MS)

  const start = async (keys = ''): Promise<TestGateway> => {
    const words = JSON.stringify(command)
    const env = { PATH: process.env['PATH'], HOME: process.env['HOME'] } as Record<string, string>
    gateway = await startTestGateway({ program: `command: ${words}, ${keys}`, policy: OPEN_POLICY, env })
    return gateway
  }
  const echo = (value: string) => ({ name: 'echo', arguments: { [argument]: value } })
  const headersOf = (there: TestGateway) => ({ authorization: `Bearer ${there.token()}` })

  test.for(['session', 'route'])('per: %s: a client of generation 1', async (per, { skip }) => {
    if (reason) return skip(reason)
    const there = await start(`per: ${per}`)
    const client = new ClientV1({ name: 'c', version: '1' })
    const transport = new HttpV1(new URL(there.resource), { requestInit: { headers: headersOf(there) } })
    await client.connect(transport as Transport)
    expect((await client.listTools()).tools.map(({ name }) => name)).toContain('echo')
    const said = 'ä\u2028\u2029\u0085\r\n"\\'
    expect(JSON.stringify(await client.callTool(echo(said)))).toContain(JSON.stringify(said).slice(1, -1))
    await transport.terminateSession()
    await client.close()
  })

  test('a client of generation 2, which looks for 2026-07-28 first', async ({ skip }) => {
    if (reason) return skip(reason)
    const there = await start()
    const client = new ClientV2({ name: 'c', version: '1' }, { versionNegotiation: { mode: 'auto' } })
    await client.connect(new HttpV2(new URL(there.resource), { requestInit: { headers: headersOf(there) } }))
    expect((await client.listTools()).tools.map(({ name }) => name)).toContain('echo')
    expect(JSON.stringify(await client.callTool(echo('hello')))).toContain('hello')
    if (isModern) expect(client.getNegotiatedProtocolVersion()).toBe('2026-07-28')
    await client.close()
  })

  test.runIf(argument === 'text')('progress reaches the call that asked for it', async ({ skip }) => {
    if (reason) return skip(reason)
    const there = await start('per: route')
    const client = new ClientV1({ name: 'c', version: '1' })
    const transport = new HttpV1(new URL(there.resource), { requestInit: { headers: headersOf(there) } })
    await client.connect(transport as Transport)
    const heard: number[] = []
    const onprogress = ({ progress }: { progress: number }) => void heard.push(progress)
    const counted = await client.callTool({ name: 'count', arguments: { steps: 3 } }, undefined, {
      onprogress,
    })
    expect([JSON.stringify(counted), heard]).toEqual([expect.stringContaining('counted 3'), [1, 2, 3]])
    await client.close()
  })

  const HIDDEN = 9_001
  const withHidden = (end: string, id: string) => {
    const hidden = JSON.stringify({
      jsonrpc: '2.0',
      id: HIDDEN,
      method: 'tools/call',
      params: echo('hidden'),
    })
    const args = `{"${argument}":"plain","x":${end}${hidden}${end}}`
    return `{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":{"name":"echo","arguments":${args}}}`
  }
  const ENDS = ['\r', '\n', '\r\n']

  test('a call between line ends in the white space of arguments is not seen', async ({ skip }) => {
    if (reason) return skip(reason)
    const there = await start()
    const session = await beginSession(there)
    for (const end of ENDS) await textOf(await session.post(withHidden(end, '"mine"')))
    const after = { jsonrpc: '2.0', id: 2, method: 'tools/call', params: echo('after') }
    expect(await textOf(await session.post(after))).toContain('after')
    // The answer to a hidden call would be one for nobody.
    expect(sumOf(await metricsOf(there), 'portcullis_program_messages_dropped_total')).toBe(0)
  })

  test.for(ENDS)('… by %j it would be, where the program ends a line there', async (end, { skip }) => {
    if (reason || command === undefined) return skip(reason)
    expect(await answersHidden(command, withHidden(end, '1'))).toBe(endsLine(end))
  })

  /** Whether a program that is sent this as it is answers the call that is hidden in it. */
  async function answersHidden([file, ...args]: Program, attack: string): Promise<boolean> {
    const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'ignore'] })
    const say = (message: object) => child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
    const params = {
      protocolVersion: '2025-11-25',
      capabilities: {},
      clientInfo: { name: 'c', version: '1' },
    }
    say({ id: 0, method: 'initialize', params })
    say({ method: 'notifications/initialized' })
    child.stdin.write(`${attack}\n`)
    let isFooled = false
    // A server that answers calls side by side has answered the hidden one before it reads the third.
    for await (const line of createInterface({ input: child.stdout })) {
      if (line.includes('"id":0')) say({ id: 2, method: 'tools/call', params: echo('next') })
      if (line.includes('"id":2')) say({ id: 3, method: 'tools/call', params: echo('last') })
      isFooled ||= line.includes(`"id":${HIDDEN}`)
      if (line.includes('"id":3')) break
    }
    child.kill('SIGKILL')
    return isFooled
  }
})

test('sdk 1.32.2: a request of the program reaches the client, whose answer it gets', async () => {
  const program = `command: ["${process.execPath}", "${join(HERE, 'sdk1.mjs')}"]`
  gateway = await startTestGateway({ program, policy: OPEN_POLICY })
  const client = new ClientV1({ name: 'c', version: '1' }, { capabilities: { sampling: {} } })
  client.setRequestHandler(CreateMessageRequestSchema, async ({ params }) => ({
    ...{ model: 'm', role: 'assistant' as const },
    content: { type: 'text' as const, text: `thought of ${JSON.stringify(params.messages[0]?.content)}` },
  }))
  const headers = { authorization: `Bearer ${gateway.token()}` }
  await client.connect(new HttpV1(new URL(gateway.resource), { requestInit: { headers } }) as Transport)
  const answer = await client.callTool({ name: 'think', arguments: { text: 'tea' } })
  expect(JSON.stringify(answer)).toMatch(/thought of .*tea/)
  await client.close()
})
