// A configured route with its live parts. gateway/generation.ts builds it once, and the exchange reads it. Nothing on
// the request path sees the configuration itself.
import type { IncomingMessage } from 'node:http'
import type { Approvals } from '../approvals/approvals.ts'
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
  /** The origin of the public URL. A DPoP proof must name it, with the path of the request. */
  readonly publicOrigin: string
  readonly transport: 'http' | 'sse'
  readonly verifier: Verifier
  readonly policy: Policy
  /** The source of the policy's rules; undefined when they stand in the file. */
  readonly remote: RemotePolicy | undefined
  /** The tools that the configuration of the route names. */
  readonly namedTools: readonly string[]
  /** The approved inventory; undefined when nothing is pinned. */
  readonly pin: Pin | undefined
  readonly upstream: Upstream
  /** Undefined where the server is a program. */
  readonly upstreamUrl: URL | undefined
  /** Whether a 400 in a session says that the upstream does not know the session. */
  readonly badRequestEndsSession: boolean
  /** Whether a client may ask for the rest of a stream. */
  readonly resumes: boolean
  /** Whether the query of a client's URL is passed on. */
  readonly passQuery: boolean
  readonly identityPrefix: string
  /** The names of headers that carry claims, in lower case. */
  readonly identityNames: ReadonlySet<string>
  readonly sealer: Sealer
  readonly tasks: TaskMemory
  /** Undefined where nothing can be approved. */
  readonly approvals: RouteApprovals | undefined
  readonly limits: RouteLimits
  /**
   * Reports missing scopes to the embedded server that issued the token; undefined where the issuer is not embedded.
   */
  readonly reportMissingScopes: ReportMissingScopes | undefined
  /** Access with the session of a browser; undefined where the route accepts only tokens. */
  readonly browser: BrowserAccess | undefined
  status(): readonly PartStatus[]
}

/** Approvals of calls on this route. */
export interface RouteApprovals extends Pick<Approvals, 'seek'> {
  /** Digests of what the route is decided by, and of its approved inventory. */
  readonly policy: string
  readonly manifest: string
  /** How long a caller may take once the call is approved, in milliseconds. */
  useMs(): number
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
  /** The longest token, in bytes. */
  readonly tokenBytes: number
  /** Places for calls under way. */
  readonly calls: Shares
  /** Places for open streams, of this route and of all routes (STR-08). */
  readonly streams: Shares
  readonly allStreams: Shares
  readonly challengeLoops: ChallengeLoops
  /**
   * Callers with a proved token and callers without are counted apart, so that no number of strangers displaces the
   * count of a subject.
   */
  readonly subjects: CallLimits
  readonly strangers: CallLimits
}

/** One of the public paths of a route. */
export interface Endpoint {
  readonly route: Route
  /** `messages` is the endpoint that a 2024-11-05 client posts to. */
  readonly kind: 'endpoint' | 'messages'
  readonly denial: DenialContext
}
