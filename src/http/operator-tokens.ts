// Bearer tokens of the administration port: whose is the one that is shown. All of them are compared as digests, in
// constant time, also after one fits (K12).
import { hash, timingSafeEqual } from 'node:crypto'
import type { Operator } from '../core/operator.ts'
import type { OperatorSettings } from '../core/settings-admin.ts'

/** A token is no person, so nobody could tell whether it approves its own calls. */
const MAY_NOT_APPROVE = ['view', 'operate'] as const

/** @param authorization the field of the request */
export type FindTokenOperator = (authorization: string | undefined) => Operator | undefined

/** @param settings read for each request, so that a reload may replace them */
export function createTokenOperators(settings: () => OperatorSettings): FindTokenOperator {
  let [read, known]: [OperatorSettings | undefined, readonly KnownToken[]] = [undefined, []]
  return (authorization = '') => {
    const now = settings()
    if (now !== read) [read, known] = [now, knownTokens(now)]
    const [scheme = '', ...rest] = authorization.split(' ')
    const digest = hash('sha256', rest.join(' '), 'buffer')
    const [found] = known.filter((each) => timingSafeEqual(each.digest, digest))
    return scheme.toLowerCase() === 'bearer' ? found?.operator : undefined
  }
}

interface KnownToken {
  readonly digest: Buffer
  readonly operator: Operator
}

function knownTokens({ token, tokens }: OperatorSettings): readonly KnownToken[] {
  const usual =
    token === undefined
      ? []
      : [{ name: 'token', sha256: hash('sha256', token.reveal()), may: MAY_NOT_APPROVE }]
  return [...usual, ...tokens].map(({ name, sha256, may }) => ({
    digest: Buffer.from(sha256, 'hex'),
    operator: { name, rights: new Set(may) },
  }))
}
