// `portcullis demo`: a real MCP server behind the gateway, and both official SDK clients walking the whole story, first
// with the authorization server in this process, then with an issuer elsewhere. A demonstration and a smoke test; it
// changes nothing outside a temporary folder.

import { STANDING_CLIENT } from '../dev-issuer/issuer.ts'
import { readArguments } from '../shared/arguments.ts'
import { EXIT, type Io, stopped, wrongUse } from '../shared/command.ts'
import { inspectorLine } from '../shared/inspector.ts'
import { openV1 } from './client-v1.ts'
import { openV2 } from './client-v2.ts'
import { type EmbeddedScene, tellEmbeddedServer } from './embedded-story.ts'
import { type Browse, DemoLogin } from './login.ts'
import { createDemoPerson } from './person.ts'
import { type Opener, openDemoSession } from './session.ts'
import { type DemoStack, startDemoStack } from './stack.ts'
import { type DemoScene, tellAnonymous, tellClient } from './story.ts'
import { createTranscript, type Transcript } from './transcript.ts'
import { createWire, type Fetch } from './wire.ts'

export const summary = 'a real MCP server behind the gateway, and real clients walking through'
export const help = `portcullis demo [--once] [--external]

Runs the MCP reference server and the gateway on free loopback ports, and lets both official SDK clients walk through:
refusal, discovery, registration, a scripted person who signs in and agrees, filtered lists, calls, one more scope,
refresh, revocation. Then the same server behind an issuer elsewhere: login, step-up, streaming. Outside a clone npm
installs that server and the clients into a temporary folder first.

  --once      end after the story; exit 0 only if each step went as it should
  --external  only the part with an issuer elsewhere
`

interface Guest {
  readonly name: string
  readonly open: Opener
  /** Generation 1 refreshes first when more scopes are needed, and asks only where that is refused. */
  readonly refreshesInstead: boolean
}

const GUESTS: readonly Guest[] = [
  {
    name: 'The official SDK, generation 1 (@modelcontextprotocol/sdk)',
    open: openV1,
    refreshesInstead: true,
  },
  {
    name: 'The official SDK, generation 2 (@modelcontextprotocol/client)',
    open: openV2,
    refreshesInstead: false,
  },
]

const OPTIONS = {
  once: { type: 'boolean', default: false },
  external: { type: 'boolean', default: false },
} as const

export async function run(args: readonly string[], io: Io): Promise<number> {
  const read = readArguments(args, OPTIONS, 0)
  if (!read.ok) return wrongUse(io, 'demo', read.message)
  const transcript = createTranscript(io)
  let stack: DemoStack
  try {
    stack = await startDemoStack(io)
  } catch (error) {
    return complain(io, error)
  }
  try {
    const well =
      (read.values.external || (await tellOwn(stack, transcript, io))) &&
      (await tellExternal(stack, transcript))
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

async function tellOwn(stack: DemoStack, transcript: Transcript, io: Io): Promise<boolean> {
  const { url, origin, upstream, audit, data, documentUrl, warnings } = stack
  const wire = createWire()
  const person = createDemoPerson({ ...stack.person, fetch: wire.fetch })
  const operate = (...words: readonly string[]) => runBeside(words, data, io)
  const scene: EmbeddedScene = { url, issuer: origin, transcript, wire, person, audit, operate }
  transcript.heading('With the authorization server that Portcullis brings')
  transcript.plain(`  MCP server  ${upstream} (the reference server, unmodified)`)
  transcript.plain(`  gateway     ${url}`)
  transcript.plain(`  people      ${stack.person.name}, with a password`)
  for (const warning of warnings) transcript.plain(`  careful     ${warning}`)
  if (!(await tellAnonymous(scene, await stack.mint(url)))) return false
  for (const [index, { name, open, refreshesInstead }] of GUESTS.entries()) {
    const byDocument = index > 0
    const login = new DemoLogin({
      clientName: 'portcullis demo',
      grantTypes: ['authorization_code', 'refresh_token'],
      browse: person.browse,
      ...(byDocument ? { documentUrl } : {}),
    })
    const session = await openDemoSession(open, url, login, wire, stack.load)
    try {
      const guest = { name, session, byDocument, refreshesInstead }
      if (!(await tellEmbeddedServer(scene, guest))) return false
    } finally {
      await session.close()
    }
  }
  return true
}

/** Another command, on the same data, while the gateway serves. */
async function runBeside(words: readonly string[], data: string, io: Io): Promise<string> {
  let printed = ''
  const keep = { write: (text: string) => (printed += text) }
  const { run: grants } = await import('../operate/grants.ts')
  const [, ...args] = words
  const code = await grants([...args, '--data', data], { ...io, stdout: keep, stderr: keep })
  if (code !== EXIT.fine) throw new Error(printed)
  return printed
}

async function tellExternal(stack: DemoStack, transcript: Transcript): Promise<boolean> {
  const { externalUrl: url, issuer } = stack
  const scene: DemoScene = { url, issuer, transcript, wire: createWire() }
  transcript.heading('With an issuer elsewhere')
  transcript.plain(`  issuer      ${issuer} (for development, approves every login)`)
  transcript.plain(`  gateway     ${url}`)
  if (!(await tellAnonymous(scene, await stack.mint('https://elsewhere.example/mcp')))) return false
  for (const { name, open, refreshesInstead } of GUESTS) {
    const grantTypes = ['authorization_code', ...(refreshesInstead ? [] : ['refresh_token'])]
    const login = new DemoLogin({
      clientName: 'portcullis demo',
      grantTypes,
      browse: redirectOf(scene.wire.fetch),
    })
    const session = await openDemoSession(open, url, login, scene.wire, stack.load)
    try {
      if (!(await tellClient(scene, name, session))) return false
    } finally {
      await session.close()
    }
  }
  return true
}

/** The development issuer approves at once, so its answer is the redirect. */
function redirectOf(fetch: Fetch): Browse {
  return async (url) => {
    const response = await fetch(url, { redirect: 'manual' })
    const location = response.headers.get('location')
    await response.body?.cancel()
    if (location === null) throw new Error(`the issuer answered the login with ${response.status}`)
    return new URL(location)
  }
}

function invitation({ url, externalUrl, issuer, config, audit, person }: DemoStack): string {
  const { id, secret } = STANDING_CLIENT
  return `
Everything keeps running.
  file      ${config}
  audit     ${audit}
  sign in   ${person.name}, ${person.password}

Paste into a client:

  ${inspectorLine(url, 'http')}
  claude mcp add --transport http portcullis-demo ${url}
  curl -i -X POST ${url}

The same server behind the development issuer, and a token of it for curl:

  curl -i -X POST ${externalUrl}

  curl -s -u ${id}:${secret} ${issuer}/token -d grant_type=client_credentials \\
    -d resource=${externalUrl} -d 'scope=mcp:use math:use'

Ctrl-C ends it.`
}

function complain(io: Io, error: unknown): number {
  io.stderr.write(`portcullis demo: ${error instanceof Error ? error.message : String(error)}\n`)
  return EXIT.finding
}
