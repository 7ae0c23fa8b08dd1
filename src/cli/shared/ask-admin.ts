// A question to the administration port of a gateway on this machine.
import { request } from 'node:http'
import type { Settings } from '../../core/settings.ts'
import { reachable } from '../../lib/loopback.ts'

const TIMEOUT_MS = 2_500

/** The status, or a sentence where no answer came. */
export function askAdmin({ listen, token }: Settings['admin'], path: string): Promise<number | string> {
  const { host, port } = { ...listen, host: reachable(listen.host) }
  const headers = token === undefined ? {} : { authorization: `Bearer ${token.reveal()}` }
  return new Promise((resolve) => {
    const asked = request(
      { host, port, path, headers, signal: AbortSignal.timeout(TIMEOUT_MS) },
      (answer) => {
        answer.resume()
        resolve(answer.statusCode === 200 ? 200 : `${path} answered ${answer.statusCode}`)
      },
    )
    asked.on('error', ({ name, message }) => {
      const why = name === 'AbortError' ? `no answer within ${TIMEOUT_MS} ms` : message
      resolve(`${path} at ${host}:${port}: ${why}`)
    })
    asked.end()
  })
}
