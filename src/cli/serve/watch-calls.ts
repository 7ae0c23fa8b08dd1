// What a person at the terminal sees of a gateway that serves: a line for each call, or nothing. Elsewhere records go where
// they always go.
import { devNull } from 'node:os'
import type { Settings } from '../../core/settings.ts'
import type { AccessOutput } from '../../observe/access-log.ts'
import { accessLine, missedLine } from '../shared/access-line.ts'
import type { Io } from '../shared/command.ts'

export interface Watching {
  /** Records that would go to this terminal, though nobody asked for them there, go nowhere. */
  readonly settings: Settings
  readonly options: { readonly accessOutput?: AccessOutput }
  close(): void
}

/** @param quiet no line for each call */
export function watchCalls(settings: Settings, quiet: boolean, { openScreen }: Io): Watching {
  const { audit } = settings
  const isRecordHere = audit.file === 'stdout'
  const isWanted = isRecordHere && (audit.isNamed || audit.required || audit.chain !== undefined)
  const screen = isWanted ? undefined : openScreen?.()
  if (screen === undefined) return { settings, options: {}, close() {} }
  const shown = isRecordHere ? { ...settings, audit: { ...audit, file: devNull } } : settings
  const accessOutput: AccessOutput = {
    entry: (entry) => screen.write(accessLine(entry, { columns: screen.columns(), colour: screen.colour })),
    missed: (count) => screen.write(missedLine(count)),
  }
  return { settings: shown, options: quiet ? {} : { accessOutput }, close: () => screen.close() }
}
