// Questions to the administration port of a gateway on this machine.
import { request } from 'node:http'
import { text as textOf } from 'node:stream/consumers'
import type { Settings } from '../../core/settings.ts'
import { reachable } from '../../lib/loopback.ts'

const TIMEOUT_MS = 2_500

type AdminAddress = Pick<Settings['admin'], 'listen' | 'token'>

export interface AdminCall {
  readonly path: string
  /** Sent as JSON with POST; absent: GET. */
  readonly body?: object | undefined
  /** Instead of `admin.token`. */
  readonly token?: string | undefined
}

export interface AdminAnswer {
  readonly status: number
  readonly text: string
}

/** The status, or a sentence where no answer came. */
export async function askAdmin(admin: AdminAddress, path: string): Promise<number | string> {
  const answer = await callAdmin(admin, { path })
  if (typeof answer === 'string' || answer.status === 200) return typeof answer === 'string' ? answer : 200
  return `${path} answered ${answer.status}`
}

/** The answer, or a sentence where none came. */
export async function callAdmin(
  { listen, token }: AdminAddress,
  { path, body, token: own = token?.reveal() }: AdminCall,
): Promise<AdminAnswer | string> {
  const { host, port } = { ...listen, host: reachable(listen.host) }
  const text = body === undefined ? undefined : JSON.stringify(body)
  const headers = {
    ...(own === undefined ? {} : { authorization: `Bearer ${own}` }),
    ...(text === undefined
      ? {}
      : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
  }
  return new Promise((resolve) => {
    const method = text === undefined ? 'GET' : 'POST'
    const signal = AbortSignal.timeout(TIMEOUT_MS)
    const failed = ({ name, message }: Error) => {
      const why = name === 'AbortError' ? `no answer within ${TIMEOUT_MS} ms` : message
      resolve(`${path} at ${host}:${port}: ${why}`)
    }
    const asked = request({ host, port, path, method, headers, signal }, (answer) => {
      textOf(answer).then((said) => resolve({ status: answer.statusCode ?? 0, text: said }), failed)
    })
    asked.on('error', failed).end(text)
  })
}
