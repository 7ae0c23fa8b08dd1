// A policy for tools that is kept elsewhere. Values only.
import type { Secret } from './secret.ts'

/** The policy of a resource server at AuthSec. */
export interface RemotePolicySettings {
  readonly kind: 'authsec'
  /** Absolute URL, to which `/authsec/resource-servers/<id>/sdk-policy` is appended. */
  readonly url: string
  /** PEM text of the certificate authorities to trust there instead of the usual ones. */
  readonly ca?: string | undefined
  readonly resourceServer: string
  /** Who asks, with the secret; AuthSec's introspection client. */
  readonly clientId: string
  readonly secret: Secret
  /** Whether AuthSec is told at start what the server lists, so that an administrator sees it there. */
  readonly publishManifest: boolean
  /** Tool → scopes that an administrator is proposed with it. They grant nothing. */
  readonly suggestedScopes: ReadonlyMap<string, readonly string[]>
  /** Whether the rules of the file stand in while there is no remote policy. */
  readonly orLocal: boolean
  /** What an empty list of scopes means in the older form of the document, the one without `tool_policy`. */
  readonly legacyEmpty: 'deny' | 'public'
}
