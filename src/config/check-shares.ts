// Whether the shares of callers mean what they say: what one request needs is no more than a share.
import type { Finding, Settings } from '../core/settings.ts'

/** What http/body.ts holds for all callers together. */
const BODY_MEMORY_BYTES = 128 * 1024 * 1024

export function checkShares(settings: Settings): Finding[] {
  return bodies(settings)
}

function bodies({ limits: { sharePerCaller }, routes }: Settings): Finding[] {
  const share = BODY_MEMORY_BYTES * sharePerCaller
  return routes.flatMap(({ limits }, index): Finding[] => {
    if (limits.bodyBytes <= share) return []
    const mib = Math.floor(share / 1024 ** 2)
    const message = `no caller may have more than ${mib} MiB of bodies in memory (limits.share_per_caller of 128 MiB), so a body of this size would be refused; lower it, or raise the share`
    return [{ severity: 'error', path: ['routes', index, 'limits', 'body'], message }]
  })
}
