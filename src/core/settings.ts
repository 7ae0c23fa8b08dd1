// The configuration after it was parsed: durations are numbers with a unit in the name, secrets are Secret,
// names are resolved. config/load.ts makes it; gateway/generation.ts builds live parts from it; nothing on the request
// path reads it.

import type { Rate } from './rate.ts'
import type { Denial } from './refusal.ts'
import type { ScopeExpression } from './scopes.ts'
import type { Secret } from './secret.ts'
import type { OperatorSettings, PeerSettings } from './settings-admin.ts'
import type { ApprovalSettings, ApproverSettings } from './settings-approvals.ts'
import type { AuthorizationServerSettings } from './settings-as.ts'
import type { AuditSettings } from './settings-audit.ts'
import type { BrandingSettings, ServerBranding } from './settings-branding.ts'
import type { BrowserSettings } from './settings-browser.ts'
import type { ProgramSettings } from './settings-program.ts'
import type { ReachSettings } from './settings-reach.ts'
import type { RemotePolicySettings } from './settings-remote.ts'
import type { StateSettings } from './settings-state.ts'
import type { TelemetrySettings } from './settings-telemetry.ts'
import type { PolicyTest } from './settings-test.ts'
import type { AssertionKeySettings, UpstreamCredential } from './settings-upstream-auth.ts'
import type { VerdictCacheSettings, VerdictSource } from './settings-verifier.ts'
import type { WhoSettings } from './settings-who.ts'

export interface Settings {
  /** Absolute URL without a trailing slash: what clients type. Nothing is ever derived from Host. */
  readonly publicUrl: string
  readonly listen: Address
  /** Whether /healthz, /readyz and /readyz/shutdown are answered there too, without details. */
  readonly publicHealth?: boolean
  readonly admin: AdminSettings
  readonly allowedHosts: readonly string[]
  readonly allowedOrigins: readonly string[]
  /** Addresses and CIDR ranges. */
  readonly trustedProxies: readonly string[]
  readonly tls: TlsFiles | undefined
  readonly sessionKey: Secret | undefined
  /** Where gateways keep what they share; absent: each has its own. */
  readonly state?: StateSettings
  /** Absent: nothing can be approved. */
  readonly approvals?: ApprovalSettings
  readonly audit: AuditSettings
  /** Absent: nothing is sent to a receiver of OpenTelemetry. */
  readonly telemetry?: TelemetrySettings
  readonly limits: SharedLimits
  readonly drain: DrainSettings
  /** Processes that serve; of the command only. `auto`: one for each processor. */
  readonly workers?: number | 'auto'
  readonly scopesImply: ReadonlyMap<string, readonly string[]>
  readonly issuers: ReadonlyMap<string, IssuerSettings>
  /** There when an issuer is embedded. */
  readonly authorizationServer?: AuthorizationServerSettings
  readonly branding?: BrandingSettings
  /** There when a route sends assertions. */
  readonly assertionKeys?: AssertionKeySettings
  readonly routes: readonly RouteSettings[]
}

/** The administration port, and who may do what there. */
export interface AdminSettings extends OperatorSettings {
  readonly listen: Address
  /** Gateways that the console shows beside this one. */
  readonly peers: readonly PeerSettings[]
}

/** After the signal to stop. */
export interface DrainSettings {
  /** From the signal until no connection is accepted any more. */
  readonly delayMs: number
  /** From then on, until open requests are cut off. */
  readonly timeoutMs: number
}

/** What all routes and callers use together. */
export interface SharedLimits {
  /** The part of anything shared that one caller may hold: above 0, at most 1. */
  readonly sharePerCaller: number
  /** Open streams of all routes. */
  readonly streams: number
  /** The largest head of a request, in bytes. */
  readonly headerBytes: number
  /** The longest token in it, in bytes. */
  readonly tokenBytes: number
  /** Servers that are programs, of all routes; absent: 1,000. */
  readonly programs?: number
}

export interface Address {
  readonly host: string
  readonly port: number
}

/** Paths of PEM files, re-read when they change. */
export interface TlsFiles {
  readonly cert: string
  readonly key: string
}

export type Validation = 'jwt' | 'introspection' | 'jwt_and_introspection' | 'jwt_else_introspection'

export interface IssuerSettings extends ReachSettings {
  readonly name: string
  /** Byte for byte as in the issuer's metadata and in `iss`. */
  readonly issuer: string
  readonly allowInsecureIssuer: boolean
  /** The authorization server of this process: nothing is asked over the network. */
  readonly embedded?: true
  readonly validation: Validation
  readonly algorithms: readonly string[]
  readonly typ: 'any' | 'at+jwt'
  readonly leewaySeconds: number
  /** The longest life (`exp` − `iat`) a token may have. */
  readonly maxLifetimeSeconds: number
  /** Refuse a token that names another audience beside ours. */
  readonly singleAudience: boolean
  /** What this issuer may grant at most; undefined: anything. */
  readonly allowedScopes: ReadonlySet<string> | undefined
  readonly claims: ClaimNames
  readonly introspection: IntrospectionSettings | undefined
  /** Who says what its tokens are worth, instead of keys and introspection (`verifier` other than `jwt`). */
  readonly verdictSource?: VerdictSource
}

/** Each a list of claim paths (`realm_access.roles`); the first that is present wins. */
export interface ClaimNames {
  readonly subject: readonly string[]
  readonly scopes: readonly string[]
  readonly client: readonly string[]
  readonly roles: readonly string[]
}

