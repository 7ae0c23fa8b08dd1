// Names of tools and prompts that read as another one are nobody's: refused in calls, absent from lists.
import { describe, expect, it } from 'vitest'
import { isJudgeableName } from '../../src/policy/name.ts'
import { AROUND, compiled, holder, rule, use } from './policies.ts'

const ODD = [
  ...[
    'cafe\u0301',
    '\u1100\u1161',
    '\u212bngstrom',
    'dr\u200bop',
    'drop\u200d',
    '\u202edrop',
    'dr\u2066op',
    '\ufeffdrop',
  ],
  ...[
    'dr\u00adop',
    'drop\u0000',
    'dr\top',
    'dr\u0085op',
    'dr\u2028op',
    'drop ',
    ' drop',
    'dr\u00a0op',
    'drop\u3164',
    'drop\ufe0f',
  ],
  ...['dr\u{e0041}op', 'dr\ud800op', 'dr\u034fop', 'x'.repeat(257)],
]

describe('M81: names that look like others', () => {
  it.each(ODD.map((name) => [JSON.stringify(name), name]))('%s is not judged', (_told, name) => {
    expect(isJudgeableName(name)).toBe(false)
  })

  it.each(['drop', 'notes.drop/v2', 'My tool', 'caf\u00e9', '\uac00', '\u30c4\u30fc\u30eb', '\u{1f980}', ''])(
    '%s is',
    (name) => {
      expect(isJudgeableName(name)).toBe(true)
    },
  )

  const policy = compiled({
    default: 'allow',
    mode: 'enforce',
    rules: [
      rule('no', { effect: 'deny', tools: ['cafe\u0301'], prompts: ['cafe\u0301'] }),
      rule('rest', { tools: ['**'], prompts: ['**'], except: ['drop'] }),
    ],
  })
  const ruled = (kind: 'tool' | 'prompt', name: string) =>
    policy.decide(holder([]), { era: 'modern', calls: [use(kind, name)] }, AROUND).rule

  it.each(['tool', 'prompt'] as const)(
    'a %s of such a name passes neither deny nor except, and is in no list',
    (kind) => {
      for (const name of ODD) {
        expect(ruled(kind, name)).toBe('unsafe_name')
        expect(policy.shows(holder([]), kind, name, AROUND)).toBe(false)
      }
    },
  )

  it('a pattern that was written in pieces holds for the name', () => {
    expect(ruled('tool', 'caf\u00e9')).toBe('no')
    expect(ruled('tool', 'other')).toBe('rest')
  })

  it('a policy that is only observed does not let one through', () => {
    const observed = compiled({ mode: 'observe', rules: [] })
    const decide = (name: string) =>
      observed.decide(holder([]), { era: 'modern', calls: [use('tool', name)] }, AROUND)
    expect(decide('dr\u200bop').refusal?.reason).toBe('call_forbidden')
    expect(decide('drop').refusal).toBeUndefined()
  })
})
