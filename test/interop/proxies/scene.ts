// The gateway with its authorization server behind a proxy that ends TLS with a certificate of a private authority, and a
// second gateway that reaches both its upstream and its issuer (the first one) over TLS of that authority.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startGateway } from '../../../src/gateway/gateway.ts'
import { createLog } from '../../../src/observe/log.ts'
import { freePort } from '../../support/free-port.ts'
import { settingsOf } from '../harness/preset.ts'
import { addPerson, worldConfig } from '../world/gateway.ts'
import { type StartedServer, startServerProgram } from '../world/process.ts'
import { TYPESCRIPT_SERVER } from '../world/servers/typescript.ts'
import { type Authority, makeAuthority } from './authority.ts'
import type { FrontProxy } from './proxy.ts'

export interface Scene {
  readonly folder: string
  readonly authority: Authority
  /** PEM */
  readonly ca: string
  /** https */
  readonly origin: string
  /** What a client types. */
  readonly resource: string
  readonly server: StartedServer
  /** The server itself over TLS of the authority. */
  readonly serverOverTls: string
  audit(): readonly Readonly<Record<string, unknown>>[]
  close(): Promise<void>
}

const ROUTE = 'notes'

export async function startScene(proxy: FrontProxy): Promise<Scene> {
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-proxy-'))
  const authority = makeAuthority(folder)
  const [command, ...args] = await TYPESCRIPT_SERVER.build()
  const server = await startServerProgram(TYPESCRIPT_SERVER, [String(command), ...args])
  const [port, target, tlsPort] = [await freePort(), await freePort(), await freePort()]
  const origin = `https://127.0.0.1:${port}`
  const [data, auditFile] = [join(folder, 'as.sqlite'), join(folder, 'audit.jsonl')]
  const yaml = worldConfig({
    origin,
    upstreams: { [ROUTE]: server.url },
    data,
    top: `trusted_proxies: [127.0.0.1]\naudit: { file: ${auditFile}, required: true }\n`,
  }).replace(`listen: 127.0.0.1:${port}`, `listen: 127.0.0.1:${target}`)
  const running = await startGateway({
    settings: settingsOf(yaml, {}),
    log: createLog('error', { write: () => undefined }),
  })
  await addPerson(data)
  const front = await proxy.start({ folder, authority, port, target })
  const beside = await proxy.start({
    folder,
    authority,
    port: tlsPort,
    target: Number(new URL(server.url).port),
  })
  return {
    ...{ folder, authority, origin, server },
    ca: readFileSync(authority.ca, 'utf8'),
    resource: `${origin}/${ROUTE}/mcp`,
    serverOverTls: `https://127.0.0.1:${tlsPort}/mcp`,
    audit: () =>
      readFileSync(auditFile, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    async close() {
      front()
      beside()
      server.stop()
      await running.close(100)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** The gateway.yaml of the second gateway. */
export function secondGateway(scene: Scene, port: number, withAuthority: boolean): string {
  const ca = withAuthority ? `ca: "file:${scene.authority.ca}"` : ''
  return `
public_url: http://127.0.0.1:${port}
listen: 127.0.0.1:${port}
admin: { listen: 127.0.0.1:0 }
issuers:
  first:
    issuer: ${scene.origin}
    ${ca}
routes:
  - name: again
    path: /again/mcp
    upstream:
      url: ${scene.serverOverTls}
      ${ca}
    issuers: [first]
    audience: [${scene.resource}]
    policy: { default: allow }
`
}
