// A local development issuer over HTTP: metadata, keys, registration, authorization, tokens, introspection.
// DEV ONLY: it approves every login at once, so it answers to loopback names and loopback pages alone. It is not
// the embedded authorization server and never becomes one.

import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { trimSpace } from '../../core/fields.ts'
import { isLoopbackHost } from '../../lib/loopback.ts'
import { authorize } from './authorize.ts'
import { AUTH_METHODS, createDevClients, GRANT_TYPES } from './clients.ts'
import { repeatedParameter, singleParameter } from './form.ts'
import { createDevGrants } from './grants.ts'
import { type DevKey, KEY_ALGORITHM } from './key.ts'
import { readMintedToken } from './mint.ts'
import { answerTokenRequest } from './token-endpoint.ts'

const MAX_BODY_BYTES = 64 * 1024

export interface DevIssuerOptions {
  /** The origin it is reached at, without a slash: `http://127.0.0.1:9000`. */
  readonly issuer: string
  readonly key: DevKey
  /** `sub` of everyone who logs in here. */
  readonly subject: string
  /** Life of an access token. */
  readonly ttlSeconds: number
  /** Epoch milliseconds. */
  readonly now: () => number
  /** One line per answer, without query or body. */
  readonly log: (line: string) => void
}

export function createDevIssuer(options: DevIssuerOptions): Hono {
  const { issuer, key, now } = options
  const context = { ...options, clients: createDevClients(), grants: createDevGrants() }
  const app = new Hono()
  app.use(async (c, next) => {
    await next()
    options.log(`${c.req.method} ${c.req.path} ${c.res.status}`)
  })
  app.use(loopbackOnly)
  app.use(bodyLimit({ maxSize: MAX_BODY_BYTES }))

  const metadata = metadataOf(issuer)
  app.get('/.well-known/oauth-authorization-server', (c) => c.json(metadata)) // RFC 8414 §3
  app.get('/.well-known/openid-configuration', (c) => c.json(metadata))
  app.get('/jwks', (c) => c.json({ keys: [key.publicJwk] }))

  app.post('/register', async (c) => {
    const registration = context.clients.register(await c.req.json().catch(() => undefined))
    if (!registration.ok) {
      return c.json({ error: registration.error, error_description: registration.description }, 400)
    }
    const { id, secret, authMethod, redirectUris, grants } = registration.client
    return c.json(
      {
        client_id: id,
        ...(secret === undefined ? {} : { client_secret: secret, client_secret_expires_at: 0 }),
        token_endpoint_auth_method: authMethod,
        redirect_uris: redirectUris,
        grant_types: grants,
        response_types: grants.includes('authorization_code') ? ['code'] : [],
      },
      201, // RFC 7591 §3.2.1
    )
  })

  app.get('/authorize', (c) => {
    const result = authorize(new URL(c.req.url).searchParams, context, now())
    c.header('referrer-policy', 'no-referrer') // A54
    if (result.kind === 'refused') return c.text(`${result.description}\n`, 400)
    return c.redirect(result.location, 302)
  })

  app.post('/token', async (c) => {
    const form = await readForm(c)
    if (form === undefined) return c.json({ error: 'invalid_request' }, 400)
    const { status, body } = await answerTokenRequest(c.req.header('authorization'), form, context, now())
    if (status === 401) c.header('www-authenticate', `Basic realm="${issuer}"`)
    return c.json(body, status)
  })

  app.post('/introspect', async (c) => {
    const form = await readForm(c)
    if (form === undefined || repeatedParameter(form) !== undefined) {
      return c.json({ error: 'invalid_request' }, 400)
    }
    // RFC 7662 §2.1: the caller authenticates, so a public client cannot ask.
    const caller = context.clients.authenticate(c.req.header('authorization'), form)
    if (caller?.secret === undefined) {
      c.header('www-authenticate', `Basic realm="${issuer}"`)
      return c.json({ error: 'invalid_client' }, 401)
    }
    const claims = await readMintedToken(key, issuer, singleParameter(form, 'token') ?? '', now())
    return c.json(
      claims === undefined ? { active: false } : { ...claims, active: true, token_type: 'Bearer' },
    )
  })
  return app
}

// SECURITY: a page on another site must not use an issuer that approves everything. The Host check stops DNS
// rebinding; the Origin check stops cross-site requests; CORS names loopback pages only (A52).
async function loopbackOnly(c: Context, next: () => Promise<void>): Promise<Response | undefined> {
  const origin = c.req.header('origin')
  if (!isLoopbackUrl(`http://${c.req.header('host') ?? ''}`)) return c.text('loopback hosts only\n', 403)
  if (origin !== undefined && !isLoopbackUrl(origin)) return c.text('loopback origins only\n', 403)
  c.header('cache-control', 'no-store')
  if (origin !== undefined) {
    c.header('access-control-allow-origin', origin)
    c.header('vary', 'origin')
  }
  if (c.req.method === 'OPTIONS') {
    c.header('access-control-allow-methods', 'GET, POST')
    c.header('access-control-allow-headers', c.req.header('access-control-request-headers') ?? '')
    return c.body(null, 204)
  }
  await next()
  return undefined
}

function isLoopbackUrl(text: string): boolean {
  const url = URL.parse(text)
  return url !== null && isLoopbackHost(url.hostname)
}

async function readForm(c: Context): Promise<URLSearchParams | undefined> {
  const mediaType = trimSpace((c.req.header('content-type') ?? '').split(';')[0] ?? '').toLowerCase()
  if (mediaType !== 'application/x-www-form-urlencoded') return undefined // A38
  return new URLSearchParams(await c.req.text())
}

/** One document for RFC 8414 and for OpenID discovery; MCP clients read either (META-01, META-04, META-07). */
function metadataOf(issuer: string) {
  return {
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    registration_endpoint: `${issuer}/register`,
    introspection_endpoint: `${issuer}/introspect`,
    jwks_uri: `${issuer}/jwks`,
    response_types_supported: ['code'],
    response_modes_supported: ['query'],
    grant_types_supported: GRANT_TYPES,
    token_endpoint_auth_methods_supported: AUTH_METHODS,
    introspection_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
    code_challenge_methods_supported: ['S256'],
    authorization_response_iss_parameter_supported: true, // RFC 9207 §3
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: [KEY_ALGORITHM],
  }
}
