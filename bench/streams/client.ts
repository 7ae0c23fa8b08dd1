// A client of one stream on a socket of its own. It counts what comes and keeps none of it.
import net from 'node:net'
import tls from 'node:tls'
import { PATH, type StreamSubject } from './subjects.ts'

export interface Reading {
  readonly bytes: number
  readonly seconds: number
}

export interface Pace {
  /** Bytes a second; undefined: as they come. */
  readonly perSecond: number | undefined
  readonly tls: boolean
}

const LAST = Buffer.from('0\r\n\r\n')
const TICK_MS = 5

/** Reads the answer to a call of the tool to its end. */
export function readStream(
  subject: StreamSubject,
  tool: string,
  { perSecond, tls: secure }: Pace,
): Promise<Reading> {
  const body = JSON.stringify({
    jsonrpc: '2.0',
    id: 1,
    method: 'tools/call',
    params: { name: tool, arguments: {} },
  })
  const socket = secure
    ? tls.connect({ port: subject.port, host: '127.0.0.1', rejectUnauthorized: false })
    : net.connect({ port: subject.port, host: '127.0.0.1' })
  const began = performance.now()
  let bytes = 0
  let allowance = 0
  let tail: Buffer = Buffer.alloc(0)
  socket.write(headOf(subject, 'POST', body.length) + body)
  const pacing =
    perSecond === undefined
      ? undefined
      : setInterval(() => {
          allowance = (perSecond * TICK_MS) / 1_000
          socket.resume()
        }, TICK_MS)
  return new Promise((resolve, reject) => {
    const end = (fault?: Error): void => {
      clearInterval(pacing)
      socket.destroy()
      if (fault) reject(fault)
      else resolve({ bytes, seconds: (performance.now() - began) / 1_000 })
    }
    socket
      .on('error', end)
      .on('close', () => end(new Error(`${subject.name} broke off after ${bytes} bytes`)))
    socket.on('data', (chunk: Buffer) => {
      if (bytes === 0 && !chunk.subarray(0, 15).equals(Buffer.from('HTTP/1.1 200 OK')))
        return end(new Error(`${subject.name}: ${chunk.subarray(0, 200)}`))
      bytes += chunk.length
      allowance -= chunk.length
      if (pacing !== undefined && allowance <= 0) socket.pause()
      tail = Buffer.concat([tail, chunk.subarray(-LAST.length)]).subarray(-LAST.length)
      if (tail.equals(LAST)) end()
    })
  })
}

export function headOf({ port, token }: StreamSubject, method: string, length: number): string {
  const lines = [`${method} ${PATH} HTTP/1.1`, `Host: 127.0.0.1:${port}`, 'MCP-Protocol-Version: 2025-11-25']
  lines.push(method === 'GET' ? 'Accept: text/event-stream' : 'Accept: application/json, text/event-stream')
  if (token !== undefined) lines.push(`Authorization: Bearer ${token}`)
  if (method !== 'GET') lines.push('Content-Type: application/json', `Content-Length: ${length}`)
  return `${lines.join('\r\n')}\r\n\r\n`
}
