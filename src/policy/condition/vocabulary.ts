// The names that conditions can use, their types, and their values for one call. Scopes are left out on purpose, so
// that a missing scope is always a challenge and never a silent false.
import type { Target } from '../../core/call.ts'
import type { Principal } from '../../core/principal.ts'
import type { Circumstances } from '../../core/route.ts'
import { ConditionFault, UNKNOWN } from './outcome.ts'
import type { Type } from './types.ts'
import { Instant } from './value.ts'

/** MCP 2025-06-18 tools: annotations are hints, so they count only as a person approved them. */
export type Annotations = Readonly<Record<string, unknown>>

const fields = (known: Readonly<Record<string, Type>>): Type => ({ fields: new Map(Object.entries(known)) })

export const VOCABULARY: ReadonlyMap<string, Type> = new Map<string, Type>([
  [
    'principal',
    fields({ subject: 'string', issuer: 'string', roles: { list: 'string' }, claims: { map: 'dyn' } }),
  ],
  ['client', fields({ id: 'string' })],
  ['call', fields({ method: 'string', kind: 'string', target: 'string' })],
  ['args', { map: 'dyn' }],
  [
    'tool',
    fields({
      title: 'string',
      readOnlyHint: 'bool',
      destructiveHint: 'bool',
      idempotentHint: 'bool',
      openWorldHint: 'bool',
    }),
  ],
  ['request', fields({ address: 'string', route: 'string' })],
  ['now', 'timestamp'],
])

const NOBODY = new ConditionFault('the caller has no token')
const NO_ARGUMENTS = new ConditionFault('arguments that are not a map')
const NOTHING = Object.freeze({})

export interface Seen {
  readonly principal: Principal | undefined
  /** Whether the caller has no token yet, and may turn out to be anybody, as in lists. */
  readonly anybody: boolean
  readonly method: string
  readonly target: Target
  /** Returns the arguments; UNKNOWN while they are not known. */
  readonly args: () => unknown
  readonly annotations: Annotations | undefined
  readonly circumstances: Circumstances
}

/** Makes the variables lazily, so that arguments are parsed only when a condition needs them. */
export function variablesOf(seen: Seen): Readonly<Record<string, unknown>> {
  const { principal, target, circumstances } = seen
  const nobody = seen.anybody ? UNKNOWN : NOBODY
  return {
    principal: principal === undefined ? nobody : personOf(principal),
    client: principal === undefined ? nobody : clientOf(principal),
    // A template represents all its expansions, so its target is not known.
    call: {
      method: seen.method,
      kind: target.kind,
      target: target.kind === 'template' ? UNKNOWN : target.name,
    },
    get args() {
      return argumentsOf(seen.args())
    },
    tool: seen.annotations ?? NOTHING,
    request: { address: circumstances.address, route: circumstances.route },
    now: new Instant(circumstances.now),
  }
}

function personOf({ subject, issuer, roles, claims }: Principal) {
  return { subject, issuer, claims, ...(roles ? { roles } : {}) }
}

function clientOf({ clientId }: Principal) {
  return clientId === undefined ? NOTHING : { id: clientId }
}

/** A call without arguments has an empty map. Arguments that are not a map are a fault. */
function argumentsOf(args: unknown): unknown {
  if (args === undefined || args === null) return NOTHING
  if (args === UNKNOWN) return UNKNOWN
  return typeof args === 'object' && !Array.isArray(args) ? args : NO_ARGUMENTS
}
