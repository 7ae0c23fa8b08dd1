// Command-line arguments → values, or one sentence about what was wrong.
import { describe, expect, test } from 'vitest'
import { cli } from '../../../src/cli/cli.ts'
import { readArguments } from '../../../src/cli/shared/arguments.ts'
import { recordingIo } from './recording-io.ts'

const OPTIONS = {
  serve: { type: 'string' },
  scope: { type: 'string', multiple: true },
  json: { type: 'boolean' },
  config: { type: 'string', short: 'c' },
} as const

function check(args: readonly string[], expected: unknown): void {
  const read = readArguments(args, OPTIONS, 1)
  expect(read.ok ? { ...read.values, words: read.positionals } : read.message).toEqual(expected)
}

describe('readArguments', () => {
  test.each<[string, readonly string[], unknown]>([
    ['nothing', [], { words: [] }],
    [
      'long, short and words',
      ['--serve', 'x', '-c', 'f', 'word'],
      { serve: 'x', config: 'f', words: ['word'] },
    ],
    ['an equals sign', ['--serve=x=y'], { serve: 'x=y', words: [] }],
    ['a lone dash is a value', ['--serve', '-'], { serve: '-', words: [] }],
    ['repeatable', ['--scope', 'a', '--scope', 'b'], { scope: ['a', 'b'], words: [] }],
  ])('reads %s', (_, args, expected) => check(args, expected))

  test.each<[string, readonly string[], string]>([
    ['a misspelt option', ['--sreve', 'x'], 'unknown option --sreve; did you mean --serve?'],
    ['a misspelt option with a value', ['--serv=x'], 'unknown option --serv; did you mean --serve?'],
    ['the beginning of an option', ['--conf', 'x'], 'unknown option --conf; did you mean --config?'],
    ['an unknown letter', ['-x'], 'unknown option -x'],
    ['an option far from any', ['--frobnicate'], 'unknown option --frobnicate'],
    ['a missing value', ['--serve'], "option '--serve <value>' argument missing"],
    ['an option where a value should be', ['--serve', '--json'], "option '--serve' argument is ambiguous"],
    ['a value that is not wanted', ['--json=1'], "option '--json' does not take an argument"],
    ['an option given twice', ['--json', '--json'], '--json is given twice'],
    ['a word too many', ['a', 'b'], 'unexpected argument `b`; a file is named with --config'],
  ])('says what is wrong with %s', (_, args, message) => check(args, message))

  test('K01: a long word, perhaps a token, is not repeated', () => {
    check(['a', 'e'.repeat(21)], 'unexpected argument; a file is named with --config')
    check([`--serv=${'e'.repeat(41)}`], 'unknown option --serv; did you mean --serve?')
  })
})

const SECRET = 'eyJhbGciOiJFUzI1NiJ9.c2VjcmV0'
const GIVEN: readonly (readonly string[])[] = [
  ['explain', '--route', 'notes', '--token', SECRET, 'tools/list'],
  ['doctor', 'http://127.0.0.1:1/mcp', '--token', SECRET],
  ...['inventory', 'drift', 'approve', 'suggest'].map((command) => [
    command,
    ...['--url', 'http://127.0.0.1:1/mcp', '--token', SECRET],
  ]),
  ['users', 'add', 'ada', '--password', SECRET],
  ['protect', 'http://127.0.0.1:1/mcp', '--user', 'ada', '--password', SECRET],
  ['clients', 'add', '--name', 'x', '--client-secret', SECRET],
  ['hash-key', SECRET],
]
test.each(GIVEN)('K16 %s takes no secret where other users of this machine can read it', async (...args) => {
  const io = recordingIo()
  expect([2, 78]).toContain(await cli(args, io)) // wrong use, or no file to use it with
  expect(io.out() + io.err()).not.toContain(SECRET)
})
