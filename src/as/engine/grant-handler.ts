// A handler of one grant type, in the shape of oidc-provider, so that a rule can be put around it.
import type { KoaContextWithOIDC } from 'oidc-provider'

export type TokenContext = KoaContextWithOIDC & {
  readonly oidc: { readonly params: Readonly<Record<string, unknown>> }
}
export type GrantHandler = (context: TokenContext) => Promise<void>
