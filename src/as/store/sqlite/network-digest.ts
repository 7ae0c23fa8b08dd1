// A network as it is stored: a keyed digest, so that the file does not tell where clients came from.
import { createHmac, hkdfSync } from 'node:crypto'

export type NetworkDigest = (network: string) => Uint8Array

export function createNetworkDigest(secret: Buffer): NetworkDigest {
  const key = Buffer.from(hkdfSync('sha256', secret, '', 'portcullis networks', 32))
  return (network) => createHmac('sha256', key).update(network).digest()
}
