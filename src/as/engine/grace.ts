// A client that races itself: it refreshes twice with the same refresh token, from two places or because an answer
// was lost (AS-04, A15, A16). Within the grace the second one gets the answer of the first, kept sealed under a key
// that only the presented token yields. After it, or once the successor was used, a repeat is theft.
import { type Artifacts, keptId } from '../store/artifacts.ts'
import { createSeal } from '../store/sealing.ts'
import type { StoreClock } from '../store/store.ts'
import type { GrantHandler, TokenContext } from './grants.ts'
import type { Units } from './unit-of-work.ts'

export interface GraceOptions {
  readonly artifacts: Artifacts
  readonly units: Units
  readonly clock: StoreClock
  /** 0: no grace. */
  readonly graceMs: number
}

export function withGrace(refresh: GrantHandler, options: GraceOptions): GrantHandler {
  const { units, graceMs } = options
  const flights = new Map<string, Promise<unknown>>()
  return async (context) => {
    const token = context.oidc.params['refresh_token']
    if (graceMs === 0 || typeof token !== 'string') return units.run(() => refresh(context))
    const key = keptId('RefreshToken', token)
    while (flights.has(key)) await flights.get(key)
    const answer = repeatAnswer(token, context, options)
    if (answer !== undefined) {
      context.body = answer
      return undefined
    }
    const flight = units.run(async () => {
      await refresh(context)
      units.write(() => keepAnswer(token, context, options))
    })
    flights.set(
      key,
      flight.catch(() => undefined),
    )
    try {
      return await flight
    } finally {
      flights.delete(key)
    }
  }
}

function keepAnswer(token: string, context: TokenContext, { artifacts, clock, graceMs }: GraceOptions): void {
  const successor = context.oidc.entities.RefreshToken?.jti
  if (successor === undefined) return
  artifacts.keepAnswer('RefreshToken', token, {
    sealed: sealOf(token).seal(JSON.stringify(context.body), placeOf(context)),
    successor: keptId('RefreshToken', successor),
    until: clock.now() + graceMs,
  })
}

function repeatAnswer(token: string, context: TokenContext, options: GraceOptions): unknown {
  const { artifacts, clock } = options
  const kept = artifacts.answerOf('RefreshToken', token)
  if (kept === undefined || kept.until <= clock.now()) return undefined
  if (!artifacts.isUnused('RefreshToken', kept.successor)) return undefined // not the immediate predecessor
  const opened = sealOf(token).open(kept.sealed, placeOf(context))
  return opened === undefined ? undefined : JSON.parse(opened)
}

function sealOf(token: string) {
  return createSeal(Buffer.from(token), 'refresh answer')
}

/** The same client, asking for the same: a different question is not a repeat. A bound answer stays with its key. */
function placeOf({ oidc, req }: TokenContext): string {
  const { scope, resource } = oidc.params
  return JSON.stringify([oidc.client?.clientId, scope, resource, req.headers['dpop'] !== undefined])
}
