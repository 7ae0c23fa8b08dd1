// The programs of a gateway, for tests that have none: nothing is told to anybody.
import { lineMessages } from '../../src/mcp/line-messages.ts'
import { createPrograms, type Programs } from '../../src/upstream/program/programs.ts'

export function createTestPrograms(): Programs {
  return createPrograms({
    lines: lineMessages,
    events: { started() {}, gone() {}, dropped() {}, tell() {} },
    max: 1_000,
    sharePerCaller: 1,
  })
}
