// What one generation serves beside its routes: the embedded authorization server, and sign-in with a browser. The only
// file that knows both the gateway's settings and these two.

import type { BrowserSessions } from '../as/browser/browser-sessions.ts'
import type { BrowserRoute, ProveSubject } from '../as/browser/login-pages.ts'
import type { LoginProvider } from '../as/browser/login-provider.ts'
import type { AuthorizationServer, ProtectedRoute } from '../as/contract.ts'
import type { OnEvent, OnFault } from '../as/events.ts'
import { createRefusedScopes, MAX_REFUSED_CALLS, type RefusedScopes } from '../as/refused-scopes.ts'
import { createRequestIdContext } from '../as/request-id-context.ts'
import type { DataLocks } from '../as/store/data-locks.ts'
import type { BrowserState } from '../as/web/browser-state.ts'
import { scopesOfRoute } from '../core/route-scopes.ts'
import type { IssuerSettings, RouteSettings, Settings } from '../core/settings.ts'
import type { BrowserSettings } from '../core/settings-browser.ts'
import type { SharedAllowances, SharedState } from '../core/shared-state.ts'
import { shareOf } from '../core/shares.ts'
import { brandingOf } from './branding.ts'
import { createServerDescriptions, type ServerDescriptions } from './describe-servers.ts'
import { combine, type EmbeddedPages } from './embedded-pages.ts'
import { loadAuthorizationServer } from './load-authorization-server.ts'

type EmbeddingState = SharedAllowances & Pick<SharedState, 'texts'>

export interface EmbeddingParts {
  /** Whether this process deletes expired data. */
  readonly housekeeping: boolean
  readonly onEvent: OnEvent
  readonly onFault: OnFault
  /** What all gateways count and remember together. */
  readonly shared: EmbeddingState
  /** Says to whom a token belongs, as the route that serves now judges it. */
  readonly prove: ProveSubject
}

/** Undefined when the file asks for neither. Throws when the data of the server cannot be used. */
export type Embed = (settings: Settings) => Promise<EmbeddedPages | undefined>

const CLOCK = { now: () => Date.now() }

interface DurableParts {
  readonly refusedScopes: RefusedScopes
  readonly dataLocks: DataLocks
}

/** Called once for a process: the sessions that it keeps in memory, and refused calls, outlive a reload. */
export function createEmbedding(given: EmbeddingParts): Embed {
  const requestIds = createRequestIdContext()
  const parts: EmbeddingParts = { ...given, onEvent: requestIds.naming(given.onEvent) }
  let stateInMemory: ((secret: Buffer | undefined) => BrowserState) | undefined
  let durableParts: DurableParts | undefined
  return async (settings) => {
    const server = await createServer(settings, parts, async () => {
      durableParts ??= await createDurableParts(settings, given.shared)
      return durableParts
    })
    const isAsked = settings.routes.some((route) => route.browser !== undefined)
    if (!isAsked) return server && combine(server, undefined, requestIds)
    const loaded = await loadBrowser()
    stateInMemory ??= loaded.createBrowserStateInMemory(CLOCK)
    return combine(
      server,
      await createSignIn(settings, { ...parts, loaded, server, stateInMemory }),
      requestIds,
    )
  }
}

async function createDurableParts({ limits }: Settings, shared: EmbeddingState): Promise<DurableParts> {
  const { createGatewayLocks } = await import('../as/store/open-data.ts')
  const bounds = { size: MAX_REFUSED_CALLS, share: shareOf(MAX_REFUSED_CALLS, limits.sharePerCaller) }
  return {
    refusedScopes: createRefusedScopes((use, forMs) =>
      shared.texts(`authorization server: ${use}`, forMs, bounds),
    ),
    dataLocks: createGatewayLocks(),
  }
}

async function createServer(
  settings: Settings,
  { housekeeping, onEvent, onFault, shared }: EmbeddingParts,
  durableParts: () => Promise<DurableParts>,
): Promise<AuthorizationServer | undefined> {
  const { authorizationServer, publicUrl } = settings
  if (authorizationServer === undefined) return undefined
  const { createAuthorizationServer, createPeople } = await loadAuthorizationServer()
  const descriptions = createServerDescriptions(CLOCK.now)
  const server = await createAuthorizationServer(authorizationServer, {
    issuer: publicUrl,
    branding: brandingOf(settings),
    routes: servedRoutes(settings, descriptions),
    proofNonces: settings.routes.some(({ dpopNonce }) => dpopNonce),
    ...(await durableParts()),
    clock: CLOCK,
    shared,
    housekeeping,
    onEvent,
    onFault,
    people: createPeople,
  })
  return {
    ...server,
    async close() {
      await descriptions.close()
      await server.close()
    },
  }
}

