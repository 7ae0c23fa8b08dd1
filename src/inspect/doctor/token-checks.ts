// Checks with tokens that no issuer signed: each must be refused like any other. None of them is anybody's.
import { readChallenge } from './challenge.ts'
import {
  type CheckResult,
  type DoctorCheck,
  doubtful,
  KEPT,
  skipped,
  violated,
  wronglyAnswered,
} from './check.ts'
import type { ServerSnapshot } from './server-snapshot.ts'

const HOUR_SECONDS = 3_600

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

/** A JWT of these claims with a signature of zeros, or without one. */
function forged({ issuers }: ServerSnapshot, claims: object, alg = 'RS256'): string {
  const iss = issuers[0]?.issuer ?? 'https://issuer.example'
  const signature = alg === 'none' ? '' : Buffer.alloc(256).toString('base64url')
  return `${encode({ alg, typ: 'at+jwt', kid: 'doctor' })}.${encode({ iss, sub: 'doctor', ...claims })}.${signature}`
}

async function isRefused(snapshot: ServerSnapshot, token: string): Promise<CheckResult> {
  if (snapshot.anonymous.status !== 401) return skipped('the server wants no token')
  const answer = await snapshot.open({ authorization: `Bearer ${token}` })
  if (!answer.ok) return { ...violated(answer.problem), severity: 'shut' }
  const { status, headers } = answer.value
  if (status === 503) return doubtful('503: the issuer could not be asked')
  if (status !== 401) return wronglyAnswered(status)
  const error = readChallenge(headers.get('www-authenticate'))?.parameters.get('error')
  return error === 'invalid_token' ? KEPT : doubtful('401 without error="invalid_token" (CHL-06)')
}

const now = () => Math.floor(Date.now() / 1000)

export const TOKEN_CHECKS: readonly DoctorCheck[] = [
  {
    id: 'TOK-06',
    severity: 'open',
    rule: 'a token that is no token is refused with 401 invalid_token',
    cure: 'verify every token; answer 401 with error="invalid_token"',
    quick: true,
    judge: (snapshot) => isRefused(snapshot, 'doctor-garbage'),
  },
  {
    id: 'TOK-11',
    severity: 'open',
    rule: 'a JWT without a signature (alg none) is refused',
    cure: 'accept asymmetric algorithms only, by a list',
    judge: (snapshot) => {
      const claims = { aud: snapshot.url.href, exp: now() + HOUR_SECONDS, iat: now() }
      return isRefused(snapshot, forged(snapshot, claims, 'none'))
    },
  },
  {
    id: 'TOK-07',
    severity: 'open',
    rule: 'a JWT for another audience is refused',
    cure: 'verify signature and audience of every token',
    judge: (snapshot) =>
      isRefused(
        snapshot,
        forged(snapshot, { aud: 'https://other.example/mcp', exp: now() + HOUR_SECONDS, iat: now() }),
      ),
  },
  {
    id: 'TOK-06',
    severity: 'open',
    rule: 'a JWT that has expired is refused',
    cure: 'verify signature and expiry of every token',
    judge: (snapshot) =>
      isRefused(snapshot, forged(snapshot, { aud: snapshot.url.href, exp: now() - HOUR_SECONDS, iat: 1 })),
  },
  {
    id: 'TOK-02',
    severity: 'open',
    rule: 'a token in the URL counts for nothing',
    cure: 'ignore access_token in the query; URLs end in logs',
    judge: async (snapshot) => {
      if (snapshot.anonymous.status !== 401) return skipped('the server wants no token')
      const url = new URL(snapshot.url)
      url.searchParams.set('access_token', 'doctor-garbage')
      const answer = await snapshot.open({}, url.href)
      if (!answer.ok) return { ...violated(answer.problem), severity: 'shut' }
      const { status } = answer.value
      return [400, 401].includes(status) ? KEPT : wronglyAnswered(status)
    },
  },
  {
    id: 'CHL-01',
    severity: 'open',
    rule: 'an empty or unreadable Authorization header is refused',
    cure: 'answer 400 or 401, never let it pass',
    judge: async (snapshot) => {
      if (snapshot.anonymous.status !== 401) return skipped('the server wants no token')
      const answer = await snapshot.open({ authorization: 'Bearer a b' })
      if (!answer.ok) return { ...violated(answer.problem), severity: 'shut' }
      const { status } = answer.value
      return [400, 401].includes(status) ? KEPT : wronglyAnswered(status)
    },
  },
]
