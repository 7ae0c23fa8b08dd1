// What every part runs against: the real gateway as its own process, with rules and a route that strangers like, and an
// upstream whose answer each attack chooses.
import { rmSync, writeFileSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { freePort } from '../../test/support/free-port.ts'
import { type Program, startProgram } from '../program.ts'
import { createScene, ROUTE_PATH, type Scene } from '../scene.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const NODE = join(ROOT, 'node_modules', '.bin', 'node')

/** How the upstream answers; undefined: an empty result. */
export type Respond = (response: ServerResponse) => void

/** In milliseconds of the gateway's event loop. */
export interface Look {
  /** How long it was busy since it began. */
  readonly busy: number
  /** The longest that it kept anybody waiting since the last look. */
  readonly longest: number
}

export interface HostileScene {
  readonly gateway: Program
  readonly port: number
  readonly path: string
  readonly host: string
  /** A token of a caller with scope. */
  readonly token: string
  respond: Respond | undefined
  look(): Promise<Look>
  close(): Promise<void>
}

export async function startHostileScene(): Promise<HostileScene> {
  const scene = await createScene('hostile', 1)
  const upstream = createServer((request, response) => {
    request.resume().on('end', () => (hostile.respond ?? answerPlainly)(response))
  })
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve))
  const { port } = upstream.address() as AddressInfo
  const config = join(scene.folder, 'gateway.yaml')
  writeFileSync(config, configOf(scene, port, await freePort()))
  const socketPath = join(scene.folder, 'probe.sock')
  rmSync(socketPath, { force: true })
  const probe = pathToFileURL(join(import.meta.dirname, 'probe.ts'))
  probe.searchParams.set('socket', socketPath)
  const args = ['--import', probe.href, join(ROOT, 'dist', 'main.js'), 'run', '-c', config]
  const gateway = await startProgram(NODE, args, scene.gatewayPort, join(scene.folder, 'gateway.log'))
  const watch = connect(socketPath)
  const hostile: HostileScene = {
    gateway,
    port: scene.gatewayPort,
    path: ROUTE_PATH,
    host: `127.0.0.1:${scene.gatewayPort}`,
    token: scene.tokens[0] ?? '',
    respond: undefined,
    look: () => ask(watch),
    async close() {
      watch.destroy()
      await gateway.stop()
      upstream.closeAllConnections()
      upstream.close()
      await scene.issuer.close()
    },
  }
  return hostile
}

function ask(socket: Socket): Promise<Look> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject)
    socket.once('data', (text) => {
      socket.off('error', reject)
      const [busy = 0, longest = 0] = text.toString().split(' ').map(Number)
      resolve({ busy, longest })
    })
    socket.write('?')
  })
}

function answerPlainly(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end('{"jsonrpc":"2.0","id":1,"result":{}}')
}

function configOf(scene: Scene, upstreamPort: number, adminPort: number): string {
  const denied = Array.from({ length: 20 }, (_, index) => `"*${index}x*y${index}*"`).join(', ')
  return `public_url: http://127.0.0.1:${scene.gatewayPort}
listen: 127.0.0.1:${scene.gatewayPort}
admin: { listen: 127.0.0.1:${adminPort} }
audit: { file: ${JSON.stringify(join(scene.folder, 'audit.log'))} }
session_key: "kQ3vT9xR2mB7nC5wZ8pL4sH6jD1fG0aY"
issuers:
  bench: { issuer: ${scene.issuer.url}, allow_insecure_issuer: true, algorithms: [RS256] }
routes:
  - name: notes
    path: ${ROUTE_PATH}
    upstream: http://127.0.0.1:${upstreamPort}/mcp
    issuers: [bench]
    scopes: [notes:read]
    dpop: accept
    dpop_nonce: true
    policy:
      anonymous: [initialize, tools/list]
      rules:
        - { name: fits, effect: deny, tools: [${denied}] }
        - { name: mode, effect: deny, tools: [safe], when: 'has(args.mode) && args.mode == "write"' }
        - { name: items, effect: deny, tools: [safe], when: 'has(args.l) && args.l.exists(x, x == args.m)' }
        - { name: text, effect: deny, tools: [safe], when: 'has(args.a) && args.b.contains(args.c)' }
        - { name: tools, tools: ["*"], scopes: [notes:read] }
        - { name: prompts, prompts: ["*"], scopes: [notes:read] }
        - { name: hidden, effect: deny, resources: ["file:///pub/*/hr*x/**", "**/secret/*", "file:///pub/*a*b*"] }
        - { name: notes, resources: ["file:///pub/**", "notes://**"], scopes: [notes:read] }
`
}
