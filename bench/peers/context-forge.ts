// ContextForge: a registry of servers with users, so tokens are its own and the upstream is registered first. Its rate
// limits and its page are off, its data is in SQLite, its caches are in the process.
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '../../test/support/free-port.ts'
import { startProgram } from '../program.ts'
import { type Scene, TOKEN_COUNT } from '../scene.ts'
import { installed, PEERS } from './install.ts'
import type { StartPeer } from './subjects.ts'

/** It makes its tables at the first start. */
const START_LIMIT_MS = 180_000
const PERSON = 'admin@example.com'

export const startContextForge: StartPeer = async (scene, upstreamPort) => {
  const found = installed(PEERS.contextForge)
  if (typeof found === 'string') return found
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const port = await freePort()
  const origin = `http://127.0.0.1:${port}`
  const program = await startProgram(
    found.path,
    ['--host', '127.0.0.1', '--port', String(port), '--no-access-log'],
    port,
    join(scene.folder, 'context-forge.log'),
    { startLimitMs: START_LIMIT_MS, env: environment(scene, privateKey, publicKey), cwd: scene.folder },
  )
  const tokens = Array.from({ length: TOKEN_COUNT }, (_, n) => mint(privateKey, n))
  try {
    const id = await register(origin, tokens[0] ?? '', upstreamPort)
    const params = { name: 'notes-list-notes', arguments: { folder: 'inbox' } }
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params })
    const url = `${origin}/servers/${id}/mcp/`
    return { name: PEERS.contextForge.name, url, program, checksTokens: true, tokens, body }
  } catch (error) {
    await program.stop()
    throw error
  }
}

function environment(
  scene: Scene,
  privateKey: KeyObject,
  publicKey: KeyObject,
): Readonly<Record<string, string>> {
  const file = (name: string) => join(scene.folder, name)
  rmSync(file('context-forge.db'), { force: true })
  writeFileSync(file('context-forge.key'), privateKey.export({ type: 'pkcs8', format: 'pem' }), {
    mode: 0o600,
  })
  writeFileSync(file('context-forge.pub'), publicKey.export({ type: 'spki', format: 'pem' }))
  const secret = '0123456789abcdef0123456789abcdef'
  return {
    ...{ JWT_ALGORITHM: 'RS256', JWT_SECRET_KEY: secret, AUTH_ENCRYPTION_SECRET: secret },
    ...{ JWT_PRIVATE_KEY_PATH: file('context-forge.key'), JWT_PUBLIC_KEY_PATH: file('context-forge.pub') },
    ...{ DATABASE_URL: `sqlite:///${file('context-forge.db')}`, CACHE_TYPE: 'memory', REDIS_URL: '' },
    ...{ PLATFORM_ADMIN_EMAIL: PERSON, PLATFORM_ADMIN_PASSWORD: 'Only-for-a-benchmark-1!' },
    ...{ RATE_LIMITING_ENABLED: 'false', RATE_LIMITING_REDIS_ENABLED: 'false', TOOL_RATE_LIMIT: '100000000' },
    ...{ SSRF_ALLOW_LOCALHOST: 'true', SSRF_ALLOW_PRIVATE_NETWORKS: 'true', MCPGATEWAY_UI_ENABLED: 'false' },
    ...{ PRIMARY_WORKER_REDIS_UNAVAILABLE_POLICY: 'filelock_fallback', LOG_LEVEL: 'CRITICAL' },
  }
}

/** What its own tokens hold. */
function mint(key: KeyObject, n: number): string {
  const now = Math.floor(Date.now() / 1_000)
  const user = { email: PERSON, full_name: 'Bench', is_admin: true, auth_provider: 'local' }
  const claims = {
    ...{
      iss: 'mcpgateway',
      aud: 'mcpgateway-api',
      sub: PERSON,
      jti: `bench-${n}`,
      iat: now,
      exp: now + 7_200,
    },
    ...{ teams: null, is_admin: true, token_use: 'api', user },
  }
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const input = `${part({ alg: 'RS256', typ: 'JWT' })}.${part(claims)}`
  return `${input}.${sign('sha256', Buffer.from(input), key).toString('base64url')}`
}

/** Registers the upstream and a server with its one tool. */
async function register(origin: string, token: string, upstreamPort: number): Promise<string> {
  const ask = async (path: string, body?: object) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const init = body === undefined ? { headers } : { headers, method: 'POST', body: JSON.stringify(body) }
    const answer = await fetch(`${origin}${path}`, init)
    const text = await answer.text()
    if (!answer.ok) throw new Error(`ContextForge: ${path} answered ${answer.status}: ${text.slice(0, 300)}`)
    return JSON.parse(text)
  }
  await ask('/gateways', {
    name: 'notes',
    url: `http://127.0.0.1:${upstreamPort}/mcp`,
    transport: 'STREAMABLEHTTP',
  })
  const tools = (await ask('/tools')) as readonly { id: string; name: string }[]
  const { id } = (await ask('/servers', {
    server: { name: 'bench', description: 'bench', associated_tools: tools.map((tool) => tool.id) },
  })) as { id: string }
  return id
}
