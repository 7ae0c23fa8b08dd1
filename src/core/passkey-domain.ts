// The domain that passkeys of this gateway are made for (WebAuthn Level 3 §5.1.2, the RP ID): the host of `public_url`. Pure.

/** Undefined where the host is an IP address: browsers make no passkey for one. */
export function passkeyDomain(publicUrl: string): string | undefined {
  const { hostname } = new URL(publicUrl)
  return hostname.startsWith('[') || /^[\d.]+$/.test(hostname) ? undefined : hostname
}
