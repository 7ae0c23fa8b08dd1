// Whether who types `public_url` reaches the address that the gateway listens on. Only commands warn: what stands between
// the two (a published port of a container, a forwarded one) is not in the file.
import { isIP } from 'node:net'
import type { Finding, Settings } from '../core/settings.ts'
import { isLoopback, unbracket } from '../lib/loopback.ts'

/** Quiet where the file names a proxy, or https is ended by one (check-shares.ts warns of that). */
export function checkListen(settings: Settings): Finding[] {
  const { publicUrl, listen, tls, trustedProxies } = settings
  const url = new URL(publicUrl)
  const isHttps = url.protocol === 'https:'
  if (trustedProxies.length > 0 || listen.port === 0 || (isHttps && tls === undefined)) return []
  if (!isHttps && tls !== undefined)
    return [
      warning(
        'clients that type this speak http, and the gateway speaks https, since tls is there; write https',
      ),
    ]
  const port = Number(url.port || (isHttps ? '443' : '80'))
  const isSame = port === listen.port && leadsTo(unbracket(url.hostname), listen.host)
  if (isSame) return []
  const at = `${listen.host.includes(':') ? `[${listen.host}]` : listen.host}:${listen.port}`
  const message = `clients that type this reach port ${port} of ${url.hostname}, and the gateway listens on ${at}; change one of the two, or name what stands between them under trusted_proxies`
  return [warning(message)]
}

/** As far as can be told without asking for the address of a name. */
function leadsTo(typed: string, listening: string): boolean {
  if (listening === '0.0.0.0' || listening === '::') return true
  if (isLoopback(typed) !== isLoopback(listening)) return false
  return !isLoopback(typed) || isIP(typed) === 0 || isIP(listening) === 0 || typed === listening
}

function warning(message: string): Finding {
  return { severity: 'warning', path: ['public_url'], message }
}
