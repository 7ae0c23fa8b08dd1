// Registers a client as MCP clients do, where the operator asks for it, and removes it again (RFC 7591, RFC 7592).
import { type JsonMembers, membersOf, parseJson } from '../../lib/json.ts'
import type { ProbeAnswer } from '../http.ts'
import { type CheckResult, type DoctorCheck, doubtful, skipped, violated } from './check.ts'
import { challengeScopes } from './issuer-checks.ts'
import type { ServerSnapshot } from './server-snapshot.ts'

const MAX_ERROR_CHARACTERS = 200
const JSON_TYPE = { 'content-type': 'application/json', accept: 'application/json' }

export const REGISTRATION_CHECKS: readonly DoctorCheck[] = [
  {
    id: 'DCR-01',
    severity: 'shut',
    rule: 'a client can register with the scopes of the challenge',
    cure: 'let unknown clients register with loopback redirect addresses and these scopes; Keycloak: Trusted Hosts, optional scopes',
    judge: async (snapshot) => {
      if (!snapshot.register) return skipped('it is tried with --register')
      const endpoints = snapshot.issuers.flatMap(({ issuer, document }) => {
        const endpoint = document.ok ? document.value['registration_endpoint'] : undefined
        return typeof endpoint === 'string' && URL.canParse(endpoint) ? [{ issuer, endpoint }] : []
      })
      let last: CheckResult = skipped('no authorization server has a registration endpoint')
      for (const { issuer, endpoint } of endpoints) {
        last = await register(snapshot, issuer, endpoint)
        if (last.state !== 'kept') return last
      }
      return last
    },
  },
]

async function register(snapshot: ServerSnapshot, issuer: string, endpoint: string): Promise<CheckResult> {
  const scopes = challengeScopes(snapshot)
  const answer = await snapshot.http.ask(endpoint, {
    method: 'POST',
    headers: JSON_TYPE,
    body: JSON.stringify({
      client_name: 'portcullis doctor',
      redirect_uris: ['http://127.0.0.1/callback'],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
      ...(scopes.length === 0 ? {} : { scope: scopes.join(' ') }),
    }),
  })
  if (!answer.ok) return violated(answer.problem)
  const client = readMembers(answer.value)
  const id = client['client_id']
  if (answer.value.status !== 201 || typeof id !== 'string')
    return violated(`${issuer}: status ${answer.value.status}${errorOf(client)}`)
  const left = (await remove(snapshot, endpoint, client))
    ? 'removed again'
    : `remove the client ${id} by hand`
  const given = client['scope']
  const missing = typeof given === 'string' ? scopes.filter((scope) => !given.split(' ').includes(scope)) : []
  if (missing.length > 0) return doubtful(`${issuer} leaves out ${missing.join(' ')}; ${left}`)
  return { state: 'kept', seen: left }
}

/** RFC 7592 §2.3. SECURITY: the token of the client goes to the origin that gave it, and to no other. */
async function remove({ http }: ServerSnapshot, endpoint: string, client: JsonMembers): Promise<boolean> {
  const { registration_client_uri: at, registration_access_token: token } = client
  if (typeof at !== 'string' || typeof token !== 'string' || !URL.canParse(at)) return false
  if (new URL(at).origin !== new URL(endpoint).origin) return false
  const answer = await http.ask(at, { method: 'DELETE', headers: { authorization: `Bearer ${token}` } })
  return answer.ok && answer.value.status === 204
}

function readMembers({ text }: ProbeAnswer): JsonMembers {
  return membersOf(parseJson(text)) ?? {}
}

function errorOf({ error, error_description: description }: JsonMembers): string {
  const words = [error, description].filter((word) => typeof word === 'string').join(': ')
  return words === '' ? '' : `, ${words.slice(0, MAX_ERROR_CHARACTERS)}`
}
