// `who`, `mode` and `tests` as the file has them: what is read, and the findings about names.
import { describe, expect, it } from 'vitest'
import { expectError, expectWarning, file, load, problemsOf, settingsOf } from './support.ts'

const TWO = { issuers: 'other: { issuer: https://other.example.com }', trusts: '[corp, other]' }

describe('who', () => {
  it('a subject where two issuers are trusted is a warning, unless it says whose', () => {
    const told = (who: string) => problemsOf(load(file({ ...TWO, rules: [`{ tools: [a], who: ${who} }`] })))
    const doubts = (who: string) => told(who).filter(({ message }) => /somebody else/.test(message))
    expect(doubts('{ subjects: [ada] }')).toMatchObject([{ severity: 'warning', column: 32 }])
    expect(doubts('{ subjects: [ada], issuers: [corp] }')).toEqual([])
  })

  it('a deny rule may name a subject of any issuer', () => {
    const rules = ['{ tools: [a] }', '{ effect: deny, tools: [b], who: { subjects: [ada] } }']
    expect(settingsOf(file({ ...TWO, rules })).routes[0]?.policy.rules[1]?.who?.subjects).toEqual(['ada'])
  })
})

describe('mode', () => {
  const modes = (parts: object) => settingsOf(file(parts)).routes[0]?.policy.mode
  it.each([
    ['nothing said', {}, 'enforce'],
    ['the file', { top: 'mode: observe' }, 'observe'],
    ['the policy', { policy: 'mode: observe' }, 'observe'],
    ['the policy against the file', { top: 'mode: observe', policy: 'mode: enforce' }, 'enforce'],
  ])('%s', (_what, parts, mode) => {
    expect(modes(parts)).toBe(mode)
  })

  it('an observed policy is warned about at every start', () => {
    expectWarning(file({ policy: 'mode: observe' }), /only observed: what its rules refuse is let through/)
  })
})

describe('tests', () => {
  const route = (test: string) => file({ route: `tests: [${test}]` })
  it('are read with their defaults', () => {
    expect(settingsOf(route('{ call: { target: a }, expect: { scope: [b, a] } }')).routes[0]?.tests).toEqual([
      {
        name: 'tests[0]',
        who: undefined,
        call: { method: 'tools/call', target: 'a', args: undefined, at: undefined },
        expect: { scope: ['a', 'b'] },
      },
    ])
  })

  it.each([
    [
      'an issuer that the route does not trust',
      '{ who: { issuer: corpse }, call: { target: a }, expect: allowed }',
      /trusts no issuer named "corpse"; did you mean "corp"/,
    ],
    ['an expectation', '{ call: { target: a }, expect: denied }', /expected one of allowed, refused/],
    ['a time', '{ call: { target: a, at: tomorrow }, expect: allowed }', /expected a time in quotes/],
    ['a key', '{ call: { tool: a }, expect: allowed }', /unknown key "tool"/],
  ])('%s', (_what, test, words) => {
    expectError(route(test), words)
  })
})
