// The wire to AuthSec, as its SDKs speak it: where a resource server's documents are, and who asks.
import type { RemotePolicySettings } from '../core/settings-remote.ts'

export interface AuthsecAddress {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
}

export function authsecAddress(
  { url, resourceServer, clientId, secret }: RemotePolicySettings,
  document: 'sdk-policy' | 'sdk-manifest',
): AuthsecAddress {
  // RFC 7617 §2: not form-encoded (RFC 6749 §2.3.1), since AuthSec compares the two halves as they came.
  const credentials = Buffer.from(`${clientId}:${secret.reveal()}`).toString('base64')
  return {
    url: `${url.replace(/\/+$/, '')}/authsec/resource-servers/${encodeURIComponent(resourceServer)}/${document}`,
    headers: { accept: 'application/json', authorization: `Basic ${credentials}` },
  }
}
