// What each person has agreed to: which client, sending where, on which resource, with which scopes. Remembers; it
// does not decide when remembering is enough.

export interface Consent {
  readonly clientId: string
  /** As it called itself when the person agreed. */
  readonly clientName: string
  readonly redirectUri: string
  readonly resource: string
  readonly scopes: readonly string[]
  /** Epoch milliseconds. */
  readonly givenAt: number
}

export interface Consents {
  /** Adds to what was agreed before for the same client, redirect address and resource. */
  give(accountId: string, consent: Omit<Consent, 'givenAt'>): Promise<void>
  /** Lists the consents of one person, newest first. */
  list(accountId: string): Promise<readonly Consent[]>
  /** False when there was none. */
  withdraw(accountId: string, clientId: string): Promise<boolean>
}

/** From a row of the table of consents. */
export function toConsent(row: Readonly<Record<string, unknown>>): Consent {
  return {
    clientId: String(row['client_id']),
    clientName: String(row['client_name']),
    redirectUri: String(row['redirect_uri']),
    resource: String(row['resource']),
    scopes: JSON.parse(String(row['scopes'])) as string[],
    givenAt: Number(row['given_at']),
  }
}
