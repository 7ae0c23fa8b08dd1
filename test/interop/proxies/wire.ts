// Requests over TLS as they are, with the time at which each piece of an answer came.
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'

export interface Piece {
  readonly at: number
  readonly text: string
}

export interface Opened {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  /** What came so far. */
  readonly pieces: readonly Piece[]
  readonly ended: Promise<void>
  close(): void
}

export interface Sent {
  readonly method: string
  readonly ca: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
  readonly localAddress?: string
  /** Aborted: the client leaves. */
  readonly signal?: AbortSignal
}

/** Resolves with the head of the answer. */
export function open(url: string, sent: Sent): Promise<Opened> {
  const { method, ca, headers, body, localAddress, signal } = sent
  return new Promise((resolve, reject) => {
    const asked = request(
      url,
      {
        method,
        ca,
        agent: false,
        headers: { ...headers },
        ...(localAddress !== undefined && { localAddress }),
        ...(signal !== undefined && { signal }),
      },
      (answer) => {
        const pieces: Piece[] = []
        answer.on(
          'data',
          (chunk: Buffer) => void pieces.push({ at: performance.now(), text: chunk.toString() }),
        )
        const ended = new Promise<void>((done) => answer.once('close', done))
        answer.on('error', () => undefined)
        const { statusCode: status = 0, headers: fields } = answer
        resolve({ status, headers: fields, pieces, ended, close: () => void asked.destroy() })
      },
    )
    asked.once('error', reject)
    asked.end(body === undefined ? undefined : JSON.stringify(body))
  })
}

export const textOf = ({ pieces }: Opened): string => pieces.map(({ text }) => text).join('')
