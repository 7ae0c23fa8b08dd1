// Scopes that calls were refused for a moment ago. The gateway notes them; the embedded server asks the person for them,
// at most once each. What is noted is kept in memories that it is given, which gateways may share: then a refresh finds
// at one of them what another refused.
import type { TextMemory } from '../core/shared-state.ts'
import type { MaybeAsync } from '../core/turn.ts'

/** A call that was answered with `insufficient_scope`. */
export interface RefusedCall {
  readonly subject: string
  readonly clientId: string
  readonly grantId: string
  /** `jti` of the access token that was shown. */
  readonly token: string
  /** Epoch milliseconds. */
  readonly tokenExpiresAt: number
  /** The public URL of the route. */
  readonly resource: string
  readonly missing: readonly string[]
  /** False where the refusal was told inside a JSON-RPC answer: no client refreshes upon that. */
  readonly isChallenged: boolean
}

/** Identifies a consent page. */
export type Consenting = Pick<RefusedCall, 'subject' | 'clientId' | 'resource'>

export interface RefusedScopes {
  note(call: RefusedCall): void
  /** Returns what was refused last to this access token of the subject, if that was a moment ago. */
  justRefused(shown: Pick<RefusedCall, 'subject' | 'token'>): Promise<RefusedCall | undefined>
  /** Whether the person of a grant was asked for these scopes a short while ago. */
  wasAsked(call: RefusedCall): Promise<boolean>
  noteAsked(call: RefusedCall): Promise<void>
  /** Returns which of `scopes` the next consent page offers. The first page that asks takes them. */
  takeMissing(consenting: Consenting, scopes: readonly string[]): Promise<readonly string[]>
}

/** Opens a memory in which each subject has a share of its own. */
export type OpenTexts = (use: string, forMs: number) => TextMemory

/** How long a refusal stands for a refresh that follows it, and for a consent page. */
const REFRESH_FOLLOWS_MS = 15_000
export const CONSENT_FOLLOWS_MS = 600_000
/** A grant is sent to its person once in this time for the same scopes. */
const ASKED_AGAIN_MS = 600_000

export const MAX_REFUSED_CALLS = 10_000

export function createRefusedScopes(open: OpenTexts): RefusedScopes {
  const byToken = open('refused calls', REFRESH_FOLLOWS_MS)
  const asked = open('asked persons', ASKED_AGAIN_MS)
  const missing = open('missing scopes', CONSENT_FOLLOWS_MS)
  return {
    note(call) {
      void byToken.remember(call.subject, call.token, JSON.stringify(call))
      for (const scope of call.missing) void missing.remember(call.subject, missingKey(call, scope), scope)
    },
    async justRefused({ subject, token }) {
      const text = await byToken.find(subject, token)
      return text === undefined ? undefined : (JSON.parse(text) as RefusedCall)
    },
    wasAsked: async (call) => (await asked.find(call.subject, askingKey(call))) !== undefined,
    noteAsked: async (call) => asked.remember(call.subject, askingKey(call), ''),
    async takeMissing(consenting, scopes) {
      const taken = (scope: string): MaybeAsync<string | undefined> =>
        missing.remove(consenting.subject, missingKey(consenting, scope))
      return (await Promise.all(scopes.map(taken))).filter((scope) => scope !== undefined)
    },
  }
}

/** Identifies a grant and the scopes that its person is asked for. */
export function askingKey({ grantId, missing }: RefusedCall): string {
  return JSON.stringify([grantId, ...[...missing].sort()])
}

function missingKey({ clientId, resource }: Consenting, scope: string): string {
  return JSON.stringify([clientId, resource, scope])
}
