// `portcullis healthcheck`: asks the gateway that runs from the same file whether it lives, for container engines and
// service managers that run a command. The file says where the admin port is, so nothing else has to.
import { readArguments } from '../shared/arguments.ts'
import { askAdmin } from '../shared/ask-admin.ts'
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

export async function run(args: readonly string[], io: Io): Promise<number> {
  const read = readArguments(args, OPTIONS, 0)
  if (!read.ok) return wrongUse(io, 'healthcheck', read.message)
  const { config, ready } = read.values as { config: string; ready: boolean }
  const loaded = readConfiguration(config, io, [])
  if (!loaded.ok) {
    printProblems(loaded.problems, io)
    return EXIT.brokenFile
  }
  const answer = await askAdmin(loaded.settings.admin, ready ? '/readyz' : '/healthz')
  if (answer === 200) return EXIT.fine
  io.stderr.write(`portcullis healthcheck: ${answer}\n`)
  return EXIT.finding
}
