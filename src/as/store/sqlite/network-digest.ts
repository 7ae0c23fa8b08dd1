// A network as it is stored: a keyed digest, so that the file does not tell where clients came from.
import { createHmac } from 'node:crypto'
import { deriveKey } from '../../../lib/derived-key.ts'

export type NetworkDigest = (network: string) => Uint8Array

export function createNetworkDigest(secret: Buffer): NetworkDigest {
  const key = deriveKey(secret, 'networks')
  return (network) => createHmac('sha256', key).update(network).digest()
}
