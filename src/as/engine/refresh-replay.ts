// A client that races itself: it refreshes twice with the same refresh token, or redeems a code twice, from two places
// of its own or because an answer was lost (AS-04, A15, A16). Within the grace a second refresh gets the answer of the
// first, kept sealed under a key that only the presented token yields, and only where the first one came from (A62).
// Anything else is theft.
import { errors } from 'oidc-provider'
import { networkOf } from '../../core/network.ts'
import { type Artifacts, artifactKey, type StoredAnswer } from '../store/artifacts.ts'
import { createSeal } from '../store/seal.ts'
import type { StoreClock } from '../store/store.ts'
import type { GrantHandler, TokenContext } from './grant-types.ts'
import type { UnitOfWork } from './unit-of-work.ts'

export interface ReplayOptions {
  readonly artifacts: Artifacts
  readonly unitOfWork: UnitOfWork
  readonly clock: StoreClock
  /** 0: no grace. */
  readonly graceMs: number
  /** Ends a grant whose refresh token somebody else showed again. */
  readonly onReuse: (context: TokenContext, grantId: string) => void
}

export function withRefreshReplay(refresh: GrantHandler, options: ReplayOptions): GrantHandler {
  const { unitOfWork, graceMs } = options
  const flights = new Map<string, Promise<unknown>>()
  return async (context) => {
    const token = context.oidc.params['refresh_token']
    if (graceMs === 0 || typeof token !== 'string') return unitOfWork.run(() => refresh(context))
    const key = artifactKey('RefreshToken', token)
    while (flights.has(key)) await flights.get(key)
    const kept = repeatable(token, options)
    if (kept !== undefined) return repeat({ token, kept, refresh, context }, options)
    const flight = unitOfWork.run(async () => {
      await refresh(context)
      unitOfWork.write(() => keepAnswer(token, context, options))
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

/** A63: a callback that is delivered twice redeems its code twice. The second is refused, and ends nothing yet. */
export function withCodeReplay(
  redeem: GrantHandler,
  { artifacts, clock, graceMs }: ReplayOptions,
): GrantHandler {
  return async (context) => {
    const code = context.oidc.params['code']
    const usedAt =
      typeof code === 'string' ? artifacts.find('AuthorizationCode', code)?.consumedAt : undefined
    if (usedAt !== undefined && clock.now() - usedAt * 1_000 < graceMs)
      throw new errors.InvalidGrant('authorization code already consumed')
    return redeem(context)
  }
}

function keepAnswer(
  token: string,
  context: TokenContext,
  { artifacts, clock, graceMs }: ReplayOptions,
): void {
  const successor = context.oidc.entities.RefreshToken?.jti
  if (successor === undefined) return
  artifacts.keepAnswer('RefreshToken', token, {
    sealed: sealOf(token).seal(JSON.stringify(context.body), placeOf(context)),
    successor: artifactKey('RefreshToken', successor),
    until: clock.now() + graceMs,
  })
}

/** The answer to give again; undefined after the grace, and when it was not the immediate predecessor. */
function repeatable(token: string, { artifacts, clock }: ReplayOptions): StoredAnswer | undefined {
  const kept = artifacts.answerOf('RefreshToken', token)
  if (kept === undefined || kept.until <= clock.now()) return undefined
  return artifacts.isUnused('RefreshToken', kept.successor) ? kept : undefined
}

interface Repeat {
  readonly token: string
  readonly kept: StoredAnswer
  readonly refresh: GrantHandler
  readonly context: TokenContext
}

/** Judged like the first one, with its proof, its client and its person, before anything is given. */
async function repeat({ token, kept, refresh, context }: Repeat, options: ReplayOptions): Promise<void> {
  await options.unitOfWork.rehearse(() => refresh(context))
  const opened = sealOf(token).open(kept.sealed, placeOf(context))
  if (opened === undefined) {
    const grantId = context.oidc.entities.Grant?.jti
    if (grantId !== undefined) options.onReuse(context, grantId)
    throw new errors.InvalidGrant('refresh token already used')
  }
  context.body = JSON.parse(opened)
}

function sealOf(token: string) {
  return createSeal(Buffer.from(token), 'refresh answer')
}

/** A repeat is the same client, asking for the same, from the same place. */
function placeOf(context: TokenContext): string {
  const { params, client } = context.oidc
  return JSON.stringify([client?.clientId, params['scope'], params['resource'], whoAsks(context)])
}

/** Who holds the key; a client that proved itself; else whoever is in that network. After the answer was made. */
function whoAsks({ oidc, ip }: TokenContext): string {
  const { AccessToken: made } = oidc.entities
  if (made?.jkt !== undefined) return `key ${made.jkt}`
  return oidc.client?.clientAuthMethod === 'none' ? `network ${networkOf(ip)}` : 'client'
}
