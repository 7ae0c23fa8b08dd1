// Whether the provider that somebody signed in with still knows them, asked when a client of theirs refreshes. Only its
// word that its own refresh token is over (RFC 6749 §5.2, `invalid_grant`) ends anything: one that is silent, or does not
// know us, says nothing about the person.
import type { ProviderTokens } from '../store/provider-tokens.ts'
import type { ExternalProvider } from './provider.ts'

export interface ProviderRecheckParts {
  /** Of a person; undefined where nobody is asked. */
  readonly providerOf: (subject: string) => ExternalProvider | undefined
  readonly tokens: ProviderTokens
  /** Ends what the person gave and every sign-in of theirs. */
  readonly end: (subject: string, provider: string) => void
  readonly transaction: <T>(work: () => T) => T
}

/** False when the provider has just said no. */
export type IsStillKnown = (subject: string) => Promise<boolean>

export function createProviderRecheck({
  providerOf,
  tokens,
  end,
  transaction,
}: ProviderRecheckParts): IsStillKnown {
  return async (subject) => {
    const provider = providerOf(subject)
    const kept = provider?.renew && tokens.take(subject)
    if (provider?.renew === undefined || kept === undefined) return true
    const said = await provider.renew(kept.token)
    if (said.ok) {
      if (said.value !== undefined) tokens.replace(subject, kept, said.value)
      return true
    }
    if (said.why !== 'refused' || said.detail !== 'invalid_grant') return true
    return transaction(() => {
      if (!tokens.remove(subject, kept)) return true
      end(subject, provider.name)
      return false
    })
  }
}
