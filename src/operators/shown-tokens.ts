// Tokens that are shown with a request: whose each is. Wrong ones are counted for their network, together with those of the
// sign-in page (door-answers.ts); past the limit none is looked at but one that was good from there before.
import { hash } from 'node:crypto'
import type { Operator } from '../core/operator.ts'
import type { TooManyTries } from '../http/admin.ts'
import type { FindTokenOperator } from '../http/operator-tokens.ts'
import type { RateLimitInMemory } from '../limits/rates.ts'

/** Digests of good tokens with their network; the one that was used least lately goes. */
const MAX_KNOWN_TOKENS = 1_000

export interface ShownTokensParts {
  readonly findToken: FindTokenOperator
  /** Of networks. */
  readonly failures: RateLimitInMemory
}

/** Undefined for a token of nobody. */
export type FindShown = (authorization: string, network: string) => Operator | TooManyTries | undefined

export function createShownTokens({ findToken, failures }: ShownTokensParts): FindShown {
  const known = new Set<string>()
  return (authorization, network) => {
    const key = `${network} ${hash('sha256', authorization)}`
    const waitSeconds = known.delete(key) ? undefined : failures.peek(network)
    if (waitSeconds !== undefined) return { waitSeconds }
    const operator = findToken(authorization)
    if (operator === undefined) failures.take(network)
    else {
      const [oldest] = known
      if (known.size >= MAX_KNOWN_TOKENS && oldest !== undefined) known.delete(oldest)
      known.add(key)
    }
    return operator
  }
}
