// Whether the provider that somebody signed in with still knows them, asked when a client of theirs refreshes. Only its
// word that its own refresh token is over (RFC 6749 §5.2, `invalid_grant`) ends anything: one that is silent, or does not
// know us, says nothing about the person.
import type { GrantSummary } from '../store/grants.ts'
import type { ProviderTokens } from '../store/provider-tokens.ts'
import type { Store } from '../store/store.ts'
import type { ExternalProvider } from './provider.ts'

export interface ProviderRecheckParts {
  /** Returns the provider of a person; undefined where none is asked. */
  readonly providerOf: (subject: string) => Promise<ExternalProvider | undefined>
  readonly tokens: ProviderTokens
  readonly transaction: Store['transaction']
  /** What the person gave and every sign-in of theirs has ended. */
  readonly onGone: (subject: string, provider: string, ended: readonly GrantSummary[]) => void
}

/** False when the provider has just said no. */
export type IsStillKnown = (subject: string) => Promise<boolean>

export function createProviderRecheck({
  providerOf,
  tokens,
  onGone,
  transaction,
}: ProviderRecheckParts): IsStillKnown {
  return async (subject) => {
    const provider = await providerOf(subject)
    if (provider?.renew === undefined) return true
    const kept = await tokens.take(subject)
    if (kept === undefined) return true
    const said = await provider.renew(kept.token)
    if (said.ok) {
      if (said.value !== undefined) await tokens.replace(subject, kept, said.value)
      return true
    }
    if (said.why !== 'refused' || said.detail !== 'invalid_grant') return true
    const ended = await transaction(async ({ providerTokens, grants, users }) => {
      if (!(await providerTokens.remove(subject, kept))) return undefined // they signed in meanwhile
      await users.endSessions(subject)
      return grants.revokeAll({ subject })
    })
    if (ended !== undefined) onGone(subject, provider.name, ended)
    return ended === undefined
  }
}
