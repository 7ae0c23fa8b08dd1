// The handshake with a program that several sessions share: the gateway is its one client, and each session is told what the
// program said. Nothing is declared that would let the program ask a client.
import type { LineMessage } from '../../core/line-message.ts'
import { ok, type Refusal, type Result, refuse } from '../../core/refusal.ts'
import { hasMembers, type JsonMembers, parseJson } from '../../lib/json.ts'
import type { Program } from './program.ts'

/** The last revision with a handshake. */
const NEWEST = '2025-11-25'
const INITIALIZE = JSON.stringify({
  jsonrpc: '2.0',
  id: 0,
  method: 'initialize',
  params: {
    protocolVersion: NEWEST,
    capabilities: {},
    clientInfo: { name: 'portcullis', version: '1' },
  },
})
const INITIALIZED = '{"jsonrpc":"2.0","method":"notifications/initialized"}'

/** The result of `initialize`. */
export type Handshake = JsonMembers

export function shakeHands(
  program: Program,
  read: (line: Buffer) => LineMessage | undefined,
): Promise<Result<Handshake>> {
  const { promise, resolve } = Promise.withResolvers<Result<Handshake>>()
  const question = read(Buffer.from(INITIALIZE))
  if (question === undefined) throw new Error('the handshake of the gateway is no message')
  program.request(question, {
    response(message) {
      const answer = parseJson(message.line({}).toString('utf8'))
      const result = hasMembers(answer) ? answer['result'] : undefined
      if (!hasMembers(result)) return resolve(refuse(NO_HANDSHAKE))
      program.tell(INITIALIZED)
      resolve(ok(result))
    },
    aside() {},
    fail: (why) => resolve(refuse(why)),
  })
  return promise
}

const NO_HANDSHAKE: Refusal = { reason: 'upstream_invalid', detail: 'the program refused the handshake' }

/**
 * The result for a session. Revisions are dates, so they sort as text: the older of what it asked for and what the program
 * speaks. `isHeard`: whether the session gets what the program says beside answers.
 */
export function handshakeFor(handshake: Handshake, asked: unknown, isHeard: boolean): JsonMembers {
  const spoken = handshake['protocolVersion']
  const isOlder =
    typeof asked === 'string' && typeof spoken === 'string' && asked < spoken && KNOWN.has(asked)
  const shown = isOlder ? { ...handshake, protocolVersion: asked } : handshake
  const { capabilities } = handshake
  return isHeard || !hasMembers(capabilities)
    ? shown
    : { ...shown, capabilities: withoutNotifications(capabilities) }
}

const KNOWN: ReadonlySet<string> = new Set(['2024-11-05', '2025-03-26', '2025-06-18', NEWEST])

/** What would be told by notifications that reach nobody. */
function withoutNotifications({ logging: _, ...capabilities }: JsonMembers): JsonMembers {
  const quiet = Object.entries(capabilities).map(([name, value]) => {
    if (!hasMembers(value)) return [name, value] as const
    const { listChanged: _changed, subscribe: _subscribe, ...rest } = value
    return [name, rest] as const
  })
  return Object.fromEntries(quiet)
}
