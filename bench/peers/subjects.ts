// The peers as subjects: each as its own documentation starts it, in one process, in front of the same upstream.
import { copyFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { freePort } from '../../test/support/free-port.ts'
import { startProgram } from '../program.ts'
import { REPLY_BODY, ROUTE_PATH, type Scene } from '../scene.ts'
import type { Subject } from '../subjects/subject.ts'
import { installed, PEERS } from './install.ts'

/** Python programs compile themselves at their first start. */
const START_LIMIT_MS = 120_000
const HERE = import.meta.dirname

export interface PeerSubject extends Subject {
  /** What a client sends to it, where it differs. */
  readonly body?: string
  /** Where only its own tokens count. */
  readonly tokens?: readonly string[]
}

export type StartPeer = (scene: Scene, upstreamPort: number) => Promise<PeerSubject | string>

/** oauth2-proxy: bearer tokens of an OIDC issuer, no session, no log of requests. It reads no body. */
export const startOauth2Proxy: StartPeer = async (scene, upstreamPort) => {
  const found = installed(PEERS.oauth2Proxy)
  if (typeof found === 'string') return found
  const port = await freePort()
  const args = [
    `--http-address=127.0.0.1:${port}`,
    ...['--provider=oidc', `--oidc-issuer-url=${scene.issuer.url}`, `--client-id=${scene.resource}`],
    ...['--client-secret=none', '--cookie-secret=0123456789abcdef0123456789abcdef', '--email-domain=*'],
    ...['--skip-jwt-bearer-tokens', '--oidc-email-claim=sub', '--insecure-oidc-allow-unverified-email'],
    ...['--request-logging=false', '--auth-logging=false', '--standard-logging=false'],
    `--upstream=http://127.0.0.1:${upstreamPort}/`,
  ]
  const program = await startProgram(found.path, args, port, join(scene.folder, 'oauth2-proxy.log'))
  return { name: PEERS.oauth2Proxy.name, url: at(port), program, checksTokens: true }
}

/** FastMCP's proxy: an MCP client of the upstream and an MCP server for its own clients. */
export const startFastmcp: StartPeer = async (scene, upstreamPort) => {
  const found = installed(PEERS.fastmcp)
  if (typeof found === 'string') return found
  const port = await freePort()
  const args = [
    join(HERE, 'fastmcp-proxy.py'),
    ...[String(port), `http://127.0.0.1:${upstreamPort}/mcp`, scene.issuer.url, scene.resource],
  ]
  const log = join(scene.folder, 'fastmcp.log')
  const program = await startProgram(found.path, args, port, log, { startLimitMs: START_LIMIT_MS })
  return { name: PEERS.fastmcp.name, url: at(port), program, checksTokens: true }
}

/** mcp-auth: the guard in the server's own process, so there is neither a proxy nor an upstream. */
export const startMcpAuth: StartPeer = async (scene) => {
  const found = installed(PEERS.mcpAuth)
  if (typeof found === 'string') return found
  const port = await freePort()
  // Packages are found from where the file stands.
  const file = join(dirname(dirname(found.path)), 'server.mjs')
  copyFileSync(join(HERE, 'mcp-auth.mjs'), file)
  const args = [file, String(port), scene.issuer.url, scene.resource, ROUTE_PATH, REPLY_BODY]
  const program = await startProgram(process.execPath, args, port, join(scene.folder, 'mcp-auth.log'))
  return { name: PEERS.mcpAuth.name, url: at(port), program, checksTokens: true }
}

function at(port: number): string {
  return `http://127.0.0.1:${port}${ROUTE_PATH}`
}
