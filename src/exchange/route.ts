// A configured route with its live parts: built once by gateway/generation.ts, read by the exchange. Nothing on the request
// path sees the configuration that it was made from.
import type { IncomingMessage } from 'node:http'
import type { Principal } from '../core/principal.ts'
import type { PartStatus, Policy, Verifier } from '../core/route.ts'
import type { ChallengeLoops, TaskMemory } from '../core/shared-state.ts'
import type { Shares } from '../core/shares.ts'
import type { DenialContext } from '../http/deny.ts'
import type { CallLimits } from '../limits/check-rates.ts'
import type { Pin } from '../manifest/pin.ts'
import type { Sealer } from '../mcp/session-sealer.ts'
import type { RemotePolicy } from '../remote/remote-policy.ts'
import type { Upstream } from '../upstream/upstream.ts'

export interface Route {
  readonly name: string
  /** Without a trailing slash. */
  readonly path: string
  /** Origin of the public URL: with the path of a request, what a DPoP proof must name. */
  readonly publicOrigin: string
  readonly transport: 'http' | 'sse'
  readonly verifier: Verifier
  readonly policy: Policy
  /** Where the rules of the policy come from, when that is not the file. */
  readonly remote: RemotePolicy | undefined
  /** Tools that its configuration names. */
  readonly namedTools: readonly string[]
  /** The approved inventory; undefined when nothing is pinned. */
  readonly pin: Pin | undefined
  readonly upstream: Upstream
  readonly upstreamUrl: URL
  /** Whether a 400 in a session says that the upstream does not know the session. */
  readonly badRequestEndsSession: boolean
  /** Whether a client may ask for the rest of a stream. */
  readonly resumes: boolean
  /** Whether the query of a client goes on. */
  readonly passQuery: boolean
  readonly identityPrefix: string
  /** Headers of claims, lower case. */
  readonly identityNames: ReadonlySet<string>
  readonly sealer: Sealer
  readonly tasks: TaskMemory
  readonly limits: RouteLimits
  /** Told to the server of the token when scopes were asked for; undefined where that is not the embedded one. */
  readonly reportMissingScopes: ReportMissingScopes | undefined
  /** Undefined where only tokens count. */
  readonly browser: BrowserAccess | undefined
  status(): readonly PartStatus[]
}

export type ReportMissingScopes = (principal: Principal, missing: readonly string[]) => void

/** Sessions of browsers on this route. */
export interface BrowserAccess {
  readonly allowedOrigins: readonly string[]
  /**
   * What the cookie of a request without a token stands for: nothing, a token, or a request from a page that may not
   * use it.
   */
  present(request: IncomingMessage): Promise<PresentedCookie>
}

export type PresentedCookie =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'forged' }
  | { readonly kind: 'unknown' }
  /** `renewed`: a Set-Cookie value to send along. */
  | { readonly kind: 'token'; readonly token: string; readonly renewed: string | undefined }

export interface RouteLimits {
  readonly bodyBytes: number
  /** Of a token. */
  readonly tokenBytes: number
  /** Calls under way. */
  readonly calls: Shares
  /** Open streams of this route, and of all (STR-08). */
  readonly streams: Shares
  readonly allStreams: Shares
  readonly challengeLoops: ChallengeLoops
  /** Those with a proved token and those without are counted apart, so that strangers push out no count of a subject. */
  readonly subjects: CallLimits
  readonly strangers: CallLimits
}

/** One of the public paths of a route. */
export interface Endpoint {
  readonly route: Route
  /** `messages`: where a 2024-11-05 client posts. */
  readonly kind: 'endpoint' | 'messages'
  readonly denial: DenialContext
}
