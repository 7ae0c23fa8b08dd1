// The gateway that the rules of every revision are tried on. Its audience is not its URL, so that a token must name
// what the file says.
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { echoResult } from '../support/upstream.ts'
import { type Ask, ask, type Exchange, type Revision, toolCallOf } from './revision.ts'

export const AUDIENCE = 'http://mcp.example/mcp'

export interface Scene {
  readonly gateway: TestGateway
  token(scope?: string, claims?: object): string
  bearer(scope?: string, claims?: object): string
  /** A tools/call with a good token, unless `how` says otherwise. */
  send(revision: Revision, how?: Ask, name?: string): Promise<Exchange>
  reset(): void
}

export async function openScene(): Promise<Scene> {
  const gateway = await startTestGateway({
    top: 'scopes_imply: { superuser: [admin, a] }',
    route: '    audience: ["HTTP://MCP.example:80/mcp", "urn:alias"]',
    upstream: 'pass_query: true,', // what goes on of a query shows what does not
  })
  const token = (scope = 'a', claims: object = {}) => gateway.token(scope, { aud: AUDIENCE, ...claims })
  const bearer = (scope = 'a', claims: object = {}) => `Bearer ${token(scope, claims)}`
  return {
    gateway,
    token,
    bearer,
    send: (revision, how = {}, name = 'safe') =>
      ask(gateway, toolCallOf(revision, name), { authorization: bearer(), ...how }),
    reset() {
      gateway.upstream.respond = echoResult
    },
  }
}
