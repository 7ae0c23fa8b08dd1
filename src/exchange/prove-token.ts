// Proves a token for a route outside of a request: when a browser has signed in, before it has called.
import type { Route } from './route.ts'

export type ProvedSubject =
  | { readonly ok: true; readonly value: string }
  | { readonly ok: false; readonly why: 'unreachable' | 'refused'; readonly detail: string }

/** Judges the token like a bearer token of a request. The reason of a refusal is for the operator. */
export async function proveForRoute(
  route: Route | undefined,
  { token, address }: { readonly token: string; readonly address: string },
): Promise<ProvedSubject> {
  if (route === undefined) return { ok: false, why: 'refused', detail: 'the route is gone' }
  const url = route.publicOrigin + route.path
  const credential = { scheme: 'bearer', token, proof: undefined, method: 'GET', url, address } as const
  const proved = await route.verifier.verify(credential, Date.now())
  if (proved.ok) return { ok: true, value: proved.value.subject }
  const { refusal } = proved
  if (refusal.reason === 'issuer_unreachable')
    return { ok: false, why: 'unreachable', detail: refusal.detail }
  const check = refusal.reason === 'token_rejected' ? ` (${refusal.check})` : ''
  return { ok: false, why: 'refused', detail: `the route refuses the token: ${refusal.reason}${check}` }
}
