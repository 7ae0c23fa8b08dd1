// HAProxy doing one thing beside proxying: `jwt_verify` of a bearer token with a public key. It looks
// at no claim and no body, and verifies each time; this is the yardstick, not a peer in features.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '../../test/support/free-port.ts'
import { findProgram, startProgram } from '../program.ts'
import { ROUTE_PATH, type Scene } from '../scene.ts'
import type { Subject } from './subject.ts'

export async function startHaproxy(scene: Scene, upstreamPort: number): Promise<Subject> {
  const command = findProgram('haproxy')
  if (command === undefined) throw new Error('haproxy is not installed')
  const port = await freePort()
  const key = join(scene.folder, 'issuer.pem')
  const config = join(scene.folder, 'haproxy.cfg')
  writeFileSync(key, scene.issuer.publicKeyPem)
  writeFileSync(config, haproxyConfig(port, upstreamPort, scene.issuer.algorithm, key))
  const program = await startProgram(command, ['-db', '-f', config], port, join(scene.folder, 'haproxy.log'))
  return {
    name: 'HAProxy, jwt_verify',
    url: `http://127.0.0.1:${port}${ROUTE_PATH}`,
    program,
    checksTokens: true,
  }
}

/** One thread, like the gateway's event loop: its cheapest form, as no thread waits for another. */
function haproxyConfig(port: number, upstreamPort: number, algorithm: string, key: string): string {
  return `global
  nbthread 1
  maxconn 1024
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  http-reuse always
frontend mcp
  bind 127.0.0.1:${port}
  http-request deny deny_status 401 unless { http_auth_bearer,jwt_verify("${algorithm}","${key}") 1 }
  default_backend upstream
backend upstream
  server one 127.0.0.1:${upstreamPort}
`
}
