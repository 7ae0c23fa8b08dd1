// Settings → live parts. One generation is one reading of the configuration: its routes, issuers and pools. A
// request keeps the generation it began with; a retired one closes when its last request has ended (F08).
import type { IncomingMessage, ServerResponse } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import type { ProveSubject } from '../as/browser/login-pages.ts'
import type { AssertionKeys } from '../assertions/assertion-keys.ts'
import type { PartStatus } from '../core/route.ts'
import type { IssuerSettings, RouteSettings, Settings } from '../core/settings.ts'
import type { TokenVerifier } from '../core/token-verifier.ts'
import { proveForRoute } from '../exchange/prove-token.ts'
import type { Endpoint, Route } from '../exchange/route.ts'
import { createAddressReader, createPeerNetwork, type ReadAddress } from '../http/address.ts'
import { metadataDocuments, type ProtectedResource } from '../http/metadata.ts'
import { createOriginPolicy, type OriginPolicy } from '../http/origin.ts'
import { createPages, hasPage } from '../http/pages.ts'
import { createPublicHealth, type PublicHealth } from '../http/public-health.ts'
import type { NamedTools } from '../observe/tool-tally.ts'
import { createEmbeddedIssuer } from '../token/embedded-issuer.ts'
import { createIssuer } from '../token/issuer.ts'
import type { Issuer } from '../token/issuer-contract.ts'
import { scopeFindings } from '../token/scope-findings.ts'
import { type ApprovalState, type ApprovalStateParts, createApprovalState } from './approval-state.ts'
import type { DurableState } from './durable-state.ts'
import type { EmbeddedPages } from './embedded-pages.ts'
import { endpointsOf, protectedResource, remoteScopesOf } from './endpoints.ts'
import { forgottenVerdicts } from './forgotten-verdicts.ts'
import { createGenerationUse, type GenerationUse } from './generation-use.ts'
import { createLanding, type Landing } from './landing.ts'
import type { Lease } from './live-parts.ts'
import { type RouteParts, takeRoute } from './live-route.ts'

export interface Generation extends GenerationUse {
  readonly number: number
  readonly endpoints: ReadonlyMap<string, Endpoint>
  readonly origins: OriginPolicy
  /** What is served beside the routes; undefined when there is nothing. */
  readonly embedded: EmbeddedPages | undefined
  readonly addressOf: ReadAddress
  readonly landing: Landing
  /** Undefined where no rule asks for approval. */
  readonly approvalState: ApprovalState | undefined
  readonly termsOf: ApprovalStateParts['termsOf']
  /** The network that a connection is counted for; undefined for a trusted proxy. */
  networkOfPeer(address: string): string | undefined
  /** Undefined where the file does not publish the health. */
  readonly health: PublicHealth | undefined
  /** Whether something is served at the path of this request. */
  answers(request: IncomingMessage): boolean
  servePage(request: IncomingMessage, response: ServerResponse): Promise<void>
  /**
   * Asks every issuer once, so that the first requests find keys. Returns what an operator should know about the
   * answers.
   */
  probe(): Promise<readonly string[]>
  /** Says to whom a token belongs, as a route judges it now. */
  readonly prove: ProveSubject
  /** For each route, the tools that its configuration names. */
  readonly namedTools: readonly NamedTools[]
  isReady(): boolean
  isDraining(): boolean
  status(): readonly { readonly name: string; readonly parts: readonly PartStatus[] }[]
  /** The status of each outside provider that people sign in with. */
  signInStatus(): readonly PartStatus[]
  /** Reports the generation as not ready from now on, so that load balancers turn away. It still serves. */
  standDown(): void
  /** Ends the exchanges with upstreams, and tells waiting requests that the gateway stops. */
  breakOff(): void
  /** Closes everything now; exchanges that are still open fail. */
  close(): void
}

/** The parts that a generation is given. It closes `embedded` together with itself. */
export interface GenerationParts {
  readonly embedded: EmbeddedPages | undefined
  /** Verifiers of the program, by the name of their issuer. */
  readonly verifiers: Readonly<Record<string, TokenVerifier>> | undefined
}

export function createGeneration(
  settings: Settings,
  durable: DurableState,
  number: number,
  parts: GenerationParts,
): Generation {
  const lease = durable.liveParts.lease()
  try {
    return buildGeneration(settings, durable, { ...parts, number, lease })
  } catch (error) {
    lease.release()
    throw error
  }
}

