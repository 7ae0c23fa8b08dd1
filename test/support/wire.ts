// Bytes to a server and the answers as they came back, for what an HTTP client would tidy up on the way. Reads
// HTTP/1.1 responses just well enough to tell where one ends.
import { connect } from 'node:net'

export interface WireAnswer {
  readonly status: number
  /** Lower-case names, in wire order. */
  readonly fields: readonly (readonly [name: string, value: string])[]
  readonly body: string
}

/**
 * Sends `bytes` (text is latin-1) and resolves with the final answers, once there are `count` of them or the server
 * has closed the connection; interim answers are left out.
 */
export function overWire(
  origin: string,
  bytes: string | Buffer,
  count = Number.POSITIVE_INFINITY,
): Promise<readonly WireAnswer[]> {
  const { hostname, port } = new URL(origin)
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname)
    let received = ''
    const finish = () => {
      socket.destroy()
      resolve(answersIn(received).filter(({ status }) => status >= 200))
    }
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1')
      if (answersIn(received).filter(({ status }) => status >= 200).length >= count) finish()
    })
    socket.on('end', finish)
    socket.on('error', finish) // a reset after the answer is still an answer
    socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes)
  })
}

export function fieldOf(answer: WireAnswer | undefined, name: string): string | undefined {
  return answer?.fields.find(([known]) => known === name)?.[1]
}

/** Every complete response in what was received. */
export function answersIn(received: string): WireAnswer[] {
  const answers: WireAnswer[] = []
  let rest = received
  while (rest !== '') {
    const headEnd = rest.indexOf('\r\n\r\n')
    if (headEnd < 0) break
    const [statusLine = '', ...lines] = rest.slice(0, headEnd).split('\r\n')
    const fields = lines.map((line): [string, string] => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
    })
    const status = Number(statusLine.split(' ')[1])
    const body = bodyIn(rest.slice(headEnd + 4), status, new Map(fields))
    if (body === undefined) break
    answers.push({ status, fields, body: body.text })
    rest = rest.slice(headEnd + 4 + body.length)
  }
  return answers
}

function bodyIn(rest: string, status: number, fields: ReadonlyMap<string, string>) {
  if (status < 200 || status === 204) return { text: '', length: 0 }
  if (fields.get('transfer-encoding') !== 'chunked') {
    const length = Number(fields.get('content-length') ?? 0)
    return rest.length < length ? undefined : { text: rest.slice(0, length), length }
  }
  let at = 0
  let text = ''
  for (;;) {
    const lineEnd = rest.indexOf('\r\n', at)
    if (lineEnd < 0) return undefined
    const size = Number.parseInt(rest.slice(at, lineEnd), 16)
    const end = lineEnd + 2 + size + 2
    if (rest.length < end) return undefined
    text += rest.slice(lineEnd + 2, lineEnd + 2 + size)
    at = end
    if (size === 0) return { text, length: at }
  }
}
