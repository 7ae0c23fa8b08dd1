// The gateway's own public pages: the well-known documents. Never behind a token, never proxied, never built
// from Host (PRM-19). A small Hono app; the MCP routes do not pass through it.
import { Hono } from 'hono'
import type { MetadataDocuments } from './metadata.ts'

export interface PagesOptions {
  readonly documents: MetadataDocuments
  /** The metadata of the authorization server for 2025-03-26 clients (META-06); undefined when that is off. */
  readonly legacyDiscovery: (() => Promise<string | undefined>) | undefined
  /** The public keys of assertions, a JWK Set; undefined where no route sends any. */
  readonly assertionKeys: (() => string) | undefined
}

const LEGACY_PATHS = ['/.well-known/oauth-authorization-server', '/.well-known/openid-configuration']
/** Where servers behind the gateway find the keys of assertions. */
export const ASSERTION_KEYS_PATH = '/.well-known/mcp-assertion-jwks.json'
const ALLOW = 'GET, HEAD, OPTIONS'

export function createPages(options: PagesOptions): Hono {
  const pages = new Hono({ strict: true })

  pages.use('*', async (context, next) => {
    context.header('access-control-allow-origin', '*') // PRM-07, META-09
    context.header('x-content-type-options', 'nosniff')
    if (context.req.method === 'OPTIONS') {
      const asked = context.req.header('access-control-request-headers')
      context.header('access-control-allow-methods', ALLOW)
      context.header('access-control-max-age', '600')
      context.header('vary', 'access-control-request-headers')
      if (asked !== undefined && asked.length <= 1_024) context.header('access-control-allow-headers', asked)
      return context.body(null, 204)
    }
    if (context.req.method !== 'GET' && context.req.method !== 'HEAD') {
      return context.json({ error: 'method_not_allowed' }, 405, { allow: ALLOW })
    }
    await next()
    return undefined
  })

  pages.get('*', async (context) => {
    const { path } = context.req
    const document =
      options.documents.get(path) ?? keysAt(options, path) ?? (await legacyDocument(options, path))
    if (document === undefined) return context.json({ error: 'not_found' }, 404)
    return context.body(document, 200, {
      'content-type': 'application/json',
      'cache-control': 'public, max-age=300',
    })
  })

  return pages
}

function keysAt({ assertionKeys }: PagesOptions, path: string): string | undefined {
  return path === ASSERTION_KEYS_PATH ? assertionKeys?.() : undefined
}

async function legacyDocument(options: PagesOptions, path: string): Promise<string | undefined> {
  return LEGACY_PATHS.includes(path) ? await options.legacyDiscovery?.() : undefined
}

/** Whether there is a document at this path. */
export function hasPage({ documents, legacyDiscovery, assertionKeys }: PagesOptions, path: string): boolean {
  const isLegacy = legacyDiscovery !== undefined && LEGACY_PATHS.includes(path)
  const isOfKeys = assertionKeys !== undefined && path === ASSERTION_KEYS_PATH
  return documents.get(path) !== undefined || isLegacy || isOfKeys
}

export function isOwnPage(path: string): boolean {
  return path.startsWith('/.well-known/')
}
