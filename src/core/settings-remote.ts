// A policy for tools that is kept elsewhere. Values only.
import type { Secret } from './secret.ts'

/** The policy of a resource server at AuthSec. */
export interface RemotePolicySettings {
  readonly kind: 'authsec'
  /** Absolute URL, to which `/authsec/resource-servers/<id>/sdk-policy` is appended. */
  readonly url: string
  readonly resourceServer: string
  readonly secret: Secret
  /** Whether the rules of the file stand in while there is no remote policy. */
  readonly orLocal: boolean
  /** What an empty list of scopes in the older form of the document means. */
  readonly legacyEmpty: 'deny' | 'public'
}
