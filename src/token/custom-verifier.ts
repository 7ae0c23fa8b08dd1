// Proves a token by a function of the program that embeds the gateway. Its answer is written as JSON and read like that
// of `verifier: http`, so that it passes the same checks. When the function throws, hangs or answers nonsense, the
// question has failed and there is no verdict.
import type { Credential } from '../core/principal.ts'
import type { TokenVerifier, VerifiedToken } from '../core/token-verifier.ts'
import type { JsonObject } from '../lib/strict-json.ts'
import { createGuardedIntrospection, type Introspection } from './guarded-introspection.ts'
import type { QueryAnswer, QueryGuard } from './query-guard.ts'
import { MAX_VERDICT_BYTES, readVerifierAnswer, verdictOfAnswer } from './verifier-answer.ts'

export interface CustomVerifierOptions {
  readonly verifier: TokenVerifier
  readonly timeoutMs: number
  readonly queryGuard: QueryGuard
}

export function createCustomVerifier({
  verifier,
  timeoutMs,
  queryGuard,
}: CustomVerifierOptions): Introspection {
  const read = (credential: Credential) => ask(verifier, credential, timeoutMs)
  return createGuardedIntrospection(queryGuard, read, verdictOfAnswer)
}

async function ask(
  verifier: TokenVerifier,
  { token, method, url, address }: Credential,
  timeoutMs: number,
): Promise<QueryAnswer<JsonObject>> {
  const stop = new AbortController()
  const late = Promise.withResolvers<QueryAnswer<JsonObject>>()
  const timer = setTimeout(() => {
    late.resolve({ ok: false, why: 'no complete answer in time' })
    stop.abort()
  }, timeoutMs)
  const request = { method, url, clientAddress: address, signal: stop.signal }
  const answer = async () => readAnswer(await verifier.verifyAccessToken(token, request))
  try {
    return await Promise.race([answer(), late.promise])
  } catch (error) {
    return { ok: false, why: `the verifier threw ${nameOf(error)}` }
  } finally {
    clearTimeout(timer)
  }
}

const NOT_VALID = Buffer.from('{"allowed":false}')
const NONSENSE = {
  ok: false,
  why: 'the verifier answered with something other than an object of JSON values',
} as const

/** The members of VerifiedToken, each with its name in the JSON answer. */
const NAMES: Readonly<Record<keyof VerifiedToken, string>> = {
  subject: 'subject',
  audience: 'audience',
  expiresAt: 'expires_at',
  scopes: 'scopes',
  clientId: 'client_id',
  issuer: 'issuer',
  roles: 'roles',
  claims: 'claims',
}

/** Checks the answer at run time: the program may be JavaScript, or cast its types. */
function readAnswer(answer: unknown): QueryAnswer<JsonObject> {
  if (answer === undefined || answer === null) return readVerifierAnswer(NOT_VALID)
  const text = typeof answer === 'object' && !Array.isArray(answer) ? jsonOf(answer) : undefined
  if (text === undefined) return NONSENSE
  const bytes = Buffer.from(text)
  return bytes.length > MAX_VERDICT_BYTES
    ? { ok: false, why: `the answer is larger than ${MAX_VERDICT_BYTES} bytes` }
    : readVerifierAnswer(bytes)
}

/** Returns undefined for what JSON cannot express: a circle, a BigInt. */
function jsonOf(answer: object): string | undefined {
  try {
    const members = Object.entries(answer).map(([name, value]) => [nameInJson(name), value] as const)
    return JSON.stringify({ allowed: true, ...Object.fromEntries(members) })
  } catch {
    return undefined
  }
}

/** Returns the name in the JSON answer. An unknown name becomes one that no answer may have. */
function nameInJson(name: string): string {
  return Object.hasOwn(NAMES, name) ? NAMES[name as keyof VerifiedToken] : `unknown ${name}`
}

/** Names an error by its class, since its message may quote the token (I39). */
function nameOf(error: unknown): string {
  const name = error instanceof Error ? error.name : ''
  return /^[A-Za-z]{1,64}$/.test(name) ? name : 'something'
}
