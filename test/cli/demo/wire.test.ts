// Reading a challenge for the demo's transcript.
import { expect, test } from 'vitest'
import { challengeParameter } from '../../../src/cli/demo/wire.ts'

const CHALLENGE = 'Bearer error="insufficient_scope", scope="a b", resource_metadata="http://x/y"'

test.each<[string | undefined, string, string | undefined]>([
  [CHALLENGE, 'error', 'insufficient_scope'],
  [CHALLENGE, 'scope', 'a b'],
  [CHALLENGE, 'resource_metadata', 'http://x/y'],
  [CHALLENGE, 'metadata', undefined],
  [undefined, 'scope', undefined],
])('%s: %s is %s', (challenge, name, value) => {
  expect(challengeParameter(challenge, name)).toBe(value)
})
