// Passkeys: public keys with which people sign in (WebAuthn Level 3). Nothing here is secret. Keeps what a ceremony has
// verified, and verifies nothing itself.

export interface Passkey {
  /** The credential id, base64url; no two passkeys have the same. */
  readonly id: string
  readonly subject: string
  /** The domain that it was made for: at any other it cannot be used. */
  readonly rpId: string
  /** What authenticators know the person by, base64url; by chance, and the same for all passkeys of one person. */
  readonly userHandle: string
  /** COSE_Key (RFC 9052 §7). */
  readonly publicKey: Uint8Array
  /** WebAuthn §6.1.1: how often it has signed; 0 for one that does not count. */
  readonly counter: number
  /** How the browser may reach it. */
  readonly transports: readonly string[]
  /** Given by its person. */
  readonly name: string
  /** Whether copies of it stand on several devices, by the word of whoever keeps it. */
  readonly isSynced: boolean
  /** Epoch milliseconds. */
  readonly createdAt: number
  /** Epoch milliseconds; undefined before the first time. */
  readonly usedAt: number | undefined
}

export type NewPasskey = Omit<Passkey, 'createdAt' | 'usedAt'>

export interface Passkeys {
  /** False when this credential id is known already, whoever has it. */
  add(passkey: NewPasskey): Promise<boolean>
  find(id: string): Promise<Passkey | undefined>
  /** Oldest first. */
  of(subject: string): Promise<readonly Passkey[]>
  /** Notes a use now with its count. False when it is gone, or the count that it was judged by is no longer the kept one. */
  use(id: string, was: number, counter: number): Promise<boolean>
  /** False when the person has none of this id. */
  remove(subject: string, id: string): Promise<boolean>
  removeAll(subject: string): Promise<void>
  /** How many each person has; nobody without one. */
  counts(): Promise<ReadonlyMap<string, number>>
}

export function toPasskey(row: Readonly<Record<string, unknown>> | undefined): Passkey | undefined {
  if (row === undefined) return undefined
  const usedAt = row['used_at']
  return {
    id: String(row['id']),
    subject: String(row['subject']),
    rpId: String(row['rp_id']),
    userHandle: String(row['user_handle']),
    publicKey: new Uint8Array(row['public_key'] as Uint8Array),
    counter: Number(row['counter']),
    transports: JSON.parse(String(row['transports'])) as string[],
    name: String(row['name']),
    isSynced: row['synced'] === 1,
    createdAt: Number(row['created_at']),
    usedAt: typeof usedAt === 'number' ? usedAt : undefined,
  }
}
