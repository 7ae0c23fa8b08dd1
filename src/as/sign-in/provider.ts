// An outside provider as the sign-in sees it. Which protocol it speaks stays in oidc.ts and oauth.ts.
import type { PartStatus } from '../../core/route.ts'
import type { ProviderSettings } from '../../core/settings-as.ts'
import type { ExternalIdentity } from './allow.ts'

/** What has to be kept until the browser comes back. Secret: the state, nonce and verifier of one sign-in. */
export interface PendingAuthorization {
  readonly state: string
  readonly nonce: string
  readonly verifier: string
}

/** `unreachable` is the provider's fault, `refused` what it or this browser said; `detail` is for the operator. */
export interface SignInRefusal {
  readonly ok: false
  readonly why: 'unreachable' | 'refused'
  readonly detail: string
  /** Who it was, where that is proved. */
  readonly subject?: string
}

export type SignInOutcome<T> = { readonly ok: true; readonly value: T } | SignInRefusal

/** Who says that a subject is this person. The name in the file is the operator's own, and may be given to another. */
export function identityIssuerOf({ issuer, endpoints }: ProviderSettings): string {
  return issuer ?? endpoints?.userinfo ?? ''
}

/** OIDC Core §3.1.2.1: the person must prove themselves again, or may choose another account. */
export type Prompt = 'login' | 'select_account' | undefined

/** Who came, and what the provider can be asked with later. */
export interface VerifiedIdentity extends ExternalIdentity {
  readonly refreshToken?: string | undefined
}

export interface ExternalProvider {
  readonly name: string
  readonly label: string
  /** Scopes that it is asked for. */
  readonly shares: readonly string[]
  /** Where the browser is sent. */
  begin(redirectUri: string, pending: PendingAuthorization, prompt: Prompt): Promise<SignInOutcome<string>>
  /** `callback` is the whole address that the browser came back to. */
  finish(callback: URL, pending: PendingAuthorization): Promise<SignInOutcome<VerifiedIdentity>>
  /** Whether it still knows whom this refresh token is of; with the token that it gave in its place, if any. */
  readonly renew?: (refreshToken: string) => Promise<SignInOutcome<string | undefined>>
  /** Whether people can be sent there now; why not, when they cannot. */
  probe(): Promise<string | undefined>
  status(): PartStatus
  close(): Promise<void>
}
