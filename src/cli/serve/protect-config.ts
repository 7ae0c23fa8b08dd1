// The configuration that `protect` runs with, as the text of an ordinary gateway.yaml: `--write` keeps it, so that whoever
// outgrows the command finds nothing new in the file. Reads and writes no file.
import { isAbsolute, relative } from 'node:path'
import type { Reach } from './listen-address.ts'
import { type NamedServer, pathOf, programLines, routeNameOf, transportOf } from './named-server.ts'
import { quoted } from './yaml-text.ts'

export const PROTECT_SCOPE = 'mcp:use'

export interface Protection extends Reach {
  readonly server: NamedServer
  /** The address of the admin port. */
  readonly admin: string
  /** Of web pages that may call. */
  readonly allowedOrigins: readonly string[]
  /** Path of the SQLite file. */
  readonly data: string
  /** Path of the audit file. */
  readonly audit: string
}

/** As a member of a mapping, which trusts the authorities in a file. */
export function trustedCa(ca: string): string {
  return `ca: ${JSON.stringify(`file:${ca}`)}`
}

/** Whose X-Forwarded-For counts; empty where nobody's does. */
export function trustedProxiesLines(proxies: readonly string[]): string {
  if (proxies.length === 0) return ''
  return `# Proxies in front, which say whom they speak for. TLS ends there.
trusted_proxies: [${proxies.map(quoted).join(', ')}]
`
}

export function adminLines(admin: string): string {
  return `# Health, readiness and metrics: a port that nobody else needs.
admin: { listen: ${quoted(admin)} }
`
}

/** @param folder where the file stands, or would: paths below it are written from there */
export function protectConfig(protection: Protection, folder: string): string {
  const { server, publicUrl, listen, trustedProxies, admin, allowedOrigins } = protection
  const placed = (path: string) => fromFolder(path, folder)
  return `# Begun by: portcullis protect. Every key is described in docs/config.md; look at it with: portcullis check

# What clients type: scheme, host and port.
public_url: ${quoted(publicUrl)}
listen: ${quoted(listen)}
${trustedProxiesLines(trustedProxies)}${adminLines(admin)}${originLines(allowedOrigins)}# One line for each call.
audit: { file: ${quoted(placed(protection.audit))} }

issuers:
  # The authorization server that Portcullis brings. People: portcullis users add NAME
  builtin: { embedded: true }
authorization_server:
  # People, clients and grants.
  data: ${quoted(placed(protection.data))}
  # The words that people read before they agree.
  scopes: { "${PROTECT_SCOPE}": "Use the tools of this server in your name" }

routes:
  - name: ${protectedName(server)}
    # The public URL of the server is public_url and this path; tokens are for exactly that.
    path: ${quoted(pathOf(server))}
${upstreamLines(server, folder)}    issuers: [builtin]
    # Needed for anything at all.
    scopes: ["${PROTECT_SCOPE}"]
    policy:
      rules:
        # All is open to people who signed in. For less: portcullis suggest, and docs/policy.md
        - { name: everything, tools: ["*"], prompts: ["*"], resources: ["**"] }
`
}

/** Of the route, and of the server in a client. */
export function protectedName(server: NamedServer): string {
  return 'url' in server ? 'protected' : routeNameOf(server)
}

function upstreamLines(server: NamedServer, folder: string): string {
  if (!('url' in server)) return programLines(server, folder)
  const { url, ca } = server
  return `    upstream:
      url: ${quoted(url)}
      transport: ${transportOf(server)}
${ca === undefined ? '' : `      ${trustedCa(fromFolder(ca, folder))}\n`}`
}

function originLines(origins: readonly string[]): string {
  if (origins.length === 0) return ''
  return `# The web page of the MCP Inspector.
allowed_origins: [${origins.map(quoted).join(', ')}]
`
}

/** As it is where it is not below the folder. */
function fromFolder(path: string, folder: string): string {
  const way = relative(folder, path)
  return way === '' || way.startsWith('..') || isAbsolute(way) ? path : way
}
