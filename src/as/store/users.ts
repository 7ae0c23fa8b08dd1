// Who may sign in: people with an account here, and people whom an outside provider vouches for. Never gives a password
// hash to anybody but the sign-in. A subject is never used for a second person: nothing is deleted here.

export interface Person {
  /** What tokens name: a local name, or `<provider>:<subject there>`. */
  readonly subject: string
  /** Undefined for people with an account here. */
  readonly provider: string | undefined
  /**
   * Who vouches for the subject: the issuer, or the user API, that stood behind that name when the person first came.
   */
  readonly vouchedBy: string | undefined
  readonly name: string
  readonly email: string | undefined
  readonly emailVerified: boolean
  readonly groups: readonly string[]
  readonly disabled: boolean
  readonly hasPassword: boolean
  /** Epoch milliseconds; undefined before the first time. */
  readonly signedInAt: number | undefined
  /** Epoch milliseconds: a sign-in in a browser from before counts no more. */
  readonly sessionsEndedAt: number | undefined
}

export type ExternalPerson = Omit<
  Person,
  'disabled' | 'hasPassword' | 'signedInAt' | 'sessionsEndedAt' | 'provider' | 'vouchedBy'
> & {
  readonly provider: string
  readonly vouchedBy: string
}

export interface Users {
  /** False when the name is taken. @param password a hash; undefined for somebody who gets a link */
  add(name: string, password: string | undefined): Promise<boolean>
  find(subject: string): Promise<Person | undefined>
  /** By subject. */
  list(): Promise<readonly Person[]>
  /** False when there is no such person with an account here. @param password a hash; undefined: none from now on */
  setPassword(subject: string, password: string | undefined): Promise<boolean>
  /** Stores another hash of the same password. False when the password was changed meanwhile; the new one stays. */
  renewHash(subject: string, was: string, password: string): Promise<boolean>
  /** The hash of a person who may sign in; undefined for everybody else. */
  passwordOf(subject: string): Promise<string | undefined>
  /** False when there is no such person. */
  setDisabled(subject: string, disabled: boolean): Promise<boolean>
  /** Ends every browser session of the person, also a sign-in that has only begun. False when there is no such person. */
  endSessions(subject: string): Promise<boolean>
  /** Stores what a provider says now. False when the operator disabled the person, or the subject belongs to another provider. */
  recordOutside(person: ExternalPerson): Promise<boolean>
  recordSignIn(subject: string): Promise<void>
}

/** A local name has no `:`; a subject of a provider has one, so neither is taken for the other. */
const LOCAL_NAME = /^[a-z0-9][a-z0-9._@+-]{0,63}$/

/** The one spelling of a local name; undefined when it cannot be one. */
export function localName(text: string): string | undefined {
  const name = text.normalize('NFKC').trim().toLowerCase()
  return LOCAL_NAME.test(name) ? name : undefined
}

/** From a row of the table of people. */
export function toPerson(row: Readonly<Record<string, unknown>> | undefined): Person | undefined {
  if (row === undefined) return undefined
  const textOf = (key: string) => (typeof row[key] === 'string' ? row[key] : undefined)
  const timeOf = (key: string) => (typeof row[key] === 'number' ? row[key] : undefined)
  return {
    subject: String(row['subject']),
    provider: textOf('provider'),
    vouchedBy: textOf('vouched_by'),
    name: String(row['name']),
    email: textOf('email'),
    emailVerified: row['email_verified'] === 1,
    groups: JSON.parse(String(row['groups'])) as string[],
    disabled: row['disabled_at'] !== null,
    hasPassword: row['password'] !== null,
    signedInAt: timeOf('signed_in_at'),
    sessionsEndedAt: timeOf('sessions_ended_at'),
  }
}
