// Counts of clients by network, kept by triggers of the database; a network stands here as a keyed digest.

import type { KeyedDigest } from '../../../lib/keyed-digest.ts'
import type { ClientHolders } from '../client-holders.ts'
import type { DatabaseConnection } from './connection.ts'
import type { Tables } from './tables.ts'

export function createClientHolders(
  { database }: DatabaseConnection,
  digestOf: KeyedDigest,
): Tables<ClientHolders> {
  const keep = database.prepare('UPDATE clients SET held_by = NULL WHERE id = ? AND held_by IS NOT NULL')
  const held = database.prepare('SELECT held FROM client_holders WHERE network = ?')
  const largest = database.prepare(
    'SELECT network FROM client_holders WHERE held > 1 ORDER BY held DESC LIMIT 1',
  )
  const oldest = database.prepare('SELECT id FROM clients WHERE held_by = ? ORDER BY created_at LIMIT 1')
  const idOf = (network: Uint8Array) => {
    const id = oldest.get(network)?.['id']
    return typeof id === 'string' ? id : undefined
  }
  return {
    heldBy: (network) => Number(held.get(digestOf(network))?.['held'] ?? 0),
    oldestOf: (network) => idOf(digestOf(network)),
    oldestOfLargest() {
      const network = largest.get()?.['network']
      return network instanceof Uint8Array ? idOf(network) : undefined
    },
    uncount: (clientId) => void keep.run(clientId),
  }
}
