// The shape of `upstream_auth` of a route, and of the keys that sign assertions: how calls show themselves to the server
// behind the gateway.
import { z } from 'zod'
import {
  type AssertionKeySettings,
  ownHeaderOf,
  type UpstreamCredential,
} from '../core/settings-upstream-auth.ts'
import { assertionHeader, staticHeader, staticValue } from './headers.ts'
import { milliseconds, seconds, text } from './scalars.ts'

const mode = <Word extends UpstreamCredential['mode'] | 'none'>(word: Word) =>
  z
    .literal(word)
    .describe(
      '`none`: nothing; `static`: a fixed header; `forward_token`: the token of the caller; `assertion`: a token that the gateway signs for each call.',
    )

/** Claims that an assertion has for itself. */
const ASSERTED = [
  'iss',
  'aud',
  'sub',
  'sub_id',
  'exp',
  'nbf',
  'iat',
  'jti',
  'client_id',
  'scope',
  'act',
  'cnf',
]
const ASSERTED_WORDS =
  'expected the name of a claim of the token, such as email; the gateway writes iss, aud, sub, scope and the like itself'
const assertedClaim = text.refine(
  (name) => !ASSERTED.includes(name) && !name.startsWith('mcp_') && !name.startsWith('body_'),
  ASSERTED_WORDS,
)

const assertion = z
  .strictObject({
    mode: mode('assertion'),
    header: assertionHeader
      .describe('The header that carries it; in `authorization` it stands after `Bearer `.')
      .prefault('x-mcp-assertion'),
    audience: text.describe(
      'Its `aud`: what the server behind the route calls itself. Never a resource of the gateway.',
    ),
    ttl: seconds('5s', '5m').describe('How long it may be used.').prefault('30s'),
    claims: z.array(assertedClaim).describe("Claims of the caller's token that it carries.").prefault([]),
    body: z
      .boolean()
      .describe('Adds the SHA-256 of the body (`body_sha256`), so that it is good for these very bytes.')
      .prefault(false),
    reuse: z
      .boolean()
      .describe(
        'One assertion stands in several calls of a caller, for half of its `ttl`: it costs less, and says nothing of the call.',
      )
      .prefault(false),
  })
  .superRefine((raw, context) => {
    if (!raw.reuse || !raw.body) return
    const message = 'an assertion that is used again cannot be for one body: remove reuse, or body'
    context.addIssue({ code: 'custom', path: ['body'], message })
  })
  .transform(({ ttl, ...rest }): UpstreamCredential => ({ ...rest, ttlSeconds: ttl }))

const credentials = [
  z.strictObject({
    mode: mode('static'),
    header: staticHeader.describe('The header that the upstream wants, such as authorization.'),
    value: staticValue.describe('Its value, such as `Bearer ${UPSTREAM_KEY}`.'),
  }),
  z.strictObject({ mode: mode('forward_token') }),
  assertion,
] as const

const several = z
  .array(z.discriminatedUnion('mode', credentials))
  .min(1)
  .superRefine((entries, context) => {
    const taken = new Set<string>()
    for (const [position, header] of entries.map(ownHeaderOf).entries()) {
      const message = `an entry above writes ${header} already`
      if (taken.has(header)) context.addIssue({ code: 'custom', path: [position], message })
      taken.add(header)
    }
  })

const one = z.discriminatedUnion('mode', [z.strictObject({ mode: mode('none') }), ...credentials])

/** One entry needs no list. */
export const upstreamAuth = z.union([
  several,
  one.transform((entry): readonly UpstreamCredential[] => (entry.mode === 'none' ? [] : [entry])),
])

/** The credential of its own under which a header goes to the upstream already. */
export function takenByCredential(
  headers: Readonly<Record<string, string>>,
  own: readonly UpstreamCredential[],
): [claim: string, header: string] | undefined {
  const taken = new Set(own.map(ownHeaderOf))
  return Object.entries(headers).find(([, header]) => taken.has(header))
}

export const assertionKeys = z
  .strictObject({
    keys: text
      .describe(
        'The file of the private keys, relative to the folder of gateway.yaml; made on first use, and the same for all replicas.',
      )
      .prefault('.portcullis/assertion-keys.json'),
    algorithm: z
      .enum(['ES256', 'EdDSA'])
      .describe('What new keys sign with; `EdDSA` is Ed25519.')
      .prefault('ES256'),
    rotate: milliseconds('1d', '730d')
      .describe(
        'How long a key signs. The next one is published an hour before, the last one an hour longer.',
      )
      .prefault('90d'),
  })
  .transform(
    ({ keys: file, algorithm, rotate }): AssertionKeySettings => ({ file, algorithm, rotateMs: rotate }),
  )
