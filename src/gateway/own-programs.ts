// The servers of a gateway that are programs, where this process starts them: how many, and who reads what they write.
import type { ProgramEvents } from '../core/program-events.ts'
import type { SharedLimits } from '../core/settings.ts'
import { lineMessages } from '../mcp/line-messages.ts'
import { createPrograms, type Programs } from '../upstream/program/programs.ts'

/** The bound where the settings name none. */
const MAX_PROGRAMS = 1_000

export function createOwnPrograms(limits: SharedLimits, events: ProgramEvents): Programs {
  const { programs: max = MAX_PROGRAMS, sharePerCaller } = limits
  return createPrograms({ lines: lineMessages, events, max, sharePerCaller })
}
