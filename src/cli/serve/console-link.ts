// The link to the console, for a person at a terminal who wants to be told something. Nobody else is: whoever has it may
// operate.
import type { RunningGateway } from '../../gateway/gateway.ts'
import type { Io } from '../shared/command.ts'

export function tellConsoleLink(
  { consoleLink }: Pick<RunningGateway, 'consoleLink'>,
  quiet: boolean,
  io: Io,
): void {
  if (quiet || io.stderrTerminal === undefined) return
  io.stderr.write(`Console, good once and for ten minutes: ${consoleLink()}\n`)
}
