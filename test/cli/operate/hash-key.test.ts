// `portcullis hash-key`: the hash of a key from standard input, or of a new one.
import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { run as hashKey } from '../../../src/cli/operate/hash-key.ts'
import { recordingIo } from '../shared/recording-io.ts'

const hashOf = (key: string) => `sha256:${createHash('sha256').update(key).digest('hex')}\n`

describe('hash-key', () => {
  test('of a key that is piped in, which is printed nowhere', async () => {
    const key = 'pk_0123456789abcdefghijklmnopqrstuvwxyz'
    const io = recordingIo({ stdin: `${key}\n` })
    expect(await hashKey([], io)).toBe(0)
    expect(io.out()).toBe(hashOf(key))
    expect(io.err()).toBe('')
  })

  test('of a new key, with the key apart from it', async () => {
    const io = recordingIo()
    expect(await hashKey(['--new'], io)).toBe(0)
    const [, key = ''] = /^the key, shown only now: (pk_[\w-]{43})\n$/.exec(io.err()) ?? []
    expect(io.out()).toBe(hashOf(key))
  })

  test.each([
    ['a word that could be guessed', 'hunter2', [], /shorter than 32 characters/],
    ['nothing', '', [], /standard input is empty/],
    [
      'a key on the command line',
      '',
      ['pk_0123456789abcdefghijklmnopqrstuvwxyz0123'],
      /unexpected argument\n/,
    ],
  ])('%s', async (_name, stdin, args, words) => {
    const io = recordingIo({ stdin })
    expect(await hashKey(args, io)).toBe(2)
    expect(io.out()).toBe('')
    expect(io.err()).toMatch(words)
  })
})
