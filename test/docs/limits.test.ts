// Y28: the table of built-in limits in docs/operations.md against the constants of the sources: none is missing, none
// is made up, and each has the value that the code has.
import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { ROOT, tableOf, textOf } from './page.ts'

const UNITS: Readonly<Record<string, number>> = {
  ...{ ms: 1, s: 1_000, min: 60_000, h: 3_600_000 },
  ...{ bytes: 1, KiB: 1024, MiB: 1024 ** 2 },
}

/** A limit as it is named in a source: `const MAX_… = 1`, `const …_MS = 1`, or `…Ms: 1`, `max…: 1`, `min…: 1`. */
const CONSTANT = /^(?:export )?const (MAX_\w+|\w+_(?:MS|BYTES|SECONDS)) = ([\d_ *]+?)(?: \/\/.*)?$/gm
const MEMBER = /\b(\w+Ms|m(?:ax|in)[A-Z]\w*): (\d[\d_ *]*)/g
/** Nobody meets these: what only the demo, the commands or a later version use is no part of a gateway that serves. */
const NOT_SERVING = /^(?:cli|inspect)\//
/** Sizes of an algorithm, and bounds of the loader's own work, which no input can reach from outside. */
const INTERNAL = new Set([
  'mcp/session-sealer.ts MIN_KEY_BYTES',
  ...['maxAstNodes', 'maxDepth', 'maxListElements', 'maxMapEntries', 'maxCallArguments'].map(
    (name) => `policy/condition/compile.ts ${name}`,
  ),
  ...['token/embedded-issuer.ts ageMs', 'token/static-keys.ts ageMs'],
  ...['as/operate/clients.ts SECRET_BYTES', 'as/operate/clients.ts ID_BYTES'],
  ...['as/sign-in/login-cookie.ts ID_BYTES', 'as/sign-in/login-cookie.ts KEY_BYTES'],
  ...['as/sign-in/passkeys.ts USER_HANDLE_BYTES', 'as/operate/user-links.ts TOKEN_BYTES'],
  ...['as/store/data-secret.ts SECRET_BYTES', 'as/store/sqlite/connection.ts MIN_SECRET_BYTES'],
  ...[
    'approvals/sealed-approvals.ts CHANCE_BYTES',
    'lib/derived-key.ts KEY_BYTES',
    'upstream/program/program-session.ts ID_BYTES',
    'observe/chain/line-chain.ts ID_BYTES',
    'lib/seal.ts NONCE_BYTES',
    'lib/seal.ts TAG_BYTES',
    'state/privacy.ts DIGEST_BYTES',
    'observe/otel/tracing.ts KEY_BYTES',
  ],
  'as/engine/engine.ts windowMs', // in a table of its own: what the authorization server counts
  ...[
    'config/load.ts MAX_REPAIRS',
    'workers/shared-settings.ts KEY_BYTES',
    'config/suggest.ts MAX_LENGTH',
    'config/suggest.ts MAX_HINTS',
    'exchange/streams.ts MAX_TIMER_MS',
  ],
])

function productOf(text: string): number {
  return text
    .replaceAll('_', '')
    .split('*')
    .reduce((product, factor) => product * Number(factor), 1)
}

function limitsOf(path: string): (readonly [string, number])[] {
  return [...textOf(`src/${path}`).matchAll(CONSTANT), ...textOf(`src/${path}`).matchAll(MEMBER)].map(
    (match) => {
      const [, name = '', text = ''] = match
      const seconds = name.endsWith('_SECONDS') ? 1_000 : 1
      return [`${path} ${name}`, productOf(text) * seconds] as const
    },
  )
}

const sources = readdirSync(new URL('src/', ROOT), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts') && !NOT_SERVING.test(path))
  .sort()
const built = new Map(sources.flatMap(limitsOf).filter(([place]) => !INTERNAL.has(place)))

/** `12 KiB` → 12288, `10 s` → 10000, `1,024 connections` → 1024. */
function read(text: string): number {
  const [, count = '', unit = ''] = /^([\d,]+) ?(\S*)/.exec(text) ?? []
  return Number(count.replaceAll(',', '')) * (UNITS[unit] ?? 1)
}

describe('the table of limits in docs/operations.md', () => {
  const rows = tableOf('docs/operations.md', 'limit')

  it('names every limit of the sources once, and no other', () => {
    expect(rows.map(([, , place]) => place).sort()).toEqual([...built.keys()].sort())
  })

  it.each(rows.map(([, value, place]) => [place ?? '', value ?? '']))('%s is %s', (place, value) => {
    expect(read(value)).toBe(built.get(place))
  })
})
