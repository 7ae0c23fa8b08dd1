// Keeps a gateway at what its file says: a change of the file, or of a file that it names, is a reload, and so is SIGHUP.
// What is broken is told, and the last good configuration serves on; it is read again as soon as anything it names changes.
import { isDeepStrictEqual } from 'node:util'
import { type Problem, renderProblem } from '../../config/problem.ts'
import { watchFiles } from '../../config/watch-files.ts'
import type { LoadCause } from '../../core/audit-event.ts'
import type { RunningGateway } from '../../gateway/gateway.ts'
import type { Logger } from '../../observe/log.ts'
import type { Io } from '../shared/command.ts'
import { type CommandConfiguration, readConfiguration } from '../shared/configuration.ts'

/** After a reload that failed for another reason than the file: a database that is away may be back. */
const RETRY_MS = 30_000

export interface WatchConfigurationOptions {
  readonly gateway: RunningGateway
  /** What serves now. */
  readonly loaded: CommandConfiguration
  /** The absolute path of gateway.yaml. */
  readonly file: string
  readonly io: Io
  readonly log: Logger
}

/** Reloads one at a time: a change that comes during a reload is read after it. */
export function watchConfiguration(options: WatchConfigurationOptions): { close(): void } {
  const { gateway, loaded, file, io, log } = options
  let queue = Promise.resolve()
  let served = loaded.files
  let retry: NodeJS.Timeout | undefined
  let isClosed = false
  /** Goes on with the watcher that it has where the files are the same, so that no change is missed in between. */
  const watchThese = (files: readonly string[]) => {
    const wanted = [...new Set([file, ...files])]
    if (isClosed || isDeepStrictEqual(wanted, watched)) return
    watcher.close()
    watched = wanted
    watcher = watchFiles(watched, later)
  }
  const reload = async (cause: LoadCause) => {
    clearTimeout(retry)
    const next = readConfiguration(file, io)
    if (!next.ok) {
      tellProblems(next.problems, io, log)
      gateway.refuseReload(whyRefused(next.problems))
      const problems = next.problems.length
      log.error({ event: 'reload_refused', problems }, 'the last good configuration serves on')
      return watchThese([...served, ...next.files])
    }
    gateway.reloadTls()
    await gateway.reload(next.settings, cause)
    served = next.files
    watchThese(served)
  }
  const failed = (error: unknown) => {
    gateway.refuseReload(error instanceof Error ? error.message : String(error))
    log.error({ event: 'reload_failed', error }, 'the reload failed; the last good configuration serves on')
    if (!isClosed) retry = setTimeout(later, RETRY_MS).unref()
  }
  const reloadLater = (cause: LoadCause) => {
    queue = queue.then(() => reload(cause)).catch(failed)
  }
  const later = () => reloadLater('file')
  let watched = [...new Set([file, ...served])]
  let watcher = watchFiles(watched, later)
  const forget = io.onReload(() => {
    queue = queue.then(() => reopenAudit(gateway, log))
    reloadLater('signal')
  })
  return {
    close() {
      isClosed = true
      forget()
      clearTimeout(retry)
      watcher.close()
    },
  }
}

/** logrotate moves the file and sends SIGHUP. */
async function reopenAudit(gateway: RunningGateway, log: Logger): Promise<void> {
  try {
    await gateway.reopenAudit()
  } catch (error) {
    log.error({ event: 'audit_reopen_failed', error }, 'the audit goes on in the file that it had')
  }
}

/** As in a text editor at a terminal; elsewhere each is one line of the log. */
export function tellProblems(
  problems: readonly Problem[],
  { stderr, stderrTerminal }: Pick<Io, 'stderr' | 'stderrTerminal'>,
  log: Logger,
): void {
  for (const problem of problems) {
    const { file, line, column, severity, message } = problem
    if (stderrTerminal !== undefined) stderr.write(`${renderProblem(problem)}\n`)
    else
      log[severity === 'warning' ? 'warn' : 'error']({ event: 'configuration', file, line, column }, message)
  }
}

function whyRefused(problems: readonly Problem[]): string {
  const first = problems.find(({ severity }) => severity === 'error') ?? problems[0]
  return first === undefined ? 'unknown' : `${first.file}:${first.line}:${first.column}: ${first.message}`
}
