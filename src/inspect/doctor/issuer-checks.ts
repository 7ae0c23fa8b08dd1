// Checks of the authorization servers that the metadata names, from the viewpoint of a client that has never seen them.
import type { JsonMembers } from '../../lib/json.ts'
import { isLoopbackHost } from '../../lib/loopback.ts'
import { type CheckResult, type DoctorCheck, doubtful, KEPT, keptIf, skipped, violated } from './check.ts'
import type { ServerSnapshot } from './server-snapshot.ts'

export const ISSUER_CHECKS: readonly DoctorCheck[] = [
  {
    id: 'META-01',
    severity: 'shut',
    rule: 'each authorization server serves its metadata (RFC 8414 or OpenID Connect)',
    cure: 'check the issuer for typing mistakes, or let the issuer serve its metadata',
    judge: ({ issuers }) => {
      if (issuers.length === 0) return skipped('no authorization server is named')
      const failed = issuers.find(({ document }) => !document.ok)
      if (failed === undefined || failed.document.ok) return KEPT
      return violated(`${failed.issuer}: ${failed.document.problem}`)
    },
  },
  {
    id: 'META-03',
    severity: 'shut',
    rule: 'issuer in that metadata is exactly what the resource names',
    cure: 'write authorization_servers character for character like the issuer in its metadata',
    quick: true,
    judge: (snapshot) =>
      forEach(snapshot, (document, issuer) =>
        keptIf(document['issuer'] === issuer, `${issuer} calls itself ${String(document['issuer'])}`),
      ),
  },
  {
    id: 'META-04',
    severity: 'shut',
    rule: 'PKCE with S256 is advertised',
    cure: 'publish code_challenge_methods_supported: ["S256"]; clients refuse to go on without it',
    judge: (snapshot) =>
      forEach(snapshot, (document, issuer) => {
        const methods = document['code_challenge_methods_supported']
        return keptIf(Array.isArray(methods) && methods.includes('S256'), `${issuer}: no S256`)
      }),
  },
  {
    id: 'AS-02',
    severity: 'hardening',
    rule: 'the endpoints of the authorization server are https',
    cure: 'serve them over https',
    judge: (snapshot) =>
      forEach(snapshot, (document) => {
        const endpoints = ['authorization_endpoint', 'token_endpoint', 'registration_endpoint', 'jwks_uri']
        const plain = endpoints.find((name) => isPlain(document[name]))
        return keptIf(plain === undefined, `${plain} is plain http`)
      }),
  },
  {
    id: 'META-05',
    severity: 'shut',
    rule: 'the authorization server lists the scopes of the challenge, where it lists any',
    cure: 'make these scopes known at the authorization server; an unknown one fails registration or sign-in as a whole',
    judge: (snapshot) =>
      forEach(snapshot, (document, issuer) => {
        const listed = document['scopes_supported']
        if (!Array.isArray(listed)) return KEPT
        const missing = challengeScopes(snapshot).filter((scope) => !listed.includes(scope))
        return missing.length === 0 ? KEPT : doubtful(`${issuer} does not list ${missing.join(' ')}`)
      }),
  },
  {
    id: 'CIM-01',
    severity: 'shut',
    rule: 'a client that nobody registered can introduce itself',
    cure: 'offer dynamic registration (RFC 7591) or client ID metadata documents, or register each client by hand',
    judge: (snapshot) =>
      forEach(snapshot, (document, issuer) => {
        const ways = [
          typeof document['registration_endpoint'] === 'string',
          document['client_id_metadata_document_supported'] === true,
        ]
        return ways.includes(true) ? KEPT : doubtful(`${issuer}: neither registration nor client ID metadata`)
      }),
  },
  {
    id: 'AS-06',
    severity: 'hardening',
    rule: 'answers of the authorization endpoint name their issuer (RFC 9207)',
    cure: 'send iss with the code, and publish authorization_response_iss_parameter_supported: true',
    judge: (snapshot) =>
      forEach(snapshot, (document, issuer) =>
        document['authorization_response_iss_parameter_supported'] === true
          ? KEPT
          : doubtful(`${issuer} does not say so`),
      ),
  },
]

export function challengeScopes({ challenge }: ServerSnapshot): readonly string[] {
  return challenge?.parameters.get('scope')?.split(' ').filter(Boolean) ?? []
}

/** The first issuer that is not as it should be. */
function forEach(
  { issuers }: ServerSnapshot,
  judge: (document: JsonMembers, issuer: string) => CheckResult,
): CheckResult {
  const read = issuers.flatMap(({ issuer, document }) => (document.ok ? [judge(document.value, issuer)] : []))
  if (read.length === 0) return skipped('no metadata of an authorization server')
  return read.find(({ state }) => state === 'violated') ?? read.find(({ state }) => state !== 'kept') ?? KEPT
}

function isPlain(value: unknown): boolean {
  if (typeof value !== 'string' || !URL.canParse(value)) return false
  const { protocol, hostname } = new URL(value)
  return protocol === 'http:' && !isLoopbackHost(hostname)
}
