// Which network holds how many of the registered clients without a grant (A69). Triggers of the database keep the
// counts. Networks are stored as keyed digests, so that the file does not tell where clients came from.
import { createHmac, hkdfSync } from 'node:crypto'
import type { Store } from './store.ts'

export interface ClientHolders {
  /** What stands in `held_by` of a client. */
  digest(network: string): Uint8Array
  heldBy(network: string): number
  /** The oldest client of a network; undefined when it holds none. */
  oldestOf(network: string): string | undefined
  /** The same of the network that holds the most; undefined when none holds more than one. */
  oldestOfLargest(): string | undefined
  /** From now on it counts for no network. */
  keep(clientId: string): void
}

export function createClientHolders({ database, secret }: Store): ClientHolders {
  const key = Buffer.from(hkdfSync('sha256', secret, '', 'portcullis networks', 32))
  const digest = (network: string) => createHmac('sha256', key).update(network).digest()
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
    digest,
    heldBy: (network) => Number(held.get(digest(network))?.['held'] ?? 0),
    oldestOf: (network) => idOf(digest(network)),
    oldestOfLargest() {
      const network = largest.get()?.['network']
      return network instanceof Uint8Array ? idOf(network) : undefined
    },
    keep: (clientId) => void keep.run(clientId),
  }
}
