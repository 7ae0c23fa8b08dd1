// What PostgreSQL, or the way to it, could not do: away, full, busy, or of a kind that cannot be used.

/** SQLSTATE, or the code of a socket; undefined where there is none. */
export function codeOf(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : undefined
}

/** Says nothing of the values that were asked with. */
export class PostgresFault extends Error {
  readonly code: string | undefined

  constructor(message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'PostgresFault'
    this.code = codeOf(cause)
  }
}

/** SQLSTATE 40001 and 40P01: others were in the way, and the same may go well when it is done again. */
export function isConflict(error: unknown): boolean {
  const code = codeOf(error)
  return code === '40001' || code === '40P01'
}

const SQLSTATE_LENGTH = 5
/**
 * Classes of errors of the connection, of the wrong server, and of a server that ends or breaks (PostgreSQL, Appendix
 * A).
 */
const BROKEN = ['08', '25', '53', '57P', '58', 'XX']

/** The server has answered, so the connection is as good as before. */
export function isOfStatement({ code }: PostgresFault): boolean {
  return code?.length === SQLSTATE_LENGTH && !BROKEN.some((kind) => code.startsWith(kind))
}

/** 42: a statement that is wrong, or a table that is not there, is a bug; that we have no right to it is not. */
export function isServerFault(error: unknown): boolean {
  if (!(error instanceof PostgresFault)) return false
  return error.code === undefined || !error.code.startsWith('42') || error.code === '42501'
}
