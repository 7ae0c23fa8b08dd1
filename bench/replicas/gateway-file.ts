// The file of a replica: two workers, what they share in Redis, the data of the authorization server in PostgreSQL. All
// replicas have the same but for the addresses.
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { Upstream } from './upstreams.ts'

export const SCOPE = 'use'
/** Of the route `limited`. */
export const PER_MINUTE = 600

export interface GatewayFile {
  /** Where the balancer listens, and what the public URL says. */
  readonly publicPort: number
  readonly port: number
  readonly adminPort: number
  readonly audit: string
  readonly redis: string
  readonly postgres: string
  readonly issuer: string
  /** By the name of their route. The route `limited` leads to the first of them. */
  readonly upstreams: readonly (readonly [route: string, Upstream])[]
  readonly accessTokenTtl: string
}

/** Secrets of all replicas, in their environment. */
export const SECRETS = {
  SESSION_KEY: randomBytes(32).toString('base64'),
  COOKIE_SECRET: randomBytes(32).toString('base64'),
}

export function gatewayFile(file: GatewayFile): string {
  const { publicPort, port, adminPort, audit, redis, postgres, issuer, upstreams } = file
  return `public_url: http://127.0.0.1:${publicPort}
listen: 127.0.0.1:${port}
admin: { listen: 127.0.0.1:${adminPort} }
public_health: true
trusted_proxies: [127.0.0.1]
workers: 2
drain: 10s
drain_delay: 3s
session_key: \${SESSION_KEY}
state: { url: "${redis}", timeout: 1s }
audit: { file: ${JSON.stringify(audit)}, required: true }
issuers:
  builtin: { embedded: true }
  outside: { issuer: ${issuer}, allow_insecure_issuer: true, algorithms: [ES256] }
authorization_server:
  data: "${postgres}"
  cookie_secret: \${COOKIE_SECRET}
  access_token_ttl: ${file.accessTokenTtl}
  refresh_token_grace: 60s
  registration: { max_clients: 100000 }
  limits: { registrations: 100000/h, authorizations: 100000/15min, failures: 100000/15min }
routes:${[...upstreams, ...limited(upstreams)].map(route).join('')}
`
}

const LIMITED = 'limited'

function limited(upstreams: GatewayFile['upstreams']): GatewayFile['upstreams'] {
  return upstreams.slice(0, 1).map(([, upstream]) => [LIMITED, upstream])
}

function route([name, { url, transport }]: GatewayFile['upstreams'][number]): string {
  const limit = name === LIMITED ? `\n    limits: { rate: { per_subject: ${PER_MINUTE}/min } }` : ''
  return `
  - name: ${name}
    path: /${name}/mcp
    upstream: { url: "${url}", transport: ${transport} }
    issuers: [builtin, outside]
    scopes: [${SCOPE}]${limit}
    policy:
      rules:
        - { name: secret, tools: [secret], scopes: [secret] }
        - { name: use, tools: ["*"], except: [secret], scopes: [${SCOPE}] }`
}

export function auditPath(folder: string, replica: number): string {
  return join(folder, `audit-${replica}.jsonl`)
}
