// A client that races itself: it refreshes twice with the same refresh token, or redeems a code twice, from two places
// of its own or because an answer was lost (AS-04, A15, A16). Within the grace a second refresh gets the answer of the
// first, kept sealed under a key that only the presented token yields, and only where the first one came from (A62).
// Any other reuse is theft: here, when it comes from elsewhere within the grace; plain reuse after the grace is refused
// by oidc-provider, which ends the grant (`revokeByGrantId` in adapter.ts).
import { errors } from 'oidc-provider'
import { networkOf } from '../../core/network.ts'
import type { Locks } from '../../core/shared-state.ts'
import { createSeal } from '../../lib/seal.ts'
import { type Artifacts, artifactKey, type StoredAnswer } from '../store/artifacts.ts'
import type { StoreClock } from '../store/store.ts'
import type { GrantHandler, TokenContext } from './grant-handler.ts'
import { type UnitOfWork, UsedMeanwhile } from './unit-of-work.ts'

export interface ReplayOptions {
  readonly artifacts: Artifacts
  readonly unitOfWork: UnitOfWork
  readonly clock: StoreClock
  /** The locks of requests that present the same token, which run one after the other. */
  readonly locks: Locks
  /** 0: no grace. */
  readonly graceMs: number
  /** Ends a grant whose refresh token came again from elsewhere. */
  readonly onReuse: (context: TokenContext, grantId: string) => Promise<void>
}

export function withRefreshReplay(refresh: GrantHandler, options: ReplayOptions): GrantHandler {
  const { unitOfWork, graceMs } = options
  const { inTurn } = options.locks
  return async (context) => {
    const token = context.oidc.params['refresh_token']
    if (graceMs === 0 || typeof token !== 'string') return unitOfWork.run(() => refresh(context))
    const key = artifactKey('RefreshToken', token)
    return inTurn(key, () => answer({ token, refresh, context }, options))
  }
}

interface Refresh {
  readonly token: string
  readonly refresh: GrantHandler
  readonly context: TokenContext
}

async function answer({ token, refresh, context }: Refresh, options: ReplayOptions): Promise<void> {
  const { artifacts, unitOfWork } = options
  // In this order: the request that consumes the token stores the answer in the same transaction.
  const isUnused = (await artifacts.find('RefreshToken', token))?.consumedAt === undefined
  const storedAnswer = isUnused ? undefined : await repeatable(token, options)
  if (storedAnswer !== undefined) {
    await unitOfWork.rehearse(() => refresh(context))
    return repeat({ token, storedAnswer, context }, options)
  }
  try {
    await unitOfWork.run(async () => {
      await refresh(context)
      await unitOfWork.write(({ artifacts }) => keepAnswer(artifacts, token, context, options))
    }, isUnused)
  } catch (error) {
    // Another process used the token at the same moment: the request was judged, and is answered like a later repeat.
    const first = error instanceof UsedMeanwhile ? await repeatable(token, options) : undefined
    if (first === undefined) throw error
    await repeat({ token, storedAnswer: first, context }, options)
  }
}

/** A63: a callback that is delivered twice redeems its code twice. The second is refused, and ends nothing yet. */
export function withCodeReplay(
  redeem: GrantHandler,
  { artifacts, clock, graceMs, locks, unitOfWork }: ReplayOptions,
): GrantHandler {
  return async (context) => {
    const code = context.oidc.params['code']
    if (typeof code !== 'string') return unitOfWork.run(() => redeem(context))
    return locks.inTurn(artifactKey('AuthorizationCode', code), async () => {
      const usedAt = (await artifacts.find('AuthorizationCode', code))?.consumedAt
      if (usedAt !== undefined && clock.now() - usedAt * 1_000 < graceMs)
        throw new errors.InvalidGrant('authorization code already consumed')
      await unitOfWork.run(() => redeem(context), usedAt === undefined)
    })
  }
}

async function keepAnswer(
  artifacts: Artifacts,
  token: string,
  context: TokenContext,
  { clock, graceMs }: ReplayOptions,
): Promise<void> {
  const successor = context.oidc.entities.RefreshToken?.jti
  if (successor === undefined) return
  await artifacts.keepAnswer('RefreshToken', token, {
    sealed: sealOf(token).seal(JSON.stringify(context.body), placeOf(context)),
    successor: artifactKey('RefreshToken', successor),
    until: clock.now() + graceMs,
  })
}

/** The answer to give again. Undefined after the grace, and when the successor of the token was used already. */
async function repeatable(
  token: string,
  { artifacts, clock }: ReplayOptions,
): Promise<StoredAnswer | undefined> {
  const kept = await artifacts.answerOf('RefreshToken', token)
  if (kept === undefined || kept.until <= clock.now()) return undefined
  return (await artifacts.isUnused('RefreshToken', kept.successor)) ? kept : undefined
}

interface Repeat extends Omit<Refresh, 'refresh'> {
  readonly storedAnswer: StoredAnswer
}

/** Answers again. The request was judged before like the first one: proof, client and person. */
async function repeat({ token, storedAnswer, context }: Repeat, options: ReplayOptions): Promise<void> {
  const opened = sealOf(token).open(storedAnswer.sealed, placeOf(context))
  if (opened === undefined) {
    const grantId = context.oidc.entities.Grant?.jti
    if (grantId !== undefined) await options.onReuse(context, grantId)
    throw new errors.InvalidGrant('refresh token already used')
  }
  context.body = JSON.parse(opened)
}

function sealOf(token: string) {
  return createSeal(Buffer.from(token), 'refresh answer')
}

/** A repeat has the same client, the same parameters and the same sender. */
function placeOf(context: TokenContext): string {
  const { params, client } = context.oidc
  return JSON.stringify([client?.clientId, params['scope'], params['resource'], whoAsks(context)])
}

/** The sender: the DPoP key, else an authenticated client, else the network. Call it after the answer was made. */
function whoAsks({ oidc, ip }: TokenContext): string {
  const { AccessToken: made } = oidc.entities
  if (made?.jkt !== undefined) return `key ${made.jkt}`
  return oidc.client?.clientAuthMethod === 'none' ? `network ${networkOf(ip)}` : 'client'
}