export interface IntrospectionSettings extends VerdictCacheSettings {
  /** Undefined: from the issuer's metadata. */
  readonly endpoint: string | undefined
  readonly auth: 'basic' | 'post' | 'private_key_jwt'
  readonly clientId: string
  readonly clientSecret: Secret | undefined
  /** Tried once when the first is refused. */
  readonly clientSecretNext: Secret | undefined
  /** PKCS #8 PEM or a private JWK as JSON, for private_key_jwt. */
  readonly privateKey: Secret | undefined
  readonly audience: 'required' | 'implied_by_endpoint'
}

export interface RouteSettings extends ServerBranding {
  readonly name: string
  /** Begins with `/`, has no trailing slash. */
  readonly path: string
  readonly upstream: UpstreamSettings
  /** Names of issuers, in file order. */
  readonly issuers: readonly string[]
  /** Undefined: the resource itself. */
  readonly audience: readonly string[] | undefined
  /** The baseline: needed for any use. */
  readonly scopes: readonly string[]
  /** What clients may ask for at sign-in beside the baseline. */
  readonly scopesSupported?: readonly string[]
  readonly dpop: 'off' | 'accept' | 'require'
  /** Whether a DPoP proof must carry a nonce of ours. */
  readonly dpopNonce: boolean
  readonly legacyDiscovery: boolean
  /** Whether errors that concern one request only are told by a status or in a JSON-RPC answer. */
  readonly errors: Denial
  /** Whether clients may ask for the rest of a stream, by an id of their own. */
  readonly resumption: 'sealed' | 'off'
  readonly policy: PolicySettings
  /** What the policy is expected to decide; run by `portcullis check`, never by the gateway. */
  readonly tests: readonly PolicyTest[]
  /** Absent: nothing is pinned. */
  readonly manifest?: ManifestSettings
  readonly limits: LimitSettings
  /** What calls show to the upstream, each under a header of its own. */
  readonly upstreamAuth: readonly UpstreamCredential[]
  /** Lower case, ends in `-`: `x-mcp-`. */
  readonly identityPrefix: string
  /** Claim path → the lower-case name of the header that says it. */
  readonly identityClaims?: Readonly<Record<string, string>>
  /** There when people may sign in with a browser. */
  readonly browser?: BrowserSettings
}

/** A server that listens somewhere, or a program that the gateway starts. */
export type UpstreamSettings = HttpUpstreamSettings | ProgramSettings

export function isProgram(upstream: UpstreamSettings): upstream is ProgramSettings {
  return 'command' in upstream
}

export interface HttpUpstreamSettings {
  readonly url: string
  readonly transport: 'http' | 'sse'
  readonly connectTimeoutMs: number
  /** Until the response headers. */
  readonly timeoutMs: number
  /** Between two chunks of a response that answers a call. */
  readonly idleTimeoutMs: number
  /** How long a connection that nobody uses is kept, unless the upstream says less. */
  readonly keepAliveMs: number
  /** PEM text of the certificate authorities to trust instead of the usual ones. */
  readonly ca: string | undefined
  /** Whether the query of a client goes on. */
  readonly passQuery: boolean
  /** Whether a 400 in a session means that the upstream does not know the session. */
  readonly badRequestEndsSession: boolean
}

/** The approved inventory of the upstream. */
export interface ManifestSettings {
  /** Absolute path. */
  readonly file: string
  readonly onDrift: OnDrift
}

/** What happens to a tool that is new or changed: nothing, a warning, or it is withheld until it is approved. */
export type OnDrift = 'off' | 'warn' | 'hide' | 'block'

export interface PolicySettings {
  readonly default: 'deny' | 'allow'
  readonly listing: 'allowed' | 'requestable' | 'all'
  readonly denial: Denial
  /** How a missing scope is told; and a missing token, on routes where some methods need none. */
  readonly challenge: Denial
  readonly anonymous: readonly string[]
  readonly methods: ReadonlyMap<string, ScopeExpression>
  readonly rules: readonly RuleSettings[]
  readonly mode: Mode
  /** Where rules for tools come from instead of `rules`. */
  readonly remote?: RemotePolicySettings
}

/** `observe`: a refusal is recorded, and not made (docs/decisions.md, 8). */
export type Mode = 'enforce' | 'observe'

/** A rule without `scopes` needs the baseline only. */
export interface RuleSettings {
  /** As written, or `rules[3]`. */
  readonly name: string
  readonly effect: RuleEffect
  readonly tools: readonly string[]
  readonly prompts: readonly string[]
  readonly resources: readonly string[]
  readonly except: readonly string[]
  readonly scopes: ScopeExpression | undefined
  readonly requireActive: boolean
  readonly denial: Denial | undefined
  readonly who: WhoSettings | undefined
  /** A condition in CEL. */
  readonly when: string | undefined
  /** `observe` on deny and approve rules only. */
  readonly mode: Mode
  /** Who decides on the calls that an approve rule holds back; of such rules only. */
  readonly approvers?: ApproverSettings
}

/** `approve`: the call is allowed once somebody else has approved this very call. */
export type RuleEffect = 'allow' | 'deny' | 'approve'

export interface LimitSettings {
  readonly bodyBytes: number
  /** An upstream's session id, or the endpoint it announces with HTTP+SSE. */
  readonly sessionIdBytes: number
  /** Calls under way. */
  readonly callsPerSubject: number
  /** Open streams, of all callers and of one. */
  readonly streams: number
  readonly streamsPerSubject: number
  readonly perSubject: Rate | undefined
  readonly perTool: ReadonlyMap<string, Rate>
  readonly failedAuthPerAddress: Rate | undefined
}

/** Something wrong or doubtful in the file, at a path into it: `['routes', 0, 'policy', 'rules', 2]`. */
export interface Finding {
  readonly severity: 'error' | 'warning'
  readonly path: readonly (string | number)[]
  readonly message: string
  /** The part of the text at `path` that is meant, in UTF-16 units from its start; `end` is exclusive. */
  readonly within?: { readonly start: number; readonly end: number }
}
