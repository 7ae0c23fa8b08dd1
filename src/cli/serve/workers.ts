// `portcullis run` with several workers: their primary instead of a gateway in this process.
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { RunningGateway } from '../../gateway/gateway.ts'
import { listeningProblem } from '../../gateway/listening-problem.ts'
import type { PrimaryOptions } from '../../workers/primary.ts'
import type { Io } from '../shared/command.ts'

/** A sentence says why it cannot. */
export async function startWorkersOrTell(
  options: Omit<PrimaryOptions, 'program'>,
  { onExit }: Io,
): Promise<RunningGateway | string> {
  const { startPrimary } = await import('../../workers/primary.ts')
  try {
    const running = await startPrimary({ ...options, program: programFile() })
    onExit?.(() => running.kill()) // asked a second time to stop
    return running
  } catch (error) {
    return listeningProblem(error)
  }
}

/** main.ts, or what it was compiled to. */
function programFile(): string {
  const here = fileURLToPath(import.meta.url)
  return fileURLToPath(new URL(`../../main${extname(here)}`, import.meta.url))
}
