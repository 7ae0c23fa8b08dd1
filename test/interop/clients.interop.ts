// Other people's clients through the gateway, unchanged: mcp-remote with a static token and with a whole login,
// and the Inspector's command line.
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { type RunningServer, startEverything } from '../upstreams/everything-2x.ts'
import { type RunningGateway, SCOPE, startGateway } from './harness/gateway.ts'
import { programOf } from './harness/packages.ts'
import { openProgram, type Session } from './harness/session.ts'

const NAME = 'everything'
const TOOL = 'test_simple_text'
const ANSWER = 'This is a simple text response for testing.'
const LIMIT_MS = 30_000

let upstream: RunningServer
let gateway: RunningGateway
let url: string
let scratch: string

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'portcullis-client-'))
  upstream = await startEverything()
  gateway = await startGateway([{ name: NAME, url: upstream.url }])
  url = gateway.url(NAME)
})

afterAll(async () => {
  await gateway?.stop()
  await upstream?.close()
  await rm(scratch, { recursive: true, force: true })
})

describe('mcp-remote', () => {
  it('lists and calls with a static token', async () => {
    const header = `Authorization:Bearer ${await gateway.token(NAME)}`
    const session = await remote(['--header', header], 'static', () => undefined)
    await expectEverything(session)
  })

  it('logs in: 401, metadata, registration, code with PKCE, token, call', async () => {
    const opened: string[] = []
    const session = await remote([String(await freePort())], 'login', (line) => {
      // The person at the browser: opens what the client asks for, once. The development issuer approves.
      if (!line.startsWith(`${gateway.issuer}/`) || opened.length > 0) return
      opened.push(line)
      void fetch(line)
    })
    await expectEverything(session)
    const asked = new URL(opened[0] ?? 'nothing:').searchParams
    expect(asked.get('resource')).toBe(url) // RFC 8707 §2
    expect(asked.get('code_challenge_method')).toBe('S256')
    expect(asked.get('scope')?.split(' ')).toContain(SCOPE)
  })
})

describe('Inspector --cli', () => {
  it('lists the tools', async () => {
    const { tools } = await inspect(['--method', 'tools/list'], await gateway.token(NAME))
    expect(tools.map(({ name }: { name: string }) => name)).toContain(TOOL)
  })

  it('calls a tool', async () => {
    const result = await inspect(['--method', 'tools/call', '--tool-name', TOOL], await gateway.token(NAME))
    expect(result.content).toEqual([{ type: 'text', text: ANSWER }])
  })

  it('TOK-07: a token for another resource makes it want to log in', async () => {
    const refused = inspect(['--method', 'tools/list'], await gateway.token('another'))
    await expect(refused).rejects.toThrow('auth_required')
  })
})

function remote(
  options: readonly string[],
  folder: string,
  onLine: (line: string) => void,
): Promise<Session> {
  const command = [
    process.execPath,
    programOf('mcp-remote', 'mcp-remote'),
    url,
    ...options,
    '--allow-http',
    '--transport',
    'http-only',
  ] as const
  // BROWSER=true: the program `true` stands for the browser, so that none is looked for.
  const env = { MCP_REMOTE_CONFIG_DIR: join(scratch, folder), BROWSER: 'true', HOME: scratch }
  return openProgram(command, { env, onLine })
}

async function expectEverything(session: Session): Promise<void> {
  try {
    expect(await session.tools()).toContain(TOOL)
    expect(await session.call(TOOL, {})).toBe(ANSWER)
  } finally {
    await session.close()
  }
}

async function inspect(options: readonly string[], token: string) {
  const program = programOf('@modelcontextprotocol/inspector', 'mcp-inspector')
  const header = `Authorization: Bearer ${token}`
  const args = [program, '--cli', url, '--transport', 'http', '--header', header, ...options]
  const env = { ...process.env, HOME: scratch }
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: LIMIT_MS, env })
  return JSON.parse(stdout)
}
