// Who has just come back from an outside provider, for the page that sent them there. It stands sealed in a cookie.

export interface ArrivedPerson {
  readonly subject: string
  /** Epoch milliseconds. */
  readonly at: number
  readonly back: string
}
