// Other people's servers that are programs, behind `command`: every client sees what it sees of the program itself.
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { marked, missingProc, noneMarked } from '../../bench/programs/marked.ts'
import { type RunningGateway, SCOPE, startGateway } from './harness/gateway.ts'
import { programOf } from './harness/packages.ts'
import type { ToolCall } from './harness/servers.ts'
import { CLIENT_KINDS, type ClientKind, openProgram, openSession, type Session } from './harness/session.ts'
import { stdioServers } from './programs/stdio-servers.ts'
import { buildPython, type PythonSdk } from './world/python.ts'

/** What a client saw of a server. */
interface Seen {
  readonly tools: readonly string[]
  readonly answer: string | undefined
}

/** Or why there is no such client here. */
type Visit = (url: string, token: string, call: ToolCall | undefined) => Promise<Seen | string>

const LIMIT_MS = 60_000
/** A Python program takes seconds to start, and npx programs too. */
const SLOW = { timeout: 120_000 }

const HOME = { HOME: process.env['HOME'] ?? '' }
const page = await servePage('a page of this machine')
let scratch = ''
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'portcullis-programs-'))
})
afterAll(async () => {
  page.close()
  await rm(scratch, { recursive: true, force: true })
})

/**
 * The clients in Python declare sampling and elicitation, which the one that visits directly does not; for them
 * server-everything lists three tools more.
 */
const CLIENTS: Readonly<Record<string, Visit>> = {
  ...Object.fromEntries(CLIENT_KINDS.map((kind) => [kind, visitBySdk(kind)])),
  'mcp-remote 0.15.1': visitByMcpRemote,
  'Python mcp 1.30.0': visitByPython('mcp1'),
  'Python mcp 2.3.0': visitByPython('mcp2'),
}

describe.each(stdioServers(page.origin))('$name', SLOW, (server) => {
  const [name] = server.name.split(' ') as [string]
  const word = `interop-${process.pid}-${name}`
  const call = typeof server.call === 'string' ? undefined : server.call
  let gateway: RunningGateway | undefined
  let reason: string | undefined
  let direct: Seen

  beforeAll(async () => {
    const cwd = join(scratch, name)
    await mkdir(cwd, { recursive: true })
    const command = await server.command(cwd)
    if (typeof command === 'string') {
      reason = command
      console.warn(`skipped: ${server.name}: ${reason}`)
      return
    }
    const env = { ...server.env, PORTCULLIS_BENCH: word }
    const program = { command, cwd, env }
    const onlyOne = [{ name: 'one', tools: [server.tool], scopes: [SCOPE] }]
    gateway = await startGateway([
      { name, program },
      { name: `${name}-shared`, program: { ...program, per: 'route' } },
      { name: `${name}-one`, program, rules: onlyOne },
    ])
    direct = await seenBy(await openProgram(command, { cwd, env: { ...HOME, ...env } }), call)
  }, SLOW.timeout * 3)

  afterAll(() => gateway?.stop())

  const visit = async (
    client: string,
    route: string,
    asked: ToolCall | undefined,
  ): Promise<Seen | string> => {
    if (gateway === undefined) return reason ?? 'there is no gateway'
    return (CLIENTS[client] as Visit)(gateway.url(route), await gateway.token(route), asked)
  }

  it.for(Object.keys(CLIENTS))('%s sees what it sees of the program itself', async (client, { skip }) => {
    const seen = await visit(client, name, call)
    if (typeof seen === 'string') return skip(seen)
    const { tools, answer } = seen
    expect(tools).toContain(server.tool)
    const common = client.startsWith('Python') ? tools.filter((tool) => direct.tools.includes(tool)) : tools
    expect(common).toEqual(direct.tools)
    if (call === undefined) console.log(`${server.name}: no tool is called: ${server.call}`)
    else expect(answer).toContain(call.holds)
  })

  it.for(CLIENT_KINDS)('per: route: %s sees the same', async (client, { skip }) => {
    const seen = await visit(client, `${name}-shared`, call)
    if (typeof seen === 'string') return skip(seen)
    const { tools, answer } = seen
    expect(tools).toEqual(direct.tools)
    if (call !== undefined) expect(answer).toContain(call.holds)
  })

  it.for(CLIENT_KINDS)('SCP: %s sees only what its rule allows', async (client, { skip }) => {
    const seen = await visit(client, `${name}-one`, undefined)
    if (typeof seen === 'string') return skip(seen)
    expect(seen.tools).toEqual([server.tool])
  })

  it('ends with the gateway, with all that it started', async ({ skip }) => {
    const missing = reason ?? missingProc()
    if (missing !== undefined) return skip(missing)
    expect(marked(word).length).toBeGreaterThan(0)
    await gateway?.stop()
    expect(await noneMarked(word)).toEqual([])
  })
})

function visitBySdk(kind: ClientKind): Visit {
  return async (url, token, call) => seenBy(await openSession(kind, url, token), call)
}

async function visitByMcpRemote(url: string, token: string, call: ToolCall | undefined): Promise<Seen> {
  const options = ['--header', `Authorization:Bearer ${token}`, '--allow-http', '--transport', 'http-only']
  const command = [process.execPath, programOf('mcp-remote', 'mcp-remote'), url, ...options] as const
  const env = { MCP_REMOTE_CONFIG_DIR: join(scratch, 'mcp-remote'), BROWSER: 'true', HOME: scratch }
  return seenBy(await openProgram(command, { env }), call)
}

function visitByPython(sdk: PythonSdk): Visit {
  return async (url, token, call) => {
    const built = await buildPython(sdk, 'clients/python/visit.py', sdk)
    if (typeof built === 'string') return built
    const [python, ...args] = built
    const asked = JSON.stringify({ url, token, call })
    const { stdout } = await promisify(execFile)(python, [...args, asked], { timeout: LIMIT_MS })
    return JSON.parse(stdout)
  }
}

async function seenBy(session: Session, call: ToolCall | undefined): Promise<Seen> {
  try {
    const tools = await session.tools()
    return { tools, answer: call && (await session.call(call.tool, call.args)) }
  } finally {
    await session.close()
  }
}

/** A page that a server may fetch. */
async function servePage(words: string): Promise<{ readonly origin: string; close(): void }> {
  const server = createServer((_, response) => response.end(words))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => server.close(),
  }
}