function buildGeneration(
  settings: Settings,
  durable: DurableState,
  {
    embedded,
    verifiers = {},
    number,
    lease,
  }: GenerationParts & { readonly number: number; readonly lease: Lease },
): Generation {
  const issuers = takeIssuers(settings, lease, embedded, verifiers)
  const assertionKeys = takeAssertionKeys(settings, durable, lease)
  const around = { settings, durable, issuers, lease, ...partsOf(embedded), assertionKeys }
  const routes = settings.routes.map((route) => takeRoute({ ...around, route }))
  const resources = resourcesOf(settings, routes)
  const byName = new Map(routes.map((route) => [route.name, route]))
  const sources = routes.flatMap(({ remote }) => remote ?? [])
  /** Issuers and remote policies, each once although several routes use it. */
  const dependencies = [...trustedBy(settings, issuers), ...sources]
  let draining = false
  const isDraining = () => draining
  const isReady = () =>
    !draining &&
    routes.every(({ upstream }) => upstream.isReady()) &&
    dependencies.every((part) => part.status().ready)
  const documents = {
    documents: metadataDocuments(resources),
    legacyDiscovery: legacyIssuer(settings, issuers),
    assertionKeys: assertionKeys?.published,
  }
  const pages = createPages(documents)
  const breakOff = () => {
    for (const { upstream } of routes) upstream.close()
  }
  const stopListening = durable.feed.listen(forgottenVerdicts(routes))
  const close = () => {
    stopListening()
    lease.release()
    void embedded?.close()
  }
  const endpoints = new Map(
    routes.flatMap((route, index) => {
      const resource = resources[index] as ProtectedResource
      return endpointsOf(route, resource, settings.routes[index] as RouteSettings)
    }),
  )
  const termsOf = (name: string) => byName.get(name)?.approvals
  const approvalState = createApprovalState({ settings, termsOf, ...durable })
  const health = settings.publicHealth ? createPublicHealth({ isReady, isDraining }) : undefined
  return {
    ...{ number, endpoints, health, approvalState, termsOf, embedded, isReady, isDraining },
    origins: createOriginPolicy({ ...settings, allowedOrigins: knownOrigins(settings) }),
    landing: createLanding(settings),
    addressOf: createAddressReader(settings.trustedProxies),
    networkOfPeer: createPeerNetwork(settings.trustedProxies),
    answers({ url = '' }) {
      const path = url.split('?', 1)[0] as string
      const isOurs = endpoints.has(path) || hasPage(documents, path) || embedded?.answers(path) === true
      return isOurs || health?.(path) !== undefined || approvalState?.answers(path) === true
    },
    servePage: getRequestListener(pages.fetch, { overrideGlobalObjects: false }),
    probe: async () => {
      const parts = [...issuers.values(), ...sources, ...(embedded ? [embedded] : [])]
      const found = await Promise.all(parts.map((part) => part.probe()))
      return [...found.flat(), ...(await scopeFindings(settings, issuers))]
    },
    prove: (name, token, address) => proveForRoute(byName.get(name), { token, address }),
    namedTools: routes.map(({ name, namedTools: tools }) => ({ route: name, tools })),
    status: () => routes.map((route) => ({ name: route.name, parts: route.status() })),
    signInStatus: () => embedded?.server?.status() ?? [],
    standDown() {
      draining = true
    },
    ...createGenerationUse(close),
    breakOff,
    close,
  }
}

function resourcesOf(settings: Settings, routes: readonly Route[]): readonly ProtectedResource[] {
  const { origin } = new URL(settings.publicUrl)
  return settings.routes.map((route, index) => ({
    ...protectedResource(route, settings, origin),
    ...remoteScopesOf(routes[index]),
  }))
}

function partsOf(embedded: EmbeddedPages | undefined): Pick<RouteParts, 'browser' | 'server'> {
  return { browser: embedded?.browser, server: embedded?.server }
}

function takeAssertionKeys(
  { assertionKeys: settings }: Settings,
  { openAssertionKeys }: DurableState,
  lease: Lease,
): AssertionKeys | undefined {
  if (settings === undefined) return undefined
  return lease.take(
    'assertion keys',
    settings,
    () => openAssertionKeys(settings),
    (keys) => keys.close(),
  )
}

function takeIssuers(
  settings: Settings,
  lease: Lease,
  embedded: EmbeddedPages | undefined,
  verifiers: Readonly<Record<string, TokenVerifier>>,
): ReadonlyMap<string, Issuer> {
  const given = new Map(Object.entries(verifiers))
  checkVerifiers(settings, given.keys())
  const { sharePerCaller: share } = settings.limits
  const live = (issuer: IssuerSettings) => {
    const server = issuer.embedded ? embedded?.server : undefined
    const make = () =>
      server
        ? createEmbeddedIssuer(issuer, server)
        : createIssuer(issuer, { share, verifier: given.get(issuer.name) })
    const madeOf = [issuer, share, lease.identityOf(server), lease.identityOf(given.get(issuer.name))]
    return lease.take('issuer', madeOf, make, (made) => void made.close())
  }
  return new Map([...settings.issuers].map(([name, issuer]) => [name, live(issuer)]))
}

function trustedBy({ routes }: Settings, issuers: ReadonlyMap<string, Issuer>): ReadonlySet<Issuer> {
  return new Set(routes.flatMap((route) => route.issuers.map((name) => issuers.get(name) as Issuer)))
}

/**
 * Refuses a verifier for an issuer that never calls it: otherwise the program would believe that it checks the tokens.
 */
function checkVerifiers({ issuers }: Settings, given: Iterable<string>): void {
  for (const name of given) {
    if (issuers.get(name)?.verdictSource?.kind === 'custom') continue
    throw new Error(`verifiers.${name}: no issuer of that name has \`verifier: custom\` in the configuration`)
  }
}

/** The origins of pages that may call: those of `allowed_origins`, and those that use the session of a browser. */
function knownOrigins({ allowedOrigins, routes }: Settings): readonly string[] {
  return [...allowedOrigins, ...routes.flatMap(({ browser }) => browser?.allowedOrigins ?? [])]
}

/** META-06: the metadata of the one route that asks for it, for clients that look at our own origin. */
function legacyIssuer(
  settings: Settings,
  issuers: ReadonlyMap<string, Issuer>,
): (() => Promise<string | undefined>) | undefined {
  const route = settings.routes.find(({ legacyDiscovery }) => legacyDiscovery)
  const issuer = route && issuers.get(route.issuers[0] ?? '')
  return issuer && (() => issuer.metadataText())
}
