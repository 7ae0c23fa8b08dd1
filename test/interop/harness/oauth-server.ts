// The published mcp-oauth-server as somebody would deploy it: its own router, a consent page, and beside it the RFC 7662
// endpoint that it does not bring, over its own model. Its tokens are opaque, so a gateway has to ask.
import { once } from 'node:events'
import type { Server } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'

// Not imported: the types of the project must check where these packages are not installed.
const load = createRequire(import.meta.url)
const express = load('express')
const { authenticateHandler, MemoryOAuthServerModel, mcpAuthRouter, OAuthServer } = load('mcp-oauth-server')

interface Request {
  readonly headers: { readonly authorization?: string }
  readonly body: { readonly token?: string }
}

interface Response {
  status(code: number): Response
  json(value: object): void
}

export const PERSON = 'ada'
export const GATEWAY_CLIENT = { id: 'portcullis', secret: 'interop-introspection' }

export interface RunningOAuthServer {
  /** As in its metadata. */
  readonly issuer: string
  readonly introspection: string
  /** Plays the person: follows to the consent page, agrees, and returns where the browser is sent back to. */
  readonly browse: (url: URL) => Promise<URL>
  close(): Promise<void>
}

interface KeptToken {
  readonly expiresAt: Date
  readonly scopes: readonly string[]
  readonly clientId: string
  readonly userId?: string
  readonly resource?: string
}

/** @param resource the public URL of the route that its tokens are for */
export async function startOAuthServer(
  resource: string,
  scopes: readonly string[],
): Promise<RunningOAuthServer> {
  const app = express()
  const listener: Server = app.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const origin = `http://127.0.0.1:${(listener.address() as AddressInfo).port}`
  const model = new MemoryOAuthServerModel()
  const provider = new OAuthServer({
    model,
    issuerUrl: new URL(origin),
    authorizationUrl: new URL('/consent', origin),
    scopesSupported: [...scopes],
    resourceServerUrl: new URL(resource),
    strictResource: true,
  })
  app.use(mcpAuthRouter({ provider, resourceServerUrl: new URL(resource) }))
  app.use('/confirm', authenticateHandler({ provider, getUser: async () => PERSON }))
  app.post(
    '/introspect',
    express.urlencoded({ extended: false }),
    async (request: Request, response: Response) => {
      const expected = `Basic ${Buffer.from(`${GATEWAY_CLIENT.id}:${GATEWAY_CLIENT.secret}`).toString('base64')}`
      if (request.headers.authorization !== expected)
        return void response.status(401).json({ error: 'invalid_client' })
      const kept = (await model.getAccessToken(String(request.body.token))) as KeptToken | undefined
      response.json(kept === undefined ? { active: false } : describe(kept, issuer))
    },
  )
  const metadata = await (await fetch(`${origin}/.well-known/oauth-authorization-server`)).json()
  const issuer = String((metadata as { issuer: string }).issuer)
  return {
    issuer,
    introspection: `${origin}/introspect`,
    browse: (url) => agree(url, origin),
    async close() {
      listener.closeAllConnections()
      listener.close()
      await once(listener, 'close')
    },
  }
}

/** RFC 7662 §2.2 */
function describe({ expiresAt, scopes, clientId, userId, resource }: KeptToken, issuer: string): object {
  return {
    active: expiresAt.getTime() > Date.now(),
    iss: issuer,
    sub: userId,
    client_id: clientId,
    aud: resource,
    scope: scopes.join(' '),
    exp: Math.floor(expiresAt.getTime() / 1_000),
  }
}

async function agree(url: URL, origin: string): Promise<URL> {
  const asked = await fetch(url, { redirect: 'manual' })
  const consent = new URL(asked.headers.get('location') ?? '', url)
  if (consent.pathname !== '/consent') throw new Error(`no consent page: ${asked.status} ${consent}`)
  const answer = await fetch(`${origin}/confirm`, {
    method: 'POST',
    redirect: 'manual',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: consent.searchParams.toString(),
  })
  const back = answer.headers.get('location')
  if (back === null) throw new Error(`the consent was not taken: ${answer.status} ${await answer.text()}`)
  return new URL(back)
}
