// G6: keys that sessions, cookies and data are sealed with have no default, a least length, and are not known to others.
import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { parseConfig } from '../../src/config/load.ts'
import { file } from './support.ts'

/** Of `session_key` and `cookie_secret` with this value; `undefined`: the variable is not set. */
function messagesFor(key: string | undefined): readonly string[] {
  const text = file({
    issuers: 'builtin: { embedded: true }',
    trusts: '[builtin]',
    top: 'session_key: "${KEY}"\nauthorization_server: { cookie_secret: "${KEY}" }',
  })
  const env = key === undefined ? {} : { KEY: key }
  const loaded = parseConfig(text, { file: 'gateway.yaml', env })
  return loaded.ok ? [] : loaded.problems.map(({ message }) => message)
}

describe('G6, A50: what does not start', () => {
  const SHORT = /at least 32 bytes; make one with: openssl/
  const KNOWN = /nobody can guess.*make one with: openssl/
  it.each<[string, string | undefined, RegExp]>([
    ['nothing', undefined, /KEY/],
    ['empty', '', /KEY/],
    ['8 characters', 'aB3$xY9!', SHORT],
    ['31 bytes', randomBytes(23).toString('base64').slice(0, 31), SHORT],
    ['the fallback of a sister system', 'your-secure-session-secret', SHORT],
    ['the same, made longer', 'your-secure-session-secret-0123456789', KNOWN],
    ['32 times one letter', 'k'.repeat(32), KNOWN],
    ['a piece repeated', '0123456789abcdef0123456789abcdef', KNOWN],
    ['a piece repeated, and a half', 'Xy7-pQ2.Xy7-pQ2.Xy7-pQ2.Xy7-pQ2.Xy', KNOWN],
    ['zeros and ones', '01101001100101101001011001101001', KNOWN],
    ['a placeholder', 'CHANGE_ME_to_a_long_random_string!', KNOWN],
    ['a placeholder in capitals', 'REPLACE-WITH-OUTPUT-OF-OPENSSL-RAND', KNOWN],
    ['a tutorial', 'keyboard cat keyboard dog keyboard', KNOWN],
    ['a debugger of tokens', 'your-256-bit-secret-your-256-bit-key', KNOWN],
    ['a counter', 'abcdefghijklmnopqrstuvwxyz012345', KNOWN],
    ['its own name', 'portcullis-session-key-of-2026-x9', KNOWN],
  ])('%s', (_what, key, words) => {
    const messages = messagesFor(key)
    expect(messages).toHaveLength(2)
    for (const message of messages) {
      expect(message).toMatch(words)
      if (key !== undefined && key.length > 8) expect(message).not.toContain(key)
    }
  })
})

it('G6: what openssl and others make always starts', () => {
  for (let made = 0; made < 500; made += 1) {
    for (const encoding of ['base64', 'base64url', 'hex'] as const)
      expect(messagesFor(randomBytes(32).toString(encoding))).toEqual([])
  }
})
