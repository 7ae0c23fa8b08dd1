// The link to the console, for a person at a terminal. Nobody else is told: whoever has it may operate.
import type { RunningGateway } from '../../gateway/gateway.ts'
import type { Io } from '../shared/command.ts'

export function tellConsoleLink({ consoleLink }: Pick<RunningGateway, 'consoleLink'>, io: Io): void {
  if (io.stderrTerminal === undefined) return
  io.stderr.write(`Console, good once and for ten minutes: ${consoleLink()}\n`)
}
