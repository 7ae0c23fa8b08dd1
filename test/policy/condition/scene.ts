// One caller and one call, as conditions see them.
import { compileCondition } from '../../../src/policy/condition/compile.ts'
import { ConditionFault, UNKNOWN } from '../../../src/policy/condition/outcome.ts'
import { VOCABULARY, variablesOf } from '../../../src/policy/condition/vocabulary.ts'
import { AROUND, holder } from '../policies.ts'

export const NOW = Date.parse('2026-07-06T21:30:00Z')

const ALICE = {
  ...holder(['secret']),
  roles: ['staff'],
  claims: { realm: { level: 3 }, groups: ['ops', 'dev'] },
}

/** What a condition says: true, false, `unknown`, or the words of its fault. */
export function asked(text: string, args: unknown = {}): unknown {
  const condition = compileCondition(text, VOCABULARY)
  const variables = variablesOf({
    principal: ALICE,
    anybody: false,
    method: 'tools/call',
    target: { kind: 'tool', name: 'pay' },
    args: () => args,
    annotations: { readOnlyHint: false },
    circumstances: { ...AROUND, now: NOW },
  })
  const said = condition.ask(variables)
  if (said instanceof ConditionFault) return said.why
  return said === UNKNOWN ? 'unknown' : said
}
