// AuthSec's side of a protected server over a real socket: the policy document with switches for what it says and how it
// fails, and introspection that narrows scopes to what an administrator left the person.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface PolicyDocument {
  readonly policy_complete?: unknown
  readonly generation?: unknown
  readonly tool_policy?: unknown
  readonly scopes_supported?: unknown
  readonly tools?: unknown
}

export interface TestAuthSec {
  readonly url: string
  readonly requests: { readonly path: string; readonly authorization: string | undefined }[]
  document: PolicyDocument
  /** How the policy is answered instead. */
  respond: ((response: ServerResponse) => unknown) | undefined
  close(): Promise<void>
}

export const RESOURCE_SERVER = 'rs-1'
/** With characters that another encoding would change. */
export const SECRET = 'intro+spection/secret='

export async function startAuthSec(document: PolicyDocument): Promise<TestAuthSec> {
  const expected = `Basic ${Buffer.from(`${RESOURCE_SERVER}:${SECRET}`).toString('base64')}`
  const server = createServer((request: IncomingMessage, response) => {
    const { url: path = '', headers } = request
    authsec.requests.push({ path, authorization: headers.authorization })
    if (authsec.respond !== undefined) return authsec.respond(response)
    if (headers.authorization !== expected) return response.writeHead(401).end()
    if (path !== `/authsec/resource-servers/${RESOURCE_SERVER}/sdk-policy`)
      return response.writeHead(404).end()
    response.writeHead(200, { 'content-type': 'application/json' })
    return response.end(JSON.stringify(authsec.document))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const authsec: TestAuthSec = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: [],
    document,
    respond: undefined,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return authsec
}

/** What introspection says when an administrator left the person only these scopes; undefined says nothing of scopes. */
export function narrowed(claims: object, left: readonly string[] | undefined): object {
  const scope = left === undefined ? {} : { scope: left.join(' '), ext_authsec_scope_filtered: true }
  return { active: true, ...claims, ...scope }
}
