// Mistakes in the text of a condition are start-up problems that point at their place, never silent denials.
import { describe, expect, it } from 'vitest'
import { checkPolicies } from '../../../src/policy/check.ts'
import { compileCondition } from '../../../src/policy/condition/compile.ts'
import { ConditionError } from '../../../src/policy/condition/term.ts'
import { VOCABULARY } from '../../../src/policy/condition/vocabulary.ts'
import { file, load, problemsOf, underlined } from '../../config/support.ts'

function mistake(text: string): { readonly message: string; readonly at: string } {
  try {
    compileCondition(text, VOCABULARY)
  } catch (error) {
    if (error instanceof ConditionError)
      return { message: error.message, at: text.slice(error.start, error.end) }
    throw error
  }
  throw new Error(`nothing is wrong with ${text}`)
}

describe('text that is no condition', () => {
  const cases: readonly (readonly [text: string, message: RegExp, at: string])[] = [
    ['args.path ==', /unexpected token/, ''],
    ['args.path = "x"', /unexpected character/, '='],
    ['nobody == "x"', /nothing is called `nobody` here; expected one of principal, client/, 'nobody'],
    ['principal.sub == "x"', /no field `sub` here; expected one of subject, issuer/, 'principal.sub'],
    ['has(tool.readonly)', /no field `readonly`/, 'tool.readonly'],
    ['principal.scopes.exists(s, s == "a")', /conditions do not see scopes/, 'principal.scopes'],
    ['principal.boundKey == ""', /no field `boundKey`/, 'principal.boundKey'],
    ['principal.subject == 1', /compares text with a number/, 'principal.subject == 1'],
    ['principal.roles == "a"', /compares a list with text/, 'principal.roles == "a"'],
    ['1 in principal.roles', /only text can be/, '1 in principal.roles'],
    ['"a" in principal.subject', /expected a list after `in`/, '"a" in principal.subject'],
    ['principal.subject < 1', /have no order/, 'principal.subject < 1'],
    ['principal.subject + 1 == "a"', /`\+` does not take text and a number/, 'principal.subject + 1'],
    ['principal.subject', /a condition is true or false; this is text/, 'principal.subject'],
    ['principal.subject && true', /expected true or false, found text/, 'principal.subject'],
    ['args.a / 2 == 1', /`\/` is not part of conditions/, 'args.a / 2'],
    ['args.a % 2 == 1', /`%` is not part of conditions/, 'args.a % 2'],
    ['args.a == 9007199254740993', /cannot be compared exactly/, '9007199254740993'],
    ['args.a.all(x, args.b.all(y, x == y))', /inside another comprehension/, 'args.b.all(y, x == y)'],
    ['args.a.all(args, true)', /`args` already has a meaning/, 'args'],
    ['args.a.all(1, true)', /invalid predicate iteration variable/, '1'],
    ['args.a.map(x, x)', /there is no `map`/, 'args.a.map(x, x)'],
    ['args.a.matches(args.b)', /must stand in the condition itself/, 'args.a.matches(args.b)'],
    ['args.a.matches("(")', /not a regular expression/, 'args.a.matches("(")'],
    ['args.a.matches("(?=a)")', /not a regular expression/, 'args.a.matches("(?=a)")'],
    ['principal.subject.getHours() == 1', /expected a timestamp/, 'principal.subject.getHours()'],
    ['now.getHours("Mars/Olympus") == 1', /expected a time zone/, 'now.getHours("Mars/Olympus")'],
    ['now < timestamp("tomorrow")', /expected a time such as/, 'timestamp("tomorrow")'],
    ['has(args)', /`has` takes a field/, 'args'],
    ['exec("x")', /there is no function `exec`/, 'exec("x")'],
    ['{"a": 1}.a == 1', /maxMapEntries|not part of conditions/, ''],
    ['b"a" == args.a', /bytes/, 'b"a"'],
  ]
  it.each(cases)('%s', (text, message, at) => {
    const found = mistake(text)
    expect(found.message).toMatch(message)
    if (at !== '') expect(found.at).toContain(at)
  })

  it('D14: what is too long or too deep', () => {
    expect(mistake(`args.a == "${'x'.repeat(2_000)}"`).message).toMatch(/longer than 2000/)
    expect(mistake(`${'('.repeat(40)}true${')'.repeat(40)}`).message).toMatch(/maxDepth/)
    expect(mistake(Array(330).fill('a').join('||')).message).toMatch(/maxAstNodes/)
  })
})

describe('the place in the file', () => {
  const cases: readonly (readonly [when: string, at: string])[] = [
    ['\'principal.sub == "x"\'', 'principal.sub'],
    ['"principal.sub == args.a"', 'principal.sub'],
    ["'args.a == ''x'' && principal.sub == args.a'", 'principal.sub'],
    ['args.a == principal.sub', 'principal.sub'],
  ]
  it.each(cases)('%s', (when, at) => {
    const text = file({ rules: [`{ tools: [a], when: ${when} }`] })
    const [problem, ...rest] = problemsOf(load(text, [checkPolicies]))
    expect([problem?.severity, rest]).toEqual(['error', []])
    expect(underlined(text, problem)).toBe(at)
  })

  it('folded over lines, or with escapes: the character is named', () => {
    for (const when of ['>\n            true &&\n            nobody', '"args.a == \\"x\\" || nobody"']) {
      const text = file({ rules: [`tools: [a]\n          when: ${when}`] })
      const [problem] = problemsOf(load(text, [checkPolicies]))
      expect(problem?.message).toMatch(/nothing is called `nobody`.*\(at character \d+ of the text\)/)
    }
  })
})
