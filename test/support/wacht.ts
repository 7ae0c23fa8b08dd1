// The check endpoint of a Wacht gateway over a real socket, built from its documentation: what it answers is chosen by the
// token that is asked about. Refuses what the real one refuses; knows no tenants, as the real one does not.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

export interface Check {
  readonly principal: { readonly type: string; readonly value: string }
  readonly resource: string
  readonly method: string
  readonly client_ip?: string
  readonly user_agent?: string
  readonly required_permissions?: readonly string[]
}

/** A check as it was on the wire. */
export interface WachtRequest {
  readonly method: string | undefined
  readonly path: string | undefined
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

export interface TestWacht {
  readonly url: string
  readonly checks: Check[]
  readonly requests: WachtRequest[]
  /** Laid over what an allowed token is answered. */
  allowed: WachtAnswer
  /** How a request is answered instead. */
  respond: ((check: Check, response: ServerResponse) => void) | undefined
  close(): Promise<void>
}

export interface WachtAnswer {
  readonly identity?: object
  readonly metadata?: object
  readonly headers?: object
  readonly permissions?: readonly unknown[]
  readonly [member: string]: unknown
}

export interface WachtOptions {
  /** What `x-wacht-oauth-issuer` says. */
  readonly issuer: () => string
  /** What `metadata.oauth_resource` says. */
  readonly resource: () => string
}

const FIELDS = new Set(['principal', 'resource', 'method', 'client_ip', 'user_agent', 'required_permissions'])
const METHODS = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'])

export async function startWacht({ issuer, resource }: WachtOptions): Promise<TestWacht> {
  const server = createServer((request, response) => void answer(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const wacht: TestWacht = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    checks: [],
    requests: [],
    allowed: {},
    respond: undefined,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    if (request.method !== 'POST' || request.url !== '/v1/authz/check') return say(response, 404, 'not found')
    const body = await text(request)
    const check = JSON.parse(body) as Check
    wacht.checks.push(check)
    wacht.requests.push({ method: request.method, path: request.url, headers: request.headers, body })
    const strange = Object.keys(check).find((name) => !FIELDS.has(name))
    if (strange !== undefined) return say(response, 422, `unknown field \`${strange}\``)
    if (!METHODS.has(check.method) || check.resource.trim() === '') return say(response, 400, 'bad request')
    if (wacht.respond !== undefined) return wacht.respond(check, response)
    return byToken(check, response)
  }

  /** The nine answers of the endpoint, by the word that a token begins with. */
  const byToken = ({ principal }: Check, response: ServerResponse) => {
    const [word = ''] = principal.value.split('.')
    switch (word) {
      case 'unknown':
        return say(response, 401, { ...EMPTY, allowed: false })
      case 'nokey':
        return say(response, 401, 'Unauthorized')
      case 'permission':
        return say(response, 200, { ...good(), allowed: false, reason: 'permission_denied' })
      case 'limited':
        return say(response, 200, { ...good(), allowed: false, reason: 'rate_limited', retry_after: 60_000 })
      case 'forbidden':
        return say(response, 403, 'Forbidden')
      case 'toomany':
        return say(response, 429, { error: 'too many', retry_after: 1_500 })
      case 'broken':
        return say(response, 500, 'Internal Server Error')
      case 'machine':
        return say(
          response,
          200,
          merged(merged(good(), wacht.allowed), { identity: { owner_user_id: null } }),
        )
      default:
        return say(response, 200, merged(good(), wacht.allowed))
    }
  }

  const good = () => ({
    ...EMPTY,
    allowed: true,
    identity: {
      ...{
        key_id: '41',
        deployment_id: '7',
        app_slug: 'notes-app',
        key_name: 'oc_client',
        owner_user_id: '9001',
      },
      ...{ organization_id: null, workspace_id: null },
    },
    permissions: ['a'],
    metadata: {
      principal_type: 'oauth_access_token',
      scopes: ['a'],
      oauth_resource: resource(),
      granted_resource: 'urn:wacht:organization:5',
      expires_at: new Date(Date.now() + 600_000).toISOString(),
    },
    headers: { 'x-wacht-oauth-issuer': issuer(), 'x-wacht-granted-resource': 'urn:wacht:organization:5' },
  })
  return wacht
}

const EMPTY = {
  ...{
    request_id: 'req_1',
    reason: null,
    blocked_rule: null,
    identity: null,
    permissions: [],
    metadata: null,
  },
  ...{ rate_limits: [], retry_after: null, headers: {} },
}

/** One level deep: members of `identity`, `metadata` and `headers` are replaced one by one; undefined removes. */
function merged(base: Record<string, unknown>, over: WachtAnswer): Record<string, unknown> {
  const deep = (name: string) => ({ ...(base[name] as object), ...(over[name] as object | undefined) })
  return {
    ...base,
    ...over,
    identity: deep('identity'),
    metadata: deep('metadata'),
    headers: deep('headers'),
  }
}

function say(response: ServerResponse, status: number, body: object | string): void {
  const isText = typeof body === 'string'
  response.writeHead(status, { 'content-type': isText ? 'text/plain' : 'application/json' })
  response.end(isText ? body : JSON.stringify(body))
}
