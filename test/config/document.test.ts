// Y01–Y10 of the attack list: what the text itself may not be. Each is refused with its place, never half read.
import { describe, expect, it } from 'vitest'
import { expectError, file, load, problemsOf, settingsOf } from './support.ts'

const top = (text: string): string => file({ top: text })

const REFUSED: readonly (readonly [string, string, RegExp, string?])[] = [
  ['Y02 duplicate key', top('listen: 127.0.0.1:1\nlisten: 127.0.0.1:2'), /duplicate key "listen"/, 'listen'],
  [
    'Y02 duplicate key in quotes',
    top('listen: 127.0.0.1:1\n"listen": 127.0.0.1:2'),
    /duplicate key "listen"/,
    '"listen"',
  ],
  ['Y02 duplicate key in a flow map', top('audit: { file: a, file: b }'), /duplicate key "file"/, 'file'],
  ['Y03 number as key', top('scopes_imply: { 1: [a] }'), /a key must be text/, '1'],
  ['Y03 1e3 as key', top('scopes_imply: { 1e3: [a] }'), /a key must be text/, '1e3'],
  ['Y03 null as key', top('scopes_imply: { null: [a] }'), /a key must be text/, 'null'],
  ['Y03 empty key', top('scopes_imply: { "": [a] }'), /a key may not be empty/, '""'],
  ['Y03 list as key', top('scopes_imply: { [x]: [a] }'), /a key must be text/],
  [
    'Y04 merge key',
    top('audit: &a { file: stdout }\nadmin: { <<: *a }'),
    /merge keys \(<<\) are not supported/,
    '<<',
  ],
  ['Y07 %YAML 1.1', `%YAML 1.1\n---\n${file()}`, /directives are not allowed/, '%YAML 1.1'],
  ['Y07 %TAG', `%TAG ! tag:x,2000:\n---\n${file()}`, /directives are not allowed/],
  ['Y08 !!js/function', top('allowed_hosts: [!!js/function "x"]'), /tags are not allowed/],
  ['Y08 !env', top('listen: !env LISTEN'), /tags are not allowed/],
  ['Y08 !include on a map', top('audit: !include { file: x }'), /tags are not allowed/],
  ['Y08 tag on a key', top('!x listen: 127.0.0.1:1'), /tags are not allowed/],
  ['Y08 !!str', top('allowed_hosts: [!!str 5]'), /tags are not allowed/],
  [
    'Y09 __proto__',
    top('__proto__: { listen: 127.0.0.1:1 }'),
    /the key "__proto__" is not allowed/,
    '__proto__',
  ],
  [
    'Y09 __proto__ in a rule',
    file({ rules: ['{ tools: [a], __proto__: { effect: deny } }'] }),
    /"__proto__" is not/,
  ],
  [
    'Y09 constructor',
    top('constructor: { prototype: { a: 1 } }'),
    /unknown key "constructor"/,
    'constructor',
  ],
  ['Y09 toString', top('toString: x'), /unknown key "toString"/, 'toString'],
  ['Y10 second document', `${file()}---\n${file()}`, /a second document begins here/, '---'],
  ['Y10 BOM', `\ufeff${file()}`, /invisible character U\+FEFF/],
  ['Y10 NBSP as indent', top('audit:\n\u00a0\u00a0file: stdout'), /invisible character U\+00A0/],
  ['Y10 NEL', top('listen: 127.0.0.1:1\u0085x: y'), /invisible character U\+0085/],
  ['Y10 bidirectional control', top('# \u202e gnihton'), /invisible character U\+202E/],
  ['Y10 NUL', top('listen: "\u0000"'), /invisible character U\+0000/],
  ['Y10 bare carriage return', top('# a\rb'), /invisible character U\+000D/],
  [
    'Y10 alias without anchor',
    top('allowed_hosts: *nowhere'),
    /this alias names no anchor above it; a pattern that begins with \* stands in quotes/,
  ],
  ['Y10 a pattern without quotes', top('allowed_hosts: [*]'), /stands in quotes$/],
  ['Y10 unclosed flow list', top('allowed_hosts: [a'), /./],
]

describe('text that is refused', () => {
  for (const [id, text, words, at] of REFUSED) {
    it(id, () => {
      const errors = problemsOf(load(text)).filter((problem) => problem.severity === 'error')
      expect(errors.map((problem) => problem.message).join('\n')).toMatch(words)
      expect(load(text).ok).toBe(false)
      if (at !== undefined) expectError(text, words, at)
    })
  }

  it('Y01 aliases that multiply are counted each time they are used', () => {
    const nine = (of: string): string => `[${Array(9).fill(of).join(', ')}]`
    const rows = ['a: &a [x]']
    for (let index = 1; index < 9; index++) {
      const from = String.fromCharCode(96 + index)
      rows.push(`${String.fromCharCode(97 + index)}: &${String.fromCharCode(97 + index)} ${nine(`*${from}`)}`)
    }
    expect(messages(top(rows.join('\n')))).toContainEqual(expect.stringMatching(/more than 1000000 values/))
  })

  it('Y10 an alias inside its own anchor is refused', () => {
    expect(messages(top('allowed_hosts: &x [*x]'))).toContainEqual(
      expect.stringMatching(/nested more than 32 deep/),
    )
  })

  it('Y10 deep nesting is refused', () => {
    expect(messages(top(`allowed_hosts: ${'['.repeat(200)}${']'.repeat(200)}`))).toContainEqual(
      expect.stringMatching(/nested more than 32 deep/),
    )
    expect(load(top(`allowed_hosts: ${'['.repeat(100_000)}`)).ok).toBe(false)
    expect(load(top(`allowed_hosts: ${'- '.repeat(100_000)}`)).ok).toBe(false)
  })

  it('Y10 tabs as indentation are refused', () => {
    expect(messages(top('audit:\n\tfile: stdout'))).toContainEqual(
      expect.stringMatching(/tabs are not allowed/),
    )
  })

  it.each(['', '# nothing', 'a', '[a]', '5', '---', 'null'])('Y10 %j is no configuration', (text) => {
    expect(load(text).ok).toBe(false)
    expect(problemsOf(load(text)).length).toBeGreaterThan(0)
  })
})

const messages = (text: string): string[] => problemsOf(load(text)).map((problem) => problem.message)

describe('text that is read', () => {
  it('Y07 yes, on and 010 stay text, as in YAML 1.2', () => {
    const rule = settingsOf(file({ rules: ['{ tools: [yes, on, no, "010", y] }'] })).routes[0]?.policy
      .rules[0]
    expect(rule?.tools).toEqual(['yes', 'on', 'no', '010', 'y'])
  })

  it('aliases, one document marker and CRLF line ends are fine', () => {
    const text = `---\n${file({ top: 'allowed_hosts: &h [a.example]\nallowed_origins: []' })}...\n`
    expect(settingsOf(text.replaceAll('\n', '\r\n')).allowedHosts).toEqual(['a.example'])
    const shared = file({ rules: ['{ tools: &t [a, b] }', '{ effect: deny, tools: *t }'] })
    expect(settingsOf(shared).routes[0]?.policy.rules[1]?.tools).toEqual(['a', 'b'])
  })

  it('Y09 constructor and toString are ordinary names where names are free', () => {
    const text = file({ route: 'limits: { rate: { per_tool: { constructor: 1/min, toString: 2/min } } }' })
    expect(settingsOf(text).routes[0]?.limits.perTool.get('constructor')).toEqual({ count: 1, seconds: 60 })
  })
})
