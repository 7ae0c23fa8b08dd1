// What clients and people hear while the data is away: 503 and a word, at every endpoint (RFC 6749 §5.2 has no code of its
// own; `temporarily_unavailable` is that of §4.1.2.1). The operator learns why from the log, now and then.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type Provider from 'oidc-provider'
import type { OnFault } from '../events.ts'
import type { People } from '../people.ts'
import type { Store } from '../store/store.ts'
import { answerOAuthError } from './oauth-answers.ts'
import { isOpenToBrowsers } from './paths.ts'
import type { OAuthError } from './request-params.ts'

const RETRY_SECONDS = 2
/** Each request would say the same. */
const TOLD_MS = 10_000
const UNAVAILABLE: OAuthError = {
  status: 503,
  error: 'temporarily_unavailable',
  description: 'the data of this server cannot be reached; try again later',
}

export interface DataAwayParts {
  readonly store: Store
  /** What oidc-provider has answered with `server_error`, by request. */
  readonly faults: WeakMap<IncomingMessage, unknown>
  readonly onFault: OnFault
}

/** What oidc-provider calls its own fault is none when the data is away. A redirect with the error stays one. */
export function tellDataAway(provider: Provider, { store, faults }: DataAwayParts): void {
  provider.use(async (context, next) => {
    await next()
    if (!store.isFault(faults.get(context.req)) || context.status < 400) return
    context.status = UNAVAILABLE.status
    context.set('retry-after', String(RETRY_SECONDS))
    if (typeof context.body === 'object')
      context.body = { error: UNAVAILABLE.error, error_description: UNAVAILABLE.description }
  })
}

/** Answers an error that came from the data, where nothing was answered yet. Throws every other error. */
export function createDataAway(
  { store, onFault }: DataAwayParts,
  people: People,
): (error: unknown, path: string, response: ServerResponse) => void {
  let toldMs = Number.NEGATIVE_INFINITY
  return (error, path, response) => {
    if (!store.isFault(error)) throw error
    if (performance.now() - toldMs > TOLD_MS) {
      toldMs = performance.now()
      onFault(error)
    }
    if (response.headersSent) return
    if (isOpenToBrowsers(path)) return answerOAuthError(response, UNAVAILABLE, RETRY_SECONDS)
    const { headers, body } = people.html.error(UNAVAILABLE)(response)
    response.writeHead(UNAVAILABLE.status, { ...headers, 'retry-after': String(RETRY_SECONDS) }).end(body)
  }
}
