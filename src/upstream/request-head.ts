// Writes the head of a request (RFC 9112 §3): request line, header lines, the length of the body, the empty line.

export interface RequestHead {
  readonly method: string
  /** Origin form: path and query. */
  readonly target: string
  /** Each line with its CRLF (identity-headers.ts). */
  readonly lines: string
  readonly body: Buffer | undefined
}

/** RFC 9112 §3.2: any other character would be read as another target, or as another line. */
const TARGET = /^[\x21-\x7e]+$/

export function writeRequestHead({ method, target, lines, body }: RequestHead): string {
  if (!TARGET.test(target)) throw new Error('a request target that has to be encoded')
  const length = body === undefined ? '' : `content-length: ${body.length}\r\n`
  return `${method} ${target} HTTP/1.1\r\n${lines}${length}\r\n`
}
