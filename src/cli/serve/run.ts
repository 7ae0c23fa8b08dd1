// `portcullis run`: serve the routes of a file, reload when it changes, drain at the end. Keeps the last good
// configuration whatever is written over it.
import { resolve } from 'node:path'
import { isProgram, type Settings, type UpstreamSettings } from '../../core/settings.ts'
import type { RunningGateway } from '../../gateway/gateway.ts'
import { LOG_LEVELS, type Logger, type LogLevel } from '../../observe/log.ts'
import { createStderrLog } from '../../observe/output-log.ts'
import { readArguments } from '../shared/arguments.ts'
import { EXIT, type Io, stopped, wrongUse } from '../shared/command.ts'
import { DEFAULT_CONFIG, printProblems, readConfiguration } from '../shared/configuration.ts'
import { workersOf } from '../shared/workers-of.ts'
import { tellConsoleLink } from './console-link.ts'
import { startOrTell } from './start.ts'
import { watchCalls } from './watch-calls.ts'
import { tellProblems, watchConfiguration } from './watch-configuration.ts'
import { startWorkersOrTell } from './workers.ts'

export const summary = 'serve the routes of gateway.yaml (also plain `portcullis`)'
export const help = `usage: portcullis run [-c gateway.yaml] [--log-level info] [--quiet]

Serves the routes of the file. A changed file, or SIGHUP, reloads it; a broken one is
told about and the last good one keeps serving. SIGHUP also opens the audit file again,
after it was rotated. SIGTERM drains: no new requests, open
ones finish. With workers: N in the file, several processes serve. At a terminal a line
is shown for each call; elsewhere, and where the file names audit.file, JSON goes there.

  -c, --config FILE    the configuration (default: ${DEFAULT_CONFIG})
  --log-level LEVEL    ${LOG_LEVELS.join(', ')} (default: info)
  --quiet              no line for each call at a terminal, and no link to the console
`

const OPTIONS = {
  config: { type: 'string', short: 'c', default: DEFAULT_CONFIG },
  'log-level': { type: 'string', default: 'info' },
  quiet: { type: 'boolean', default: false },
} as const

const ELSEWHERE = 'write another address into the file, under `listen` or `admin.listen`'

export async function run(args: readonly string[], io: Io): Promise<number> {
  const read = readArguments(args, OPTIONS, 0)
  if (!read.ok) return wrongUse(io, 'run', read.message)
  const { config, quiet } = read.values
  const level = read.values['log-level'] as LogLevel
  if (!LOG_LEVELS.includes(level))
    return wrongUse(io, 'run', `--log-level is one of ${LOG_LEVELS.join(', ')}`)
  const file = resolve(io.cwd, config)
  const loaded = readConfiguration(file, io)
  if (!loaded.ok) {
    printProblems(loaded.problems, io)
    return EXIT.brokenFile
  }
  const terminal = io.stderrTerminal
  const log = createStderrLog({ level, terminal })
  tellProblems(loaded.warnings, io, log)
  const watching = watchCalls(loaded.settings, quiet, io)
  const { settings, options } = watching
  const count = workersOf(settings)
  const gateway =
    count === 1
      ? await startOrTell({ settings, log, ...options }, ELSEWHERE)
      : await startWorkersOrTell({ settings, count, log, level, terminal, ...options }, io)
  if (typeof gateway === 'string') {
    io.stderr.write(`portcullis run: ${gateway}\n`)
    return EXIT.finding
  }
  const reloading = watchConfiguration({ gateway, loaded, file, io, log })
  tellConsoleLink(gateway, quiet, io)
  announce(gateway, settings, count, log) // last: whoever reads this line may send signals
  await stopped(io.stop)
  log.info({ event: 'draining' }, 'no new requests; open ones may finish')
  reloading.close()
  await gateway.close()
  watching.close()
  log.info({ event: 'stopped' }, 'stopped')
  return EXIT.fine
}

function announce(gateway: RunningGateway, settings: Settings, workers: number, log: Logger): void {
  const { origin: listening, adminOrigin: admin } = gateway
  log.info({ event: 'listening', listening, admin, public: settings.publicUrl, workers }, 'listening')
  for (const { name, path, upstream, policy, errors, upstreamAuth } of settings.routes) {
    log.info(
      { event: 'route', route: name, url: settings.publicUrl + path, upstream: shown(upstream) },
      'route',
    )
    // D-01, D-02, D-05, D-11: a looser choice is said at every start.
    const loose = [
      ...(policy.anonymous.length > 0 ? ['policy.anonymous'] : []),
      ...(policy.default === 'allow' ? ['policy.default: allow'] : []),
      ...(policy.denial === 'in_band' ? ['policy.denial: in_band'] : []),
      ...(policy.challenge === 'in_band' ? ['policy.challenge: in_band'] : []),
      ...(errors === 'in_band' ? ['errors: in_band'] : []),
      ...(upstreamAuth.some(({ mode }) => mode === 'forward_token') ? ['upstream_auth: forward_token'] : []),
    ]
    if (loose.length > 0) log.warn({ event: 'loose', route: name, choices: loose }, 'looser than the default')
  }
}

/** The query of a URL, and an argument of a program, may hold a key. */
function shown(upstream: UpstreamSettings): string {
  if (isProgram(upstream)) return upstream.command[0]
  const { origin, pathname } = new URL(upstream.url)
  return origin + pathname
}
