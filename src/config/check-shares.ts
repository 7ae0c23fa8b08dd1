// Whether the shares of callers mean what they say: that callers can be told apart, and that what one request needs is
// no more than a share.
import type { Finding, Settings } from '../core/settings.ts'

/** What http/body.ts holds for all callers together. */
const BODY_MEMORY_BYTES = 128 * 1024 * 1024

/**
 * An https address without `tls` means that a proxy ends TLS, and then every connection comes from that proxy. Only
 * commands warn, since a file may be right without `trusted_proxies`.
 */
export function checkProxyInFront({ publicUrl, tls, trustedProxies }: Settings): Finding[] {
  if (!publicUrl.startsWith('https:') || tls !== undefined || trustedProxies.length > 0) return []
  const message =
    'this is https and tls is absent, so a proxy stands in front, and all callers have its address: one share of what is shared, one count of refused tokens. Name it, such as trusted_proxies: [127.0.0.1]'
  return [{ severity: 'warning', path: ['public_url'], message }]
}

export function checkShares({ limits: { sharePerCaller }, routes }: Settings): Finding[] {
  const share = BODY_MEMORY_BYTES * sharePerCaller
  return routes.flatMap(({ limits }, index): Finding[] => {
    if (limits.bodyBytes <= share) return []
    const mib = Math.floor(share / 1024 ** 2)
    const message = `no caller may have more than ${mib} MiB of bodies in memory (limits.share_per_caller of 128 MiB), so a body of this size would be refused; lower it, or raise the share`
    return [{ severity: 'error', path: ['routes', index, 'limits', 'body'], message }]
  })
}
