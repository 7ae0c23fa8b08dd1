// Two replicas of two workers as processes, with one Redis and one PostgreSQL, an issuer elsewhere and two upstreams. There
// is no balancer: a test says to which replica each request goes, and its workers take turns.
import { openOperator } from '../../src/as/operate/operator.ts'
import { createDemoPerson, type DemoPerson } from '../../src/cli/demo/person.ts'
import type { Fetch } from '../../src/cli/demo/wire.ts'
import { Secret } from '../../src/core/secret.ts'
import { type RunningServer, startEverything } from '../upstreams/everything-2x.ts'
import { freePort } from './free-port.ts'
import { createFreshFetch } from './fresh-fetch.ts'
import { startIssuer, type TestIssuer } from './issuer.ts'
import { startPostgres } from './postgres.ts'
import { type GatewayProcess, startProcess } from './process.ts'
import { startRedis } from './redis.ts'
import { startUpstream, type TestUpstream } from './upstream.ts'

const PASSWORD = 'correct horse battery'
const COOKIE_SECRET = 'sT4uV7wX1yZ9aB3cD6eF8gH2iJ5kL0mN'
const SESSION_KEY = 'kQ3vT9xR2mB7nC5wZ8pL4sH6jD1fG0aY'

/** Of each caller, over both replicas. */
export const PER_MINUTE = 20

export interface TestReplicas {
  /** What every URL says; nothing listens there. */
  readonly origin: string
  readonly ports: readonly [number, number]
  readonly issuer: TestIssuer
  /** Of the route `a`, as in test/support/gateway.ts; the route `world` leads to a server of the SDK. */
  readonly upstream: TestUpstream
  /** To the replica that a test chooses. */
  fetchAt(portOf: (url: URL) => number): Fetch
  token(subject: string, claims?: object): string
  /** Ada, at the replica. */
  person(port: number): DemoPerson
  close(): Promise<void>
}

export async function startReplicas(): Promise<TestReplicas> {
  const closing: (() => Promise<unknown>)[] = []
  const close = async () => {
    for (const step of closing.splice(0).reverse()) await step()
  }
  try {
    return { ...(await open(closing)), close }
  } catch (error) {
    await close()
    throw error
  }
}

async function open(closing: (() => Promise<unknown>)[]): Promise<Omit<TestReplicas, 'close'>> {
  const [issuer, upstream, everything] = [await startIssuer(), await startUpstream(), await startEverything()]
  closing.push(issuer.close, upstream.close, everything.close)
  const redis = await startRedis()
  closing.push(redis.close)
  const postgres = await startPostgres()
  closing.push(postgres.stop)
  const origin = `http://127.0.0.1:${await freePort()}`
  const ports = [await freePort(), await freePort()] as const
  const parts = { origin, issuer, upstream, everything, redis: redis.url, postgres: postgres.url() }
  const begin = async (port: number): Promise<GatewayProcess> => {
    const replica = await startProcess({ yaml: yamlOf(port, parts) })
    closing.push(replica.kill)
    return replica
  }
  await Promise.all(ports.map(begin))
  const settings = { data: parts.postgres, cookieSecret: new Secret(COOKIE_SECRET) }
  const operator = await openOperator({ settings, clock: { now: () => Date.now() }, actor: 'test' })
  await operator.users.add('ada', PASSWORD)
  await operator.close()
  return {
    ...{ origin, ports, issuer, upstream },
    fetchAt: (portOf) => createFreshFetch(portOf),
    token(subject, claims = {}) {
      const now = Math.floor(Date.now() / 1_000)
      const usual = {
        iss: issuer.url,
        sub: subject,
        client_id: 'desk',
        scope: 'use',
        iat: now,
        exp: now + 600,
      }
      return issuer.sign({ ...usual, aud: `${origin}/mcp/a`, ...claims })
    },
    person: (port) =>
      createDemoPerson({ name: 'ada', password: PASSWORD, fetch: createFreshFetch(() => port) }),
  }
}

interface SharedParts {
  readonly origin: string
  readonly issuer: TestIssuer
  readonly upstream: TestUpstream
  readonly everything: RunningServer
  readonly redis: string
  readonly postgres: string
}

function yamlOf(port: number, parts: SharedParts): string {
  const { origin, issuer, upstream, everything, redis, postgres } = parts
  return `public_url: ${origin}
listen: 127.0.0.1:${port}
admin: { listen: 127.0.0.1:0 }
workers: 2
session_key: ${SESSION_KEY}
state: { url: "${redis}" }
issuers:
  builtin: { embedded: true }
  elsewhere: { issuer: ${issuer.url}, allow_insecure_issuer: true }
authorization_server: { data: "${postgres}", cookie_secret: ${COOKIE_SECRET} }
routes:
  - name: a
    path: /mcp/a
    upstream: ${upstream.url}
    issuers: [builtin, elsewhere]
    scopes: [use]
    dpop: accept
    limits: { rate: { per_subject: ${PER_MINUTE}/min } }
    policy:
      rules: [{ name: use, tools: [safe], scopes: [use] }]
  - name: world
    path: /mcp/world
    upstream: ${everything.url}
    issuers: [builtin]
    scopes: [use]
    policy:
      rules:
        - { name: use, tools: [test_simple_text], scopes: [use] }
        - { name: more, tools: [test_image_content], scopes: [more] }
`
}
