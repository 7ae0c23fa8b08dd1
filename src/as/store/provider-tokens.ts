// Refresh tokens that providers gave for people, sealed: with them a provider is asked whether it still knows somebody.
// One for each person, of their last sign-in.

export interface ProviderToken {
  readonly token: string
  /** As it stands in the file: another one once it was replaced. */
  readonly sealed: Uint8Array
}

export interface ProviderTokens {
  /** Keeps the token of a sign-in just now, unless it is very long. */
  keep(subject: string, token: string): Promise<void>
  /** To ask with; undefined when there is none, or somebody asked within the last minute. Counts as asking. */
  take(subject: string): Promise<ProviderToken | undefined>
  /** What the provider gave in its place; nothing when the person signed in meanwhile. */
  replace(subject: string, was: ProviderToken, token: string): Promise<void>
  /** False when the person signed in meanwhile. */
  remove(subject: string, was: ProviderToken): Promise<boolean>
}

export const ASK_AGAIN_MS = 60_000
export const MAX_TOKEN_CHARS = 8_192

/** Where the token of a person is sealed for. */
export function providerTokenPlace(subject: string): string {
  return `provider token ${subject}`
}
