// The command table: help, version, unknown words, exit codes.
import { describe, expect, test } from 'vitest'
import { cli } from '../../src/cli/cli.ts'
import { recordingIo } from './shared/recording-io.ts'

async function check(args: readonly string[], expected: { code: number; out?: RegExp; err?: RegExp }) {
  const io = recordingIo()
  expect(await cli(args, io)).toBe(expected.code)
  expect(io.out()).toMatch(expected.out ?? /^$/)
  expect(io.err()).toMatch(expected.err ?? /^$/)
}

const COMMANDS = ['run', 'demo', 'check', 'explain', 'token', 'schema']

describe('cli', () => {
  test.each([['help'], ['--help'], ['-h']])('%s shows the commands', async (word) => {
    const io = recordingIo()
    expect(await cli([word], io)).toBe(0)
    expect(io.out()).toMatch(/\n {2}inventory {2,}what /)
    for (const name of COMMANDS) expect(io.out()).toContain(`\n  ${name} `)
  })

  test.each(COMMANDS)('%s: help and --help show its options', async (name) => {
    const usage = new RegExp(`^(usage: )?portcullis ${name}\\b`)
    await check(['help', name], { code: 0, out: usage })
    await check([name, '--help'], { code: 0, out: usage })
    await check([name, '-h'], { code: 0, out: usage })
  })

  test.each([['--version'], ['-v']])('%s', (word) => check([word], { code: 0, out: /^\d+\.\d+\.\d+\n$/ }))

  test('an unknown command is wrong use, with the nearest one', async () => {
    await check(['chek'], {
      code: 2,
      err: /unknown command "chek"; did you mean "check"\?\nsee: portcullis help/,
    })
    await check(['help', 'tokn'], { code: 2, err: /did you mean "token"/ })
    await check(['frobnicate'], { code: 2, err: /unknown command "frobnicate"\n/ })
  })

  test('a token where a command should be is not repeated', async () => {
    await check([`eyJ${'a'.repeat(60)}`], { code: 2, err: /unknown command\nsee/ })
  })

  test.each(COMMANDS)('%s with an unknown option is wrong use', (name) =>
    check([name, '--frobnicate'], {
      code: 2,
      err: new RegExp(`portcullis ${name}: unknown option --frobnicate`),
    }),
  )

  test('without a command word the options are those of run', () =>
    check(['--frobnicate'], { code: 2, err: /portcullis run: unknown option --frobnicate/ }))
})
