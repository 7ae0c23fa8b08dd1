// The shape of `browser` of a route: where people sign in, as which client, and whose pages may use the session. What
// has to agree with the issuer is in check-browser.ts.
import { z } from 'zod'
import type { Secret } from '../core/secret.ts'
import type { BrowserClientSettings, BrowserSettings, SessionSettings } from '../core/settings-browser.ts'
import { origin } from './addresses.ts'
import { name, scopeList, seconds, secret, text } from './scalars.ts'
import { authorizationParameters } from './schema-reach.ts'

interface RawSignInClient {
  readonly client_id?: string | undefined
  readonly client_secret?: Secret | undefined
  readonly scopes?: readonly string[] | undefined
  readonly resource?: boolean | undefined
  readonly authorization_parameters?: Readonly<Record<string, string>> | undefined
}

/** With any of its keys there is one; an id that is missing is found by check-browser.ts. */
export function signInClientOf(raw: RawSignInClient): BrowserClientSettings | undefined {
  const { client_id: id = '', client_secret: secret, scopes, resource = true } = raw
  const { authorization_parameters: asked, resource: told } = raw
  const isSaid = [raw.client_id, secret, scopes, told, asked].some((value) => value !== undefined)
  return isSaid ? { id, secret, scopes, tellsResource: resource, parameters: asked ?? {} } : undefined
}

const session = z
  .strictObject({
    idle_timeout: seconds('5m', '7d').describe('Without a request.').prefault('30m'),
    absolute_timeout: seconds('5m', '7d').describe('In all.').prefault('12h'),
  })
  .transform(
    (raw): SessionSettings => ({ idleSeconds: raw.idle_timeout, absoluteSeconds: raw.absolute_timeout }),
  )

export const browser = z
  .strictObject({
    issuer: name.describe(
      'Where people sign in: an issuer of this route, the embedded one or one with OpenID Connect.',
    ),
    client_id: text
      .describe(
        'The client that the gateway is at an issuer elsewhere; its redirect address is /auth/callback/ and the name of the issuer. Absent: the embedded one, which knows it.',
      )
      .optional(),
    client_secret: secret
      .describe('Its secret. Absent: a public client; PKCE is used either way.')
      .optional(),
    scopes: scopeList
      .describe(
        'What is asked for at an issuer elsewhere, beside `openid`. Absent: every scope that the route names.',
      )
      .optional(),
    resource: z
      .boolean()
      .describe(
        'Whether an issuer elsewhere is told the resource (RFC 8707). `false` for one that refuses the parameter.',
      )
      .optional(),
    authorization_parameters: authorizationParameters.optional(),
    session: session.describe('When a session ends; never later than its token.').prefault({}),
    allowed_origins: z
      .array(origin)
      .describe('Browser origins whose pages may use the session, beside our own: exact.')
      .prefault([]),
  })
  .transform(
    (raw): BrowserSettings => ({
      issuer: raw.issuer,
      allowedOrigins: raw.allowed_origins,
      session: raw.session,
      client: signInClientOf(raw),
    }),
  )
