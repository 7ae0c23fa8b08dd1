// What has to agree between the embedded authorization server, its issuer and the routes. Shapes are in schema-as.ts.

import { passkeyDomain } from '../core/passkey-domain.ts'
import { scopesOfRoute } from '../core/route-scopes.ts'
import type { Finding, Settings } from '../core/settings.ts'
import type { AuthorizationServerSettings, ProviderSettings } from '../core/settings-as.ts'
import { isLoopback } from '../lib/loopback.ts'
import { isPostgresUrl } from '../lib/postgres-url.ts'
import { didYouMean, hintsFrom } from './suggest.ts'

type Path = Finding['path']

const error = (path: Path, message: string): Finding => ({ severity: 'error', path, message })
const warning = (path: Path, message: string): Finding => ({ severity: 'warning', path, message })
const at = (...rest: Path): Path => ['authorization_server', ...rest]

export function checkAuthorizationServer(settings: Settings): Finding[] {
  const embedded = [...settings.issuers.values()].filter((issuer) => issuer.embedded)
  const [, ...others] = embedded
  const doubles = others.map(({ name }) =>
    error(['issuers', name, 'embedded'], 'there is one embedded authorization server; keep one such issuer'),
  )
  const server = settings.authorizationServer
  if (server === undefined) return doubles
  if (embedded.length === 0) {
    const message = 'nothing uses this block: give an issuer `embedded: true`, or remove it'
    return [error(at(), message)]
  }
  return [
    ...doubles,
    ...sharedData(server, settings),
    ...signIn(server, settings),
    ...people(server),
    ...scopes(server, settings),
    ...fetching(server),
    ...elsewhere(server, settings),
  ]
}

/** Whatever one gateway seals another one has to open, so none of them may make a key of its own. */
function sharedData({ data, cookieSecret }: AuthorizationServerSettings, settings: Settings): Finding[] {
  if (!isPostgresUrl(data)) return []
  return [
    ...(cookieSecret === undefined ? [error(at(), noKey('authorization_server.cookie_secret'))] : []),
    ...(settings.sessionKey === undefined ? [error(at(), noKey('session_key'))] : []),
  ]
}

const noKey = (key: string) =>
  `gateways that share a PostgreSQL server need ${key}, the same for all; make one with: openssl rand -base64 32`

function signIn({ signIn }: AuthorizationServerSettings, { publicUrl }: Settings): Finding[] {
  const { passwords, passkeys = passwords, providers } = signIn
  const canUsePasskeys = passkeyDomain(publicUrl) !== undefined
  const unusable = signIn.passkeys === true && !canUsePasskeys ? [noPasskeys(publicUrl)] : []
  if (!passwords && !(passkeys && canUsePasskeys) && providers.size === 0) {
    const message = 'nobody can sign in: switch passwords or passkeys on, or name a provider'
    return [...unusable, error(at('sign_in'), message)]
  }
  return [...unusable, ...[...providers.values()].flatMap((provider) => providerFaults(provider))]
}

function noPasskeys(publicUrl: string): Finding {
  const message = `browsers make passkeys for a domain only, and the host of public_url is an IP address (${new URL(publicUrl).hostname}); give it a name, or remove this`
  return warning(at('sign_in', 'passkeys'), message)
}

function providerFaults(provider: ProviderSettings): Finding[] {
  const { name, issuer, endpoints, allow } = provider
  const path = at('sign_in', 'providers', name)
  const findings: Finding[] = []
  if ((issuer === undefined) === (endpoints === undefined))
    findings.push(error(path, 'expected either issuer (OpenID Connect) or endpoints (OAuth 2.0)'))
  if (Object.values(allow).every((list) => list.length === 0))
    findings.push(
      error([...path, 'allow'], 'nobody may sign in; name subjects, domains, groups or organizations'),
    )
  const shared = provider.trustEmail ? openToStrangers(issuer) : undefined
  if (shared !== undefined) findings.push(error([...path, 'trust_email'], shared))
  if (provider.overrides !== undefined && issuer === undefined)
    findings.push(error([...path, 'overrides'], 'a provider with endpoints has them all; write them there'))
  findings.push(...refreshing(provider, path))
  const reached = Object.values(provider.overrides ?? {})
  const urls = [issuer, ...Object.values(endpoints ?? {}), ...reached].filter((url) => url !== undefined)
  if (urls.some((url) => !isSafe(url, provider.allowInsecureIssuer)))
    findings.push(error(path, 'use https; plain http needs allow_insecure_issuer: true and this machine'))
  return findings
}

