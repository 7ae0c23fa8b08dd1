// The WWW-Authenticate line: order of parameters, quoting, and nothing that could end a quoted string early.
import { expect, test } from 'vitest'
import { type Challenge, formatChallenge } from '../../src/http/challenge.ts'

const METADATA = 'https://gw.example/.well-known/oauth-protected-resource/mcp'
const TAIL = `resource_metadata="${METADATA}"`

const rows: readonly (readonly [string, Omit<Challenge, 'resourceMetadata'>, string])[] = [
  ['R1 pointer before scope', { scheme: 'Bearer', scope: ['a', 'b'] }, `Bearer ${TAIL}, scope="a b"`],
  ['CHL-05 no error without a credential', { scheme: 'Bearer' }, `Bearer ${TAIL}`],
  ['CHL-03 an empty scope list is left out', { scheme: 'Bearer', scope: [] }, `Bearer ${TAIL}`],
  [
    'R2 Q-06 error, scope, pointer, description',
    { scheme: 'Bearer', error: 'invalid_token', scope: ['a'], description: 'The access token expired' },
    `Bearer error="invalid_token", scope="a", ${TAIL}, error_description="The access token expired"`,
  ],
  ['R4 malformed', { scheme: 'Bearer', error: 'invalid_request' }, `Bearer error="invalid_request", ${TAIL}`],
  [
    'R18 DPoP names its algorithms',
    { scheme: 'DPoP', error: 'invalid_dpop_proof', algs: ['ES256', 'PS256'] },
    `DPoP error="invalid_dpop_proof", algs="ES256 PS256", ${TAIL}`,
  ],
]

test.each(rows)('%s', (_, challenge, expected) => {
  expect(formatChallenge({ ...challenge, resourceMetadata: METADATA })).toBe(expected)
})

test.each(['a"b', 'a\\b', 'a\r\nSet-Cookie: x', 'a\u0000b', 'a\u007fb', 'naïve', '日本', 'a\tb'])(
  'CHL-04 H54 %j cannot leave its quotes or the line',
  (description) => {
    const line = formatChallenge({
      scheme: 'Bearer',
      error: 'invalid_token',
      resourceMetadata: METADATA,
      description,
    })
    expect(line).toMatch(/^[\x20-\x7e]*$/)
    const value = /error_description="([^"]*)"$/.exec(line)?.[1]
    expect(value).toMatch(/^[\x20\x21\x23-\x5b\x5d-\x7e]*$/)
    expect(value?.length).toBe(description.length)
  },
)

test('CHL-04 H54 a value has a limit of 4,096 characters', () => {
  const line = formatChallenge({ scheme: 'Bearer', resourceMetadata: METADATA, scope: ['s'.repeat(10_000)] })
  expect(/scope="([^"]*)"/.exec(line)?.[1]?.length).toBe(4_096)
})
