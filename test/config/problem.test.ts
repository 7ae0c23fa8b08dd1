// How a problem looks, and that no secret of the line is shown with it.
import { describe, expect, it } from 'vitest'
import { maskSecrets, problemOfFile, problemsIn, renderProblem } from '../../src/config/problem.ts'

const TEXT = 'a: 1\n\tb: two\r\nc'

describe('problemsIn', () => {
  it.each([
    ['the first line', 0, 1, { line: 1, column: 1, length: 1, source: 'a: 1' }],
    ['after a tab, before CRLF', 9, 40, { line: 2, column: 5, length: 3, source: '\tb: two' }],
    ['the last line', 14, 14, { line: 3, column: 1, length: 1, source: 'c' }],
    ['the end of the text', 15, 15, { line: 3, column: 2, length: 1, source: 'c' }],
  ])('%s', (_, start, end, expected) => {
    expect(problemsIn('f', TEXT)({ start, end }, 'error', 'm')).toMatchObject(expected)
  })
})

describe('renderProblem', () => {
  it('shows file:line:column, the line and a caret', () => {
    const problem = problemsIn('bad.yaml', 'x:\n  client_secrt: ${X}\n')(
      { start: 5, end: 17 },
      'error',
      'unknown key',
    )
    expect(renderProblem(problem)).toBe(
      'bad.yaml:2:3: unknown key\n      client_secrt: ${X}\n      ^^^^^^^^^^^^',
    )
  })

  it('keeps tabs, so that the caret stays under its word', () => {
    expect(renderProblem(problemsIn('f', '\ta: 1')({ start: 1, end: 2 }, 'warning', 'm'))).toBe(
      'f:1:2: warning: m\n    \ta: 1\n    \t^',
    )
  })

  it('shows no line when there is none', () => {
    expect(renderProblem(problemOfFile('f', 'error', 'cannot be read'))).toBe('f:1:1: cannot be read')
  })
})

describe('K01 secrets in a line that is shown', () => {
  it.each([
    ['client_secret: hunter2', 'client_secret: *******'],
    ['client_secrt: hunter2  # x', 'client_secrt: *******  '],
    ['  { token: abc, listen: x }', '  { token: ***'],
    ['"session_key": abc', '"session_key": ***'],
    ['value: Bearer abc', 'value: ****** ***'],
    ['password: p', 'password: *'],
    ['    MIIEvQIBADANBgkqhkiG9w0BAQEFAASC', `    ${'*'.repeat(32)}`],
  ])('%s', (line, shown) => {
    const masked = maskSecrets(line)
    expect(masked.startsWith(shown)).toBe(true)
    expect(masked).toHaveLength(line.length)
  })

  it.each([
    'client_secret: ${SECRET}',
    'client_secret: file:/run/secrets/x',
    'issuer: https://login.example.com',
    'tools: [create_pull_request_review_comment]',
    '    token:',
  ])('%s stays', (line) => expect(maskSecrets(line)).toBe(line))
})
