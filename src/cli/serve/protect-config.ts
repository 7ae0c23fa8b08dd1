// The configuration that `protect` runs with: an ordinary gateway.yaml that is never written, so that whoever outgrows
// the command finds nothing new in the file.
import { isClaimed } from '../../core/authorization-paths.ts'

export const PROTECT_SCOPE = 'mcp:use'

export interface Protection {
  readonly upstream: string
  readonly transport: 'http' | 'sse'
  /** Path of the certificate authorities to trust for it. */
  readonly ca: string | undefined
  readonly publicUrl: string
  /** `127.0.0.1:8080` */
  readonly listen: string
  /** Path of the SQLite file. */
  readonly data: string
  /** Path of the audit file. */
  readonly audit: string
}

/** The upstream's own path, so that a client's setting changes only in its host; `/mcp` where that is taken or empty. */
export function pathOf(upstream: string): string {
  const { pathname } = new URL(upstream)
  const path = pathname.replace(/\/+$/, '')
  const usable = path !== '' && !isClaimed(path) && !path.startsWith('/.well-known')
  return usable ? path : '/mcp'
}

/** As a member of a mapping, which trusts the authorities in a file. */
export function trustedCa(ca: string): string {
  return `ca: ${JSON.stringify(`file:${ca}`)}`
}

export function protectConfig(protection: Protection): string {
  const { upstream, transport, ca, publicUrl, listen, data, audit } = protection
  const quoted = JSON.stringify // a JSON string is a YAML string
  return `public_url: ${quoted(publicUrl)}
listen: ${quoted(listen)}
admin: { listen: 127.0.0.1:0 }
audit: { file: ${quoted(audit)} }
issuers:
  builtin: { embedded: true }
authorization_server:
  data: ${quoted(data)}
  scopes: { "${PROTECT_SCOPE}": "Use the tools of this server in your name" }
routes:
  - name: protected
    path: ${quoted(pathOf(upstream))}
    upstream:
      url: ${quoted(upstream)}
      transport: ${transport}
${ca === undefined ? '' : `      ${trustedCa(ca)}\n`}    issuers: [builtin]
    scopes: ["${PROTECT_SCOPE}"]
    policy: { default: allow }
`
}
