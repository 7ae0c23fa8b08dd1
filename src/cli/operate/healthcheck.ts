// `portcullis healthcheck`: asks the gateway that runs from the same file whether it lives, for container engines and
// service managers that run a command. The file says where the admin port is, so nothing else has to.
import { request } from 'node:http'
import type { Settings } from '../../core/settings.ts'
import { readArguments } from '../shared/arguments.ts'
import { EXIT, type Io, wrongUse } from '../shared/command.ts'
import { DEFAULT_CONFIG, printProblems, readConfiguration } from '../shared/configuration.ts'

export const summary = 'ask a running gateway whether it lives, for container engines'
export const help = `usage: portcullis healthcheck [-c gateway.yaml] [--ready]

Asks the admin port that the file names for /healthz. Exit code 0: it answered 200.

  -c, --config FILE    the file that the gateway runs from (default: ${DEFAULT_CONFIG})
  --ready              ask /readyz instead: also issuers and upstreams
`

const OPTIONS = {
  config: { type: 'string', short: 'c', default: DEFAULT_CONFIG },
  ready: { type: 'boolean', default: false },
} as const

const TIMEOUT_MS = 2_500

export async function run(args: readonly string[], io: Io): Promise<number> {
  const read = readArguments(args, OPTIONS, 0)
  if (!read.ok) return wrongUse(io, 'healthcheck', read.message)
  const { config, ready } = read.values as { config: string; ready: boolean }
  const loaded = readConfiguration(config, io, [])
  if (!loaded.ok) {
    printProblems(loaded.problems, io)
    return EXIT.brokenFile
  }
  const answer = await ask(loaded.settings.admin, ready ? '/readyz' : '/healthz')
  if (answer === 200) return EXIT.fine
  io.stderr.write(`portcullis healthcheck: ${answer}\n`)
  return EXIT.finding
}

/** The status, or a sentence where no answer came. */
function ask({ listen, token }: Settings['admin'], path: string): Promise<number | string> {
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

/** An address to listen on everywhere is none to ask. */
function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1'
  return host === '::' ? '::1' : host
}