async function loadBrowser() {
  const [{ createBrowserSessions }, { createOidcLogin }, { createEmbeddedLogin }, browserStateModule] =
    await Promise.all([
      import('../as/browser/browser-sessions.ts'),
      import('../as/browser/oidc-login.ts'),
      import('../as/browser/embedded-login.ts'),
      import('../as/web/browser-state.ts'),
    ])
  return {
    createBrowserSessions,
    createOidcLogin,
    createEmbeddedLogin,
    ...browserStateModule,
  }
}

interface SignInParts extends EmbeddingParts {
  readonly loaded: Awaited<ReturnType<typeof loadBrowser>>
  readonly server: AuthorizationServer | undefined
  readonly stateInMemory: (secret: Buffer | undefined) => BrowserState
}

async function createSignIn(settings: Settings, parts: SignInParts): Promise<BrowserSessions> {
  const { loaded, server, stateInMemory } = parts
  const { publicUrl: publicOrigin, sessionKey, issuers } = settings
  const browserState = server
    ? loaded.storedBrowserState(server.store)
    : stateInMemory(sessionKey === undefined ? undefined : Buffer.from(sessionKey.reveal()))
  const own = server && (await loaded.createEmbeddedLogin(server))
  const loginProviderFor = (browser: BrowserSettings): LoginProvider | undefined => {
    const issuer = issuers.get(browser.issuer)
    return issuer === undefined || issuer.embedded
      ? own
      : loaded.createOidcLogin({ ...elsewhere(issuer, browser), publicOrigin, now: CLOCK.now })
  }
  const loginProviders = new Map<string, LoginProvider>()
  for (const { name, browser } of settings.routes) {
    const loginProvider = browser && loginProviderFor(browser)
    if (loginProvider !== undefined) loginProviders.set(name, loginProvider)
  }
  return loaded.createBrowserSessions({
    ...parts,
    publicOrigin,
    branding: brandingOf(settings),
    routes: browserRoutes(settings),
    loginProviders,
    browserState,
  })
}

function elsewhere(
  { name, issuer, allowInsecureIssuer, ca, overrides }: IssuerSettings,
  { client }: BrowserSettings,
) {
  return {
    ca,
    overrides,
    name,
    issuer,
    allowInsecureIssuer,
    clientId: client?.id ?? '',
    clientSecret: client?.secret,
    tellsResource: client?.tellsResource ?? true,
    parameters: client?.parameters ?? {},
  }
}

function servedRoutes(settings: Settings, descriptions: ServerDescriptions): ProtectedRoute[] {
  const embedded = [...settings.issuers.values()].filter(({ embedded }) => embedded)
  const elsewhere = settings.authorizationServer?.resources ?? []
  const own = settings.routes
    .filter((route) => embedded.some(({ name }) => route.issuers.includes(name)))
    .map((route) => {
      const resource = settings.publicUrl + route.path
      return {
        resource,
        audience: route.audience?.[0] ?? resource,
        baseline: route.scopes,
        scopes: scopesOf(route, settings.scopesImply),
        describe: descriptions.of(route),
      }
    })
  return [...own, ...elsewhere.map((resource) => ({ ...resource, audience: resource.resource }))]
}

function browserRoutes(settings: Settings): BrowserRoute[] {
  return settings.routes.flatMap((route) => {
    const { name, browser } = route
    if (browser === undefined) return []
    const { issuer, allowedOrigins, session, client } = browser
    const scopes = client?.scopes ?? scopesOf(route, settings.scopesImply)
    const subjectClaims = settings.issuers.get(issuer)?.claims.subject ?? []
    const resource = settings.publicUrl + route.path
    return [{ name, issuer, resource, subjectClaims, scopes, allowedOrigins, session }]
  })
}

/**
 * The scopes that the route names, and those that imply them: a person who may be given `notes:admin` needs no
 * `notes:write`.
 */
function scopesOf(route: RouteSettings, imply: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const named = new Set(scopesOfRoute(route))
  for (let before = -1; before !== named.size; ) {
    before = named.size
    for (const [container, contained] of imply) {
      if (contained.some((scope) => named.has(scope))) named.add(container)
    }
  }
  return [...named]
}
