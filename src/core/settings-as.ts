// The configuration of the embedded authorization server after it was parsed.
import type { Rate } from './rate.ts'
import type { Secret } from './secret.ts'
import type { ReachSettings } from './settings-reach.ts'

export interface AuthorizationServerSettings {
  /** Path of the SQLite file, or the URL of a PostgreSQL server, which may hold a password. */
  readonly data: string
  /** Connections to a PostgreSQL server that requests share. */
  readonly poolSize: number
  /** Seals cookies and what is kept; undefined: generated once and kept beside the data. */
  readonly cookieSecret: Secret | undefined
  readonly accessTokenTtlSeconds: number
  readonly refreshTokenTtlSeconds: number
  /** How long an authorization code may wait for its client. */
  readonly codeTtlSeconds: number
  /** How long the secret of a client that registered itself is good; undefined: as long as the client. */
  readonly clientSecretTtlSeconds: number | undefined
  /** How long a client may repeat its last refresh and gets the same answer; 0: not at all. */
  readonly refreshTokenGraceSeconds: number
  /** Whether a refresh right after a 403 for a missing scope sends the client to its person. */
  readonly stepUp: 'ask' | 'off'
  readonly registration: RegistrationSettings
  readonly limits: AuthorizationLimits
  readonly signIn: SignInSettings
  /** Who may be given which scopes; undefined: everybody who may sign in, every scope. */
  readonly grants: readonly ScopeGrant[] | undefined
  /** Servers of other origins that take its tokens. */
  readonly resources: readonly ResourceSettings[]
  /** Scope → the words for it on the consent page. */
  readonly scopes: ReadonlyMap<string, string>
}

/** What one network may do; counted apart. */
export interface AuthorizationLimits {
  readonly registrations: Rate
  /** Authorizations begun, and the pages that begin a session. */
  readonly authorizations: Rate
  /** Devices that ask for a code. */
  readonly devices: Rate
  /** Metadata documents fetched. */
  readonly documents: Rate
  /** Wrong user codes. */
  readonly userCodes: Rate
  /** Refused requests at each endpoint where programs prove themselves. */
  readonly failures: Rate
}

/** A server elsewhere, which checks tokens by the keys of this issuer or asks it (RFC 7662). */
export interface ResourceSettings {
  /** Its URL (RFC 8707), and the audience of its tokens. */
  readonly resource: string
  /** Given to a client that asks for none. */
  readonly baseline: readonly string[]
  /** Every scope that it knows, with the baseline. */
  readonly scopes: readonly string[]
}

export interface RegistrationSettings {
  /** RFC 7591 */
  readonly dynamic: boolean
  /** Schemes of redirect addresses beside https and loopback, as in `vscode`. */
  readonly redirectSchemes: readonly string[]
  readonly clientIdMetadata: ClientIdMetadataSettings
  readonly maxClients: number
  /** A registered client that nobody used for so long is removed. */
  readonly unusedTtlSeconds: number
}

export interface ClientIdMetadataSettings {
  readonly enabled: boolean
  /** Hosts, with or without a port, that may be fetched from although their addresses are private. */
  readonly allowPrivateHosts: readonly string[]
  /** Path of a PEM file: certificate authorities to trust instead of the usual ones. */
  readonly ca: string | undefined
}

export interface SignInSettings {
  readonly passwords: boolean
  /** Of people with an account here, where the host of the public URL is a domain; absent: as `passwords`. */
  readonly passkeys?: boolean | undefined
  /** After this a person must sign in again at their provider; absent: never. */
  readonly reauthenticateAfterSeconds?: number | undefined
  /** By a name of the operator's own. */
  readonly providers: ReadonlyMap<string, ProviderSettings>
}

/** An outside provider: OpenID Connect with `issuer`, plain OAuth 2.0 with `endpoints`. */
export interface ProviderSettings extends ReachSettings {
  readonly name: string
  /** The words on the button. */
  readonly label: string
  readonly issuer: string | undefined
  readonly endpoints: ProviderEndpoints | undefined
  readonly allowInsecureIssuer: boolean
  readonly clientId: string
  readonly clientSecret: Secret | undefined
  readonly scopes: readonly string[]
  /** What the authorization request carries beside what the protocol puts there. */
  readonly parameters?: Readonly<Record<string, string>>
  readonly claims: ProviderClaims
  /** Whether an address counts as verified when the provider does not say so (`trust_email`). */
  readonly trustEmail?: boolean
  /** Whether a refresh of a client asks the provider if it still knows the person. */
  readonly checkOnRefresh?: boolean
  readonly allow: ProviderAllow
}

export interface ProviderEndpoints {
  readonly authorization: string
  readonly token: string
  readonly userinfo: string
}

/** Names of claims, or members of the userinfo answer. */
export interface ProviderClaims {
  readonly subject: string
  readonly name: string
  readonly email: string
  readonly groups: string
}

/** Any one of them is enough; all empty: nobody. `*` among the subjects: everybody. */
export interface ProviderAllow {
  readonly subjects: readonly string[]
  /** The domains of verified e-mail addresses. */
  readonly domains: readonly string[]
  readonly groups: readonly string[]
  readonly organizations: readonly string[]
}

/** A person gets the scopes of every entry whose `who` fits in at least one way. */
export interface ScopeGrant {
  readonly who: {
    /** Subjects; `*` is everybody. */
    readonly subjects: readonly string[]
    readonly domains: readonly string[]
    readonly groups: readonly string[]
    /** Providers whose domains and groups count; empty: all. */
    readonly providers: readonly string[]
  }
  readonly scopes: readonly string[]
}
