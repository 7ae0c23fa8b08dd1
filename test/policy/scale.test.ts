// A thousand rules over two thousand tools: the index and its bounded memory change no answer.
import { expect, it } from 'vitest'
import type { RuleSettings } from '../../src/core/settings.ts'
import { createRuleIndex } from '../../src/policy/selectors.ts'
import { rule } from './policies.ts'

const RULES: readonly RuleSettings[] = Array.from({ length: 1_000 }, (_, index) =>
  index % 10 === 0
    ? rule(`r${index}`, { tools: [`group${index}_*`], except: [`group${index}_9`] })
    : rule(`r${index}`, { tools: [`tool${index}`, `tool${index + 1}`] }),
)

it('finds the same rules for a name, however often and after however many others it is asked', () => {
  const speakingOf = createRuleIndex(RULES)
  const named = (name: string) => speakingOf({ kind: 'tool', name }).map((each) => each.name)
  const expected: readonly [name: string, rules: readonly string[]][] = [
    ['tool2', ['r1', 'r2']],
    ['tool10', ['r9']],
    ['group10_1', ['r10']],
    ['group10_9', []],
    ['group990_x', ['r990']],
    ['tool2000', []],
    [`group10_${'x'.repeat(300)}`, ['r10']],
  ]
  for (let round = 0; round < 2; round++) {
    for (const [name, rules] of expected) expect(named(name)).toEqual(rules)
    for (let other = 0; other < 5_000; other++) expect(named(`stranger${other}`)).toEqual([])
  }
})

it('remembers by kind and name: a prompt is never answered with the rules of a tool', () => {
  const speakingOf = createRuleIndex([rule('tools', { tools: ['x'] }), rule('prompts', { prompts: ['x'] })])
  const named = (kind: 'tool' | 'prompt' | 'resource') =>
    speakingOf({ kind, name: 'x' }).map((each) => each.name)
  expect([named('tool'), named('prompt'), named('resource'), named('tool')]).toEqual([
    ['tools'],
    ['prompts'],
    [],
    ['tools'],
  ])
})

it('looks up a name that it has seen without matching any pattern again', () => {
  const speakingOf = createRuleIndex(RULES)
  const target = { kind: 'tool', name: 'group10_1' } as const
  expect(speakingOf(target)).toBe(speakingOf({ ...target }))
})
