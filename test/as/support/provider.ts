// An outside provider over a socket: OpenID Connect, and the user API of GitHub beside it. Signs everybody in without
// asking, and fails in any way that a test wants. Checks PKCE, since a provider does.
import { createHash, randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { newKey, type SigningKey, signCompact } from '../../support/issuer.ts'

export interface Reply {
  readonly status?: number
  readonly type?: string
  readonly body: string
}

export interface FakeProvider {
  readonly url: string
  /** Claims of the ID token, laid over the usual ones; `undefined` leaves one out. */
  idToken: Record<string, unknown>
  /** Claims of the access token, which is then a JWT; undefined: it is opaque. */
  accessToken: Record<string, unknown> | undefined
  /** Laid over the usual metadata. */
  metadata: Record<string, unknown>
  /** The key that signs, and what is published. */
  readonly keys: { signs: SigningKey; published: readonly unknown[] }
  /** Changes an ID token after it was signed. */
  spoil: (idToken: string, accessToken: string) => string
  /** What came to the token endpoint. */
  readonly redeemed: { readonly form: URLSearchParams; readonly authorization: string | undefined }[]
  /** What userinfo answers; a Reply is sent as it is. */
  userinfo: Record<string, unknown> | Reply
  /** What the token endpoint answers, instead of what it should. */
  token: Reply | undefined
  /** What the token endpoint gives beside; undefined: nothing. */
  refreshToken: string | undefined
  /** What it says to a refresh token. */
  renew: (refreshToken: string | null) => Reply
  emails: unknown
  organizations: unknown
  /** Changes what the browser is sent back with. */
  redirect: (callback: URL) => URL
  /** Requests by path, in order. */
  readonly asked: string[]
  /** Access tokens that were given out. */
  readonly tokens: string[]
  readonly idTokens: string[]
  down: boolean
  close(): Promise<void>
}

interface Begun {
  readonly challenge: string
  readonly nonce: string | null
}

export async function startProvider(): Promise<FakeProvider> {
  const key = newKey('provider-1')
  const codes = new Map<string, Begun>()
  const server = createServer((request, response) => void answer(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const provider: FakeProvider = {
    url,
    idToken: {},
    accessToken: undefined,
    metadata: {},
    keys: { signs: key, published: [key.jwk] },
    spoil: (idToken) => idToken,
    redeemed: [],
    userinfo: { sub: 'sub-1', name: 'Ada Lovelace', email: 'ada@example.com', email_verified: true },
    token: undefined,
    refreshToken: undefined,
    renew: () => json({ error: 'invalid_grant' }, 400),
    emails: [],
    organizations: [],
    redirect: (callback) => callback,
    asked: [],
    tokens: [],
    idTokens: [],
    down: false,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const asked = new URL(request.url ?? '', url)
    provider.asked.push(asked.pathname)
    if (provider.down) return request.socket.destroy()
    const serve = PAGES[asked.pathname]
    if (serve === undefined) return send(response, { status: 404, body: '{}' })
    const form = new URLSearchParams(await text(request))
    if (asked.pathname === '/token')
      provider.redeemed.push({ form, authorization: request.headers.authorization })
    const reply = serve(asked, form)
    if ('location' in reply) response.writeHead(302, { location: reply.location }).end()
    else send(response, reply)
  }

  const PAGES: Record<string, (asked: URL, form: URLSearchParams) => Reply | { location: string }> = {
    '/.well-known/openid-configuration': () =>
      json({
        issuer: url,
        authorization_endpoint: `${url}/authorize`,
        token_endpoint: `${url}/token`,
        userinfo_endpoint: `${url}/userinfo`,
        jwks_uri: `${url}/jwks`,
        response_types_supported: ['code'],
        id_token_signing_alg_values_supported: ['ES256'],
        authorization_response_iss_parameter_supported: true,
        ...provider.metadata,
      }),
    '/jwks': () => json({ keys: provider.keys.published }),
    '/authorize'(asked) {
      const { searchParams } = asked
      const code = randomUUID()
      codes.set(code, {
        challenge: searchParams.get('code_challenge') ?? '',
        nonce: searchParams.get('nonce'),
      })
      const callback = new URL(searchParams.get('redirect_uri') ?? '')
      callback.searchParams.set('code', code)
      callback.searchParams.set('state', searchParams.get('state') ?? '')
      callback.searchParams.set('iss', url)
      return { location: provider.redirect(callback).href }
    },
    '/token'(_asked, form) {
      if (provider.token !== undefined) return provider.token
      if (form.get('grant_type') === 'refresh_token') return provider.renew(form.get('refresh_token'))
      const begun = codes.get(form.get('code') ?? '')
      codes.delete(form.get('code') ?? '')
      const challenge = createHash('sha256')
        .update(form.get('code_verifier') ?? '')
        .digest('base64url')
      if (begun?.challenge !== challenge) return json({ error: 'invalid_grant' }, 400)
      const now = Math.floor(Date.now() / 1000)
      const usual = {
        iss: url,
        sub: 'sub-1',
        aud: 'portcullis-at-fake',
        iat: now,
        exp: now + 60,
        nonce: begun.nonce,
      }
      const claims = JSON.stringify({ ...usual, ...provider.idToken })
      const { kid, privateKey } = provider.keys.signs
      const header = JSON.stringify({ alg: 'ES256', kid })
      const token =
        provider.accessToken === undefined
          ? `provider-token-${randomUUID()}`
          : signCompact(header, JSON.stringify({ ...usual, ...provider.accessToken }), privateKey)
      const idToken = provider.spoil(signCompact(header, claims, privateKey), token)
      provider.tokens.push(token)
      provider.idTokens.push(idToken)
      const { refreshToken: refresh_token } = provider
      return json({
        access_token: token,
        token_type: 'Bearer',
        expires_in: 60,
        id_token: idToken,
        refresh_token,
      })
    },
    '/oauth-token'(_asked, form) {
      return codes.delete(form.get('code') ?? '')
        ? json({ access_token: 'github-token', token_type: 'bearer', scope: 'read:user' })
        : json({ error: 'bad_verification_code' })
    },
    '/userinfo': () => userinfo(provider),
    '/user': () => userinfo(provider),
    '/user/emails': () => json(provider.emails),
    '/user/orgs': () => json(provider.organizations),
  }
  return provider
}

function userinfo(provider: FakeProvider): Reply {
  const said = provider.userinfo
  return typeof said['body'] === 'string' ? (said as unknown as Reply) : json(said)
}

export function json(value: unknown, status = 200): Reply {
  return { status, body: JSON.stringify(value) }
}

function send(response: ServerResponse, { status = 200, type = 'application/json', body }: Reply) {
  response.writeHead(status, { 'content-type': type }).end(body)
}
