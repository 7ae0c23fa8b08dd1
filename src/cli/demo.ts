// `portcullis demo`: a real MCP server behind the gateway, a dev issuer, and both official SDK clients walking the
// whole story. A demonstration and a smoke test; it changes nothing outside a temporary folder.
import { readArguments } from './arguments.ts'
import { EXIT, type Io, stopped, wrongUse } from './command.ts'
import { openV1 } from './demo-client-v1.ts'
import { openV2 } from './demo-client-v2.ts'
import { DemoLogin } from './demo-login.ts'
import { howToInstall, missingPackages } from './demo-packages.ts'
import { type Opener, openSession } from './demo-session.ts'
import { type DemoStack, startDemoStack } from './demo-stack.ts'
import { type Scene, tellAnonymous, tellClient } from './demo-story.ts'
import { createTranscript, type Transcript } from './demo-transcript.ts'
import { createWire } from './demo-wire.ts'
import { STANDING_CLIENT } from './dev-issuer-clients.ts'

export const demoHelp = `portcullis demo [--once]

Runs the MCP reference server, a development issuer and the gateway on free loopback ports, and lets both official
SDK clients walk through: refusal, discovery, login, filtered lists, calls, step-up, streaming.

  --once  end after the story; exit 0 only if each step went as it should
`

interface Guest {
  readonly name: string
  readonly open: Opener
  /** Generation 1 refreshes instead of asking again when more scopes are needed, so it gets no refresh token. */
  readonly grants: readonly string[]
}

const GUESTS: readonly Guest[] = [
  {
    name: 'The official SDK, generation 1 (@modelcontextprotocol/sdk)',
    open: openV1,
    grants: ['authorization_code'],
  },
  {
    name: 'The official SDK, generation 2 (@modelcontextprotocol/client)',
    open: openV2,
    grants: ['authorization_code', 'refresh_token'],
  },
]

export async function demo(args: readonly string[], io: Io): Promise<number> {
  const read = readArguments(args, { once: { type: 'boolean', default: false } }, 0)
  if (!read.ok) return wrongUse(io, 'demo', read.message)
  const missing = missingPackages()
  if (missing.length > 0) return complain(io, howToInstall(missing))
  const transcript = createTranscript(io)
  let stack: DemoStack
  try {
    stack = await startDemoStack(io)
  } catch (error) {
    return complain(io, error)
  }
  try {
    const well = await tell(stack, transcript)
    transcript.plain(
      well ? `\nAll ${transcript.count} steps went as they should.` : '\nThe story ended here.',
    )
    if (!well) return EXIT.finding
    if (read.values.once) return EXIT.fine
    transcript.plain(invitation(stack))
    await stopped(io.stop)
    return EXIT.fine
  } catch (error) {
    return complain(io, error)
  } finally {
    await stack.close()
  }
}

async function tell(stack: DemoStack, transcript: Transcript): Promise<boolean> {
  const { url, issuer, upstream } = stack
  const scene: Scene = { url, issuer, transcript, wire: createWire() }
  transcript.plain(`MCP server  ${upstream} (the reference server, unmodified)`)
  transcript.plain(`issuer      ${issuer} (for development, approves every login)`)
  transcript.plain(`gateway     ${url}`)
  if (!(await tellAnonymous(scene, await stack.mint('https://elsewhere.example/mcp')))) return false
  for (const { name, open, grants } of GUESTS) {
    const login = new DemoLogin('portcullis demo', grants)
    const session = await openSession(open, url, login, scene.wire)
    try {
      if (!(await tellClient(scene, name, session))) return false
    } finally {
      await session.close()
    }
  }
  return true
}

function invitation({ url, issuer, config, audit }: DemoStack): string {
  const { id, secret } = STANDING_CLIENT
  return `
Everything keeps running.
  file   ${config}
  audit  ${audit}

Paste into a client:

  npx @modelcontextprotocol/inspector --transport http --server-url ${url}
  claude mcp add --transport http portcullis-demo ${url}
  curl -i -X POST ${url}

A token for curl:

  curl -s -u ${id}:${secret} ${issuer}/token -d grant_type=client_credentials \\
    -d resource=${url} -d 'scope=mcp:use math:use'

Ctrl-C ends it.`
}

function complain(io: Io, error: unknown): number {
  io.stderr.write(`portcullis demo: ${error instanceof Error ? error.message : String(error)}\n`)
  return EXIT.finding
}
