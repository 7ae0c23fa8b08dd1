// OAuth clients: those that registered themselves (RFC 7591) and those that the operator made. Metadata is sealed,
// because it holds their secrets. Clients known by a metadata document are never kept.
import type { Seal } from '../../lib/seal.ts'
import type { Payload } from './artifacts.ts'

export type ClientOrigin = 'registered' | 'operator'

export interface ClientRecord {
  readonly id: string
  readonly origin: ClientOrigin
  readonly metadata: Payload
  /** Epoch milliseconds. */
  readonly createdAt: number
  /** Epoch milliseconds; to the hour. */
  readonly usedAt: number
}

export interface Clients {
  find(id: string): Promise<ClientRecord | undefined>
  list(): Promise<readonly ClientRecord[]>
  /** Keeps origin and age of one that is known. @param network of whoever registered it */
  save(id: string, origin: ClientOrigin, metadata: Payload, network?: string): Promise<void>
  /** Notes that it was used now. */
  touch(client: ClientRecord): Promise<void>
  /** Removes its registration token too. False when there is no such client. */
  remove(id: string): Promise<boolean>
  countRegistered(): Promise<number>
  /**
   * Among the registered clients without a grant, removes the one that was unused for longest. Returns its id;
   * undefined when each of them was used since. @param since epoch milliseconds
   */
  removeIdle(since: number): Promise<string | undefined>
  /** Registered ones that nobody used since. @param since epoch milliseconds */
  unused(since: number): Promise<readonly string[]>
}

/** Use is noted this often, since each note is a write; so whoever was used in between is not known to be unused. */
export const TOUCH_MS = 3_600_000

/** Where the metadata of a client is sealed for. */
export function clientPlace(id: string): string {
  return `Client ${id}`
}

export function registeredName(metadata: Payload): string | null {
  return typeof metadata['client_name'] === 'string' ? metadata['client_name'] : null
}

/** Undefined when it was sealed with another secret, so that it cannot be read. */
export function toClient(row: Readonly<Record<string, unknown>>, seal: Seal): ClientRecord | undefined {
  const id = String(row['id'])
  const opened = seal.open(row['payload'] as Uint8Array, clientPlace(id))
  if (opened === undefined) return undefined
  return {
    id,
    origin: row['origin'] as ClientOrigin,
    metadata: JSON.parse(opened) as Payload,
    createdAt: Number(row['created_at']),
    usedAt: Number(row['used_at']),
  }
}
