// Everything the demo runs: the MCP server, the dev issuer, the host of a client's document and the gateway, each on a
// free loopback port. Knows how to start them in order and to end them in the other; tells no story.
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openOperator } from '../../as/operate/operator.ts'
import type { SigningKey } from '../../as/store/keys.ts'
import { loadConfig } from '../../config/load.ts'
import { renderProblem } from '../../config/problem.ts'
import { startGateway } from '../../gateway/gateway.ts'
import { createLog } from '../../observe/log.ts'
import { checkPolicies } from '../../policy/check.ts'
import { loadOrCreateKey } from '../dev-issuer/key.ts'
import { startDevIssuer } from '../dev-issuer/listen.ts'
import { mintToken } from '../dev-issuer/mint.ts'
import type { Io } from '../shared/command.ts'
import { serveDemoDocument } from './client-document.ts'
import { DEMO_PATH, demoConfig, EXTERNAL_PATH } from './config.ts'
import { type LoadModule, openDemoPackages } from './packages.ts'
import { startDemoUpstream } from './upstream.ts'

const TOKEN_TTL_SECONDS = 3600
const DRAIN_MS = 1000
const PERSON = 'ada'

export interface DemoStack {
  /** Gives the modules of the clients. */
  readonly load: LoadModule
  /** The public URL of the route behind the embedded authorization server: the resource. */
  readonly url: string
  /** The URL of the same server behind the development issuer. */
  readonly externalUrl: string
  /** The origin of the embedded authorization server. */
  readonly origin: string
  readonly issuer: string
  /** The one person who may sign in. */
  readonly person: { readonly name: string; readonly password: string }
  /** Id of the client that has a metadata document. */
  readonly documentUrl: string
  /** Path of the authorization server's data. */
  readonly data: string
  /** What the gateway says at its start about looser choices. */
  readonly warnings: readonly string[]
  readonly upstream: string
  /** The gateway.yaml that is running, and the audit it writes. */
  readonly config: string
  readonly audit: string
  /** A well-signed token for `audience`, as the dev issuer would make it. */
  mint(audience: string): Promise<string>
  close(): Promise<void>
}

/** Throws when a part does not come up. */
export async function startDemoStack(io: Pick<Io, 'execPath' | 'stderr' | 'stop'>): Promise<DemoStack> {
  const running: (() => Promise<void>)[] = []
  const close = async () => {
    for (const end of running.splice(0).reverse()) await end()
  }
  try {
    const packages = await openDemoPackages(io)
    running.push(packages.close)
    const folder = await mkdtemp(join(tmpdir(), 'portcullis-demo-'))
    running.push(() => rm(folder, { recursive: true, force: true }))
    const upstream = await startDemoUpstream(io.execPath, packages)
    running.push(upstream.close)
    const key = await keyIn(folder)
    const issuer = await issuerWith(key)
    running.push(issuer.close)

    const document = await serveDemoDocument()
    running.push(document.close)

    const listen = `127.0.0.1:${await freePort()}`
    const publicUrl = `http://${listen}`
    const [config, audit, data, ca] = ['gateway.yaml', 'audit.jsonl', 'as.sqlite', 'ca.pem'].map((name) =>
      join(folder, name),
    ) as [string, string, string, string]
    const places = { publicUrl, listen, issuer: issuer.issuer, upstream: upstream.url, audit, data, ca }
    await writeFile(ca, document.ca)
    await writeFile(config, demoConfig({ ...places, documentHost: document.host }))
    const loaded = settingsOf(config)
    const password = await addPerson(data)
    const gateway = await startGateway({ settings: loaded.settings, log: createLog('error', io.stderr) })
    running.push(() => gateway.close(DRAIN_MS))
    return {
      load: packages.load,
      url: `${publicUrl}${DEMO_PATH}`,
      externalUrl: `${publicUrl}${EXTERNAL_PATH}`,
      origin: publicUrl,
      issuer: issuer.issuer,
      person: { name: PERSON, password },
      documentUrl: document.url,
      upstream: upstream.url,
      config,
      audit,
      data,
      warnings: loaded.warnings.map(({ message }) => message),
      mint: (audience) => mintFor(audience, issuer.issuer, key),
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

function settingsOf(file: string) {
  const loaded = loadConfig({ file, env: {}, checks: [checkPolicies] })
  if (!loaded.ok) throw new Error(loaded.problems.map(renderProblem).join('\n'))
  return loaded
}

/** The password: made anew each time, since a constant one would be everybody's. */
async function addPerson(data: string): Promise<string> {
  const password = randomBytes(12).toString('base64url')
  const settings = { data, cookieSecret: undefined }
  const operator = await openOperator({ settings, clock: { now: () => Date.now() }, actor: 'demo' })
  try {
    const problem = await operator.users.add(PERSON, password)
    if (problem !== undefined) throw new Error(problem)
    return password
  } finally {
    await operator.close()
  }
}

async function keyIn(folder: string): Promise<SigningKey> {
  const loaded = await loadOrCreateKey(join(folder, 'dev-issuer.jwk'))
  if (!loaded.ok) throw new Error(loaded.message)
  return loaded.key
}

async function issuerWith(key: SigningKey) {
  const started = await startDevIssuer(
    { host: '127.0.0.1', port: 0 },
    { key, subject: 'dev-user', ttlSeconds: TOKEN_TTL_SECONDS, log: () => undefined },
  )
  if (!started.ok) throw new Error(started.message)
  return started.running
}

function mintFor(audience: string, issuer: string, key: SigningKey): Promise<string> {
  const scopes = ['mcp:use', 'math:use', 'jobs:run']
  const request = { issuer, subject: 'dev-user', clientId: 'stray', audience: [audience], scopes }
  return mintToken(key, { ...request, ttlSeconds: TOKEN_TTL_SECONDS }, Date.now())
}

/** The public URL stands in the file before the gateway listens, so its port must be known first. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
