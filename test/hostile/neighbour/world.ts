// A gateway as a process of its own, and what stands around it, in a process of its own too: the issuers and the MCP
// server. So an attack costs the test that measures it nothing but the processor that all of them share.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { freePort } from '../../support/free-port.ts'
import { type GatewayProcess, startProcess } from '../../support/process.ts'

/** What the child says once it listens. */
export interface Surroundings {
  readonly issuerUrl: string
  readonly opaqueIssuerUrl: string
  readonly upstreamUrl: string
  /** Of one honest person on route `a`, each another token. */
  readonly honest: readonly string[]
  /** Of one attacker on route `a`, each another token. */
  readonly hostile: readonly string[]
  /** Of the attacker on route `d`, bound to the key of `test/support/dpop.ts`. */
  readonly bound: string
}

export interface World extends Surroundings {
  /** Of the gateway. */
  readonly origin: string
  readonly gateway: () => GatewayProcess
  /** A gateway that knows nothing of what was done to the last one. */
  restart(): Promise<void>
  close(): Promise<void>
}

/** How many tokens each of the two has. */
export const TOKENS = 300

export async function startWorld(): Promise<World> {
  const origin = `http://127.0.0.1:${await freePort()}`
  const child = fork(join(import.meta.dirname, 'world-child.ts'), [origin], { execArgv: [] })
  const [surroundings] = (await once(child, 'message')) as [Surroundings]
  const env = { INTROSPECTION_SECRET: 'a secret of the test' }
  const start = () => startProcess({ yaml: yamlOf(origin, surroundings), env })
  let gateway = await start()
  return {
    ...surroundings,
    origin,
    gateway: () => gateway,
    async restart() {
      await gateway.kill()
      gateway = await start()
    },
    async close() {
      await gateway.kill()
      await end(child)
    },
  }
}

async function end(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}

/** Every limit is the default; the routes differ in who proves a token. */
function yamlOf(origin: string, { issuerUrl, opaqueIssuerUrl, upstreamUrl }: Surroundings): string {
  const route = (name: string, issuer: string, more = '') => `
  - name: ${name}
    path: /mcp/${name}
    upstream: ${upstreamUrl}
    issuers: [${issuer}]
    scopes: [a]
${more}
    policy:
      ${name === 'x' ? 'anonymous: [initialize, tools/list]' : ''}
      rules:
        - { name: tools, tools: ["ask", "slow", "big", "*x*"] }
        - { name: files, resources: ["file:///pub/**"] }`
  return `public_url: ${origin}
listen: ${new URL(origin).host}
admin: { listen: 127.0.0.1:0 }
audit: { file: audit.jsonl }
issuers:
  as1: { issuer: "${issuerUrl}", allow_insecure_issuer: true }
  opaque:
    issuer: ${opaqueIssuerUrl}
    allow_insecure_issuer: true
    validation: introspection
    introspection: { client_id: gateway, client_secret: "\${INTROSPECTION_SECRET}", audience: implied_by_endpoint }
  own: { embedded: true }
authorization_server:
  data: as.sqlite
  registration: { dynamic: true, client_id_metadata: { enabled: true } }
  grants:
    - { who: { subjects: ["*"] }, scopes: [a] }
routes:${route('a', 'as1')}${route('o', 'opaque')}${route('d', 'as1', '    dpop: require')}${route('x', 'as1')}${route('e', 'own')}
`
}
