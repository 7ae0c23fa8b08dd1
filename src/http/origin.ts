// Host and Origin checks: the DNS-rebinding barrier for the gateway and for every upstream behind it
// (MCP transports, Security Warning; ORG-01 to ORG-04). Decides only; http/deny.ts answers.
import { type Fields, valuesOf } from '../core/fields.ts'
import type { Refusal } from '../core/refusal.ts'
import { isLoopbackAuthority, isLoopbackOrigin } from '../lib/loopback.ts'

export interface OriginRules {
  readonly publicUrl: string
  readonly allowedHosts: readonly string[]
  readonly allowedOrigins: readonly string[]
}

export interface OriginPolicy {
  /** Host alone: for pages that browsers of any origin may call, or that check Origin themselves. */
  checkHost(host: string | undefined): Refusal | undefined
  /** Undefined when the request may go on. */
  check(fields: Fields, host: string | undefined): Refusal | undefined
  /** The value for Access-Control-Allow-Origin, when CORS is on for the origin that asks. */
  corsOrigin(fields: Fields): string | undefined
}

export function createOriginPolicy(rules: OriginRules): OriginPolicy {
  const publicUrl = new URL(rules.publicUrl)
  const hosts = new Set(rules.allowedHosts.map((host) => host.toLowerCase()))
  hosts.add(publicUrl.host).add(publicUrl.hostname)
  hosts.add(`${publicUrl.hostname}:${publicUrl.port || (publicUrl.protocol === 'https:' ? '443' : '80')}`)
  const cors = new Set(rules.allowedOrigins)
  const origins = new Set([...rules.allowedOrigins, publicUrl.origin])
  // ORG-02: a gateway on loopback is for the programs of one person; elsewhere a local page is a stranger.
  const local = isLoopbackAuthority(publicUrl.host)

  const checkHost = (host: string | undefined): Refusal | undefined => {
    if (host === undefined) return { reason: 'request_malformed', detail: 'exactly one Host is needed' }
    return hosts.has(host) || hosts.has(host.toLowerCase()) || isLoopbackAuthority(host)
      ? undefined
      : { reason: 'host_forbidden', host }
  }
  return {
    checkHost,
    check(fields, host) {
      const foreign = checkHost(host)
      if (foreign) return foreign
      const sent = valuesOf(fields, 'origin')
      const [origin] = sent
      if (origin === undefined) return undefined
      const known = sent.length === 1 && (origins.has(origin) || (local && isLoopbackOrigin(origin)))
      return known ? undefined : { reason: 'origin_forbidden', origin }
    },
    corsOrigin(fields) {
      if (cors.size === 0) return undefined
      const sent = valuesOf(fields, 'origin')
      return sent.length === 1 && cors.has(sent[0] as string) ? sent[0] : undefined
    },
  }
}
