// OAuth clients: those that registered themselves (RFC 7591) and those that the operator made. Metadata is sealed,
// because it holds their secrets. Clients known by a metadata document are never kept.
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
