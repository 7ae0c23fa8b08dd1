// A client that was refused for want of scopes, and refreshes: it would get the same scopes, meet the same 403, and give
// up (SDK 1.x does). It is told once that its person has to be asked, which sends it to the authorization page with the
// scopes of the challenge; one that cannot open a page goes on with the same refresh token. An extension: RFC 6749 §5.2
// has no such error, OpenID Connect Core §3.1.2.6 has it for the authorization endpoint.

import { errors } from 'oidc-provider'
import type { AuthorizationServerSettings } from '../../core/settings-as.ts'
import type { Locks } from '../../core/shared-state.ts'
import type { Resources } from '../contract.ts'
import type { OnEvent } from '../events.ts'
import type { People } from '../people.ts'
import { askingKey, type RefusedCall, type RefusedScopes } from '../refused-scopes.ts'
import type { Artifacts } from '../store/artifacts.ts'
import type { StoreClock } from '../store/store.ts'
import type { GrantHandler, TokenContext } from './grant-handler.ts'
import type { CurrentRequest } from './request-context.ts'

/**
 * The access token must still be good for this long; else the client refreshes because it ends, and not because of the
 * 403.
 */
const MIN_LEFT_MS = 60_000

export interface StepUpParts {
  readonly settings: Pick<AuthorizationServerSettings, 'stepUp'>
  readonly artifacts: Artifacts
  readonly clock: StoreClock
  readonly people: () => People
  readonly resources: Resources
  readonly refusedScopes: RefusedScopes
  readonly locks: Locks
  readonly currentRequest: CurrentRequest
  readonly onEvent: OnEvent
}

/** @param prove judges client, proof of possession and token like a refresh, and uses nothing up */
export function withStepUp(refresh: GrantHandler, prove: GrantHandler, parts: StepUpParts): GrantHandler {
  const { refusedScopes, locks, onEvent, currentRequest } = parts
  /** Throws when the client does not prove itself: its person was then not asked. */
  const proveUnlessAsked = async (context: TokenContext, call: RefusedCall): Promise<boolean> => {
    if (await refusedScopes.wasAsked(call)) return false
    await prove(context)
    await refusedScopes.noteAsked(call)
    return true
  }
  return async (context) => {
    const call = await answerable(context, parts)
    const isFirst =
      call !== undefined &&
      (await locks.inTurn(`step-up ${askingKey(call)}`, () => proveUnlessAsked(context, call)))
    if (!isFirst) return refresh(context)
    const now = currentRequest.getStore()
    if (now !== undefined) now.isRefused = true // by this record
    const { clientId: client, subject, grantId: grant, missing } = call
    onEvent({
      ...{ event: 'step_up_asked', actor: `client ${client}`, client, subject, grant, address: context.ip },
      detail: missing.join(' '),
    })
    throw new errors.InteractionRequired(
      `a call was refused for want of ${missing.join(' ')}: ask the person at the authorization endpoint, or refresh again to go on without`,
    )
  }
}

/** The refused call that this refresh follows; undefined for an ordinary refresh. Nothing is counted or used up. */
async function answerable(
  { oidc: { client, params } }: TokenContext,
  parts: StepUpParts,
): Promise<RefusedCall | undefined> {
  const { settings, currentRequest, artifacts, refusedScopes, clock } = parts
  const token = params['refresh_token']
  if (settings.stepUp === 'off' || typeof token !== 'string' || client === undefined) return undefined
  const hasPage = client.grantTypeAllowed('authorization_code') && (client.redirectUris ?? []).length > 0
  // An address that has to wait hears of no failure (see known-credentials.ts).
  if (!hasPage || currentRequest.getStore()?.waitSeconds !== undefined) return undefined
  const kept = await artifacts.find('RefreshToken', token)
  if (kept === undefined || kept.consumedAt !== undefined) return undefined
  const { accountId: subject, [ACCESS_TOKEN]: accessToken } = kept.payload
  if (typeof subject !== 'string' || typeof accessToken !== 'string') return undefined
  const call = await refusedScopes.justRefused({ subject, token: accessToken })
  if (call === undefined || !call.isChallenged) return undefined
  if (call.tokenExpiresAt - clock.now() < MIN_LEFT_MS) return undefined
  return (await wouldHelp(call, parts)) ? call : undefined
}

/** Whether the person may be given all of it, and a plain refresh would not give it. */
async function wouldHelp(
  { subject, grantId, resource, missing }: RefusedCall,
  { people, resources, artifacts }: StepUpParts,
): Promise<boolean> {
  const known = new Set(resources.find(resource)?.scopes)
  const allowed = new Set(await people().allowedScopes(subject, missing))
  const granted = grantedScopes((await artifacts.find('Grant', grantId))?.payload['resources'], resource)
  return (
    missing.every((scope) => known.has(scope) && allowed.has(scope)) &&
    !missing.every((scope) => granted.has(scope))
  )
}

/** @param resources of a kept grant: scopes by resource */
function grantedScopes(resources: unknown, resource: string): ReadonlySet<string> {
  const scopes = (resources as Readonly<Record<string, string>> | undefined)?.[resource]
  return new Set(scopes?.split(' '))
}

/** Where a kept refresh token names the access token that was given with it. */
export const ACCESS_TOKEN = 'accessTokenId'
