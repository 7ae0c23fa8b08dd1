// What programs need of a gateway, for tests that have none: nothing is told to anybody.
import { lineMessages } from '../../src/mcp/line-messages.ts'
import { createProgramHost, type ProgramHost } from '../../src/upstream/program/program-host.ts'

export function createTestPrograms(): ProgramHost {
  return createProgramHost({
    lines: lineMessages,
    events: { started() {}, gone() {}, dropped() {}, tell() {} },
    max: 1_000,
    sharePerCaller: 1,
  })
}