/** A refresh token that ends with the session at the provider would end the grants of people who are still known. */
function refreshing({ checkOnRefresh, issuer, scopes, parameters }: ProviderSettings, path: Path): Finding[] {
  if (!checkOnRefresh) return []
  const at = [...path, 'check_on_refresh']
  if (issuer === undefined) return [error(at, 'only an OpenID Connect provider is asked; remove it')]
  if (scopes.includes('offline_access') || parameters?.['access_type'] === 'offline') return []
  const message =
    'without offline_access in scopes (Google: access_type: offline) its refresh token may end with its session, and people are signed out with it'
  return [warning(at, message)]
}

/** Issuers where anybody can register: an address is unproved there until the provider says that it was verified. */
const PUBLIC_HOSTS = [
  'accounts.google.com',
  'appleid.apple.com',
  'gitlab.com',
  'www.linkedin.com',
  'www.facebook.com',
  'slack.com',
  'api.login.yahoo.com',
  'id.twitch.tv',
  'login.live.com',
]
/** Entra's issuers of every tenant; the last is the tenant of personal accounts. */
const SHARED_TENANT = /^\/(?:common|organizations|consumers|9188040d-6c67-4c5b-b112-36a304b66dad)(?:\/|$)/i

function openToStrangers(issuer: string | undefined): string | undefined {
  if (issuer === undefined) return 'a provider of plain OAuth 2.0 says itself which address it has checked'
  const { hostname, pathname } = new URL(issuer)
  const isShared = PUBLIC_HOSTS.includes(hostname) || SHARED_TENANT.test(pathname)
  return isShared
    ? 'anybody may join this issuer, and write any address; name one tenant, or subjects'
    : undefined
}

function isSafe(text: string, allowInsecure: boolean): boolean {
  const { protocol, hostname } = new URL(text)
  return protocol === 'https:' || (allowInsecure && isLoopback(hostname))
}

/** At some providers anybody may found an organisation of any name, so with two providers `groups` must say whose. */
function people({ grants, signIn: { providers } }: AuthorizationServerSettings): Finding[] {
  return (grants ?? []).flatMap(({ who }, index) => {
    const path = at('grants', index, 'who')
    const unknown = who.providers.flatMap((name, place) => {
      const message = `sign_in has no provider "${name}"${didYouMean(name, providers.keys())}`
      return providers.has(name) ? [] : [error([...path, 'providers', place], message)]
    })
    if (who.groups.length === 0 || who.providers.length > 0 || providers.size < 2) return unknown
    const names = [...providers.keys()].join(', ')
    return [
      warning(
        [...path, 'groups'],
        `each of ${names} may say who is in these; name whose word counts in providers`,
      ),
    ]
  })
}

/** `resources` belong to other servers. A URL of our own origin is a route, and its rules name its scopes. */
function elsewhere({ resources }: AuthorizationServerSettings, { publicUrl }: Settings): Finding[] {
  const seen = new Set<string>()
  return resources.flatMap(({ resource }, index) => {
    const path = at('resources', index, 'resource')
    const { origin } = new URL(resource)
    if (origin === new URL(publicUrl).origin) return [error(path, 'this is our own origin: make it a route')]
    const isDouble = seen.has(resource)
    seen.add(resource)
    if (isDouble) return [error(path, 'this resource stands above')]
    return isSafe(resource, true) ? [] : [error(path, 'plain http is only for this machine; use https')]
  })
}

/** A scope that no route names can never be used, so it is a typing error. */
function scopes({ grants, scopes: words }: AuthorizationServerSettings, settings: Settings): Finding[] {
  const known = knownScopes(settings)
  const hintFor = hintsFrom(known)
  const message = (name: string) => `no route names the scope "${name}"${hintFor(name)}`
  const granted = (grants ?? []).flatMap((grant, index) =>
    grant.scopes.map((name, position) => ({ name, path: at('grants', index, 'scopes', position) })),
  )
  const worded = [...words.keys()].map((name) => ({ name, path: at('scopes', name) }))
  return [...granted, ...worded]
    .filter(({ name }) => !known.has(name))
    .map(({ name, path }) => error(path, message(name)))
}

/** Every scope of the routes that the embedded server signs for, and what those scopes contain. */
function knownScopes({ issuers, routes, scopesImply, authorizationServer }: Settings): Set<string> {
  const served = routes.filter((route) => route.issuers.some((name) => issuers.get(name)?.embedded))
  const elsewhere = authorizationServer?.resources.flatMap(({ scopes }) => scopes) ?? []
  return new Set([...served.flatMap(scopesOfRoute), ...elsewhere, ...[...scopesImply].flat(2)])
}

/** Loosened guards are told at every start. */
function fetching({ registration }: AuthorizationServerSettings): Finding[] {
  const { allowPrivateHosts } = registration.clientIdMetadata
  return allowPrivateHosts.map((host, index) =>
    warning(
      at('registration', 'client_id_metadata', 'allow_private_hosts', index),
      `client metadata is fetched from ${host} although it may be a private address`,
    ),
  )
}
