// What an issuer says of the token that `portcullis explain` was given. It asks only the issuer that the gateway would
// ask, and nobody about claims from a file.
import type { Credential, Principal } from '../../core/principal.ts'
import type { Refusal } from '../../core/refusal.ts'
import type { IssuerSettings } from '../../core/settings.ts'
import type { JsonObject } from '../../lib/strict-json.ts'
import type { AudienceCheck } from '../../token/audience.ts'
import { firstClaim, readPrincipal } from '../../token/claims.ts'
import { createIssuer } from '../../token/issuer.ts'
import { askIssuer, impliesAudience, intersectPrincipals } from '../../token/verify-by-introspection.ts'

const TIMEOUT_MS = 5_000

export interface IntrospectionVerdict {
  readonly state: 'active' | 'inactive' | 'unanswered'
  readonly detail: string
}

export interface IntrospectionReport {
  readonly verdict: IntrospectionVerdict
  /** The whole answer about an active token; undefined for any other. */
  readonly answer: JsonObject | undefined
}

/** `now` is epoch milliseconds. */
export async function askIntrospection(
  token: string,
  { url, address }: Pick<Credential, 'url' | 'address'>,
  settings: IssuerSettings,
  now: number,
): Promise<IntrospectionReport> {
  const issuer = createIssuer(settings, { timeoutMs: TIMEOUT_MS })
  const credential: Credential = { scheme: 'bearer', token, proof: undefined, method: 'POST', url, address }
  const answer = await askIssuer({ credential, quotaKey: 'explain', now }, issuer)
  await issuer.close()
  if (answer.ok) {
    return { verdict: { state: 'active', detail: 'the issuer calls it active' }, answer: answer.value }
  }
  const { refusal } = answer
  const state = refusal.reason === 'token_rejected' ? 'inactive' : 'unanswered'
  return { verdict: { state, detail: detailOf(refusal) }, answer: undefined }
}

/** A signed principal, narrowed by what the issuer answered; else why the two do not go together. */
export function narrowed(
  signed: Principal,
  answer: JsonObject,
  rules: { readonly settings: IssuerSettings; readonly audience: AudienceCheck },
  now: number,
): Principal | string {
  const optional = { issuer: true, audience: impliesAudience(rules.settings) }
  const said = readPrincipal(answer, { ...rules, optional }, now)
  if (!said.ok) return `introspection: ${detailOf(said.refusal)}`
  const namesScopes = firstClaim(answer, rules.settings.claims.scopes) !== undefined
  const agreed = intersectPrincipals(signed, { principal: said.value, namesScopes })
  return agreed.ok ? agreed.value : detailOf(agreed.refusal)
}

export function detailOf(refusal: Refusal): string {
  return 'detail' in refusal ? refusal.detail : refusal.reason
}
