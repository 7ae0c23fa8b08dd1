// Who uses the administration port, and what they may do there. Values only; http/admin.ts finds out who it is.

/**
 * `view`: read what the port shows. `operate`: change what runs (revoke, end a session). `approve`: decide what
 * waits for a person (an approval, a tool that changed). None contains another.
 */
export type OperatorRight = 'view' | 'operate' | 'approve'

export interface Operator {
  /**
   * What the audit calls them: the name of a token in the file, `token` for `admin.token`, `anyone` where the port is
   * open on loopback, else the person's subject.
   */
  readonly name: string
  readonly rights: ReadonlySet<OperatorRight>
  /** Of a person who signed in, as in their ID token; a token has neither, so it is never the same as a caller. */
  readonly issuer?: string
  readonly subject?: string
}

/** The operator as the audit names whoever did something. */
export function actorOf({ name, issuer, subject }: Operator): {
  readonly actor: string
  readonly issuer?: string
  readonly subject?: string
} {
  const person = {
    ...(issuer === undefined ? {} : { issuer }),
    ...(subject === undefined ? {} : { subject }),
  }
  return { actor: `operator ${name}`, ...person }
}
