// The protocol engine put together: oidc-provider over the store, with what it falls short of around it. Its parts
// live as long as it does; only the provider is made anew, when a signing key comes or goes.

import type { IncomingMessage } from 'node:http'
import type { JWK } from 'jose'
import type Provider from 'oidc-provider'
import { networkOf } from '../../core/network.ts'
import type { AuthorizationServerSettings } from '../../core/settings-as.ts'
import { andThen, isPending, type MaybeAsync } from '../../core/turn.ts'
import { deriveKey } from '../../lib/derived-key.ts'
import { createTurns } from '../../lib/turns.ts'
import { CONSOLE_ROUTE } from '../console-client.ts'
import type { AuthorizationServer, AuthorizationServerDeps } from '../contract.ts'
import type { Engine, People } from '../people.ts'
import type { Payload } from '../store/artifacts.ts'
import type { SigningKey } from '../store/keys.ts'
import type { LiveState } from '../store/live.ts'
import type { Store } from '../store/store.ts'
import { createAdapterFactory } from './adapter.ts'
import { createAddressLimits } from './address-limits.ts'
import { configurationOf } from './configuration.ts'
import { tellDataAway } from './data-away.ts'
import { clientNow, describeClient, describeServer } from './descriptions.ts'
import { POLL_RATE, UNLIMITED } from './device-polling.ts'
import { endSignIns } from './end-sign-in.ts'
import { createProvider } from './grant-types.ts'
import { createGuardedFetch } from './guarded-fetch.ts'
import { createEngineHandler } from './handler.ts'
import { createIcons } from './icons.ts'
import { accessRequestOf, choicesOf, createGrant } from './interaction-hooks.ts'
import { createJwtHandles, GRANT_CLAIM } from './jwt-handles.ts'
import { hideFailures } from './known-credentials.ts'
import { keepRedirectsClosed } from './open-redirects.ts'
import { isEnginePath, isMetadataPath } from './paths.ts'
import { tellScopes } from './registration.ts'
import { reportEvents } from './report-events.ts'
import { createCurrentRequest, createReportRefusal, markingRefusals } from './request-context.ts'
import { createResources } from './resources.ts'
import { serverMetadata } from './server-metadata.ts'
import { createUnitOfWork } from './unit-of-work.ts'

export interface EngineOptions extends AuthorizationServerDeps {
  readonly settings: AuthorizationServerSettings
  readonly store: Store
  /** PEM, for fetching metadata documents. */
  readonly ca: string | undefined
}

export interface MadeEngine {
  readonly face: Omit<AuthorizationServer, 'store' | 'warnings' | 'close'>
  close(): Promise<void>
}

export async function createEngine(options: EngineOptions): Promise<MadeEngine> {
  const { store, issuer, settings } = options
  const { live } = store
  const publicKeys = publicHalves(live)
  let people: People | undefined
  const isRevoked = (claims: Payload) => isRevokedIn(live, claims) || hasLost(people as People, claims)
  const parts = assemble(options, {
    isRevoked,
    publicKeys,
    people: () => people as People,
  })
  const provider = servingProvider(parts)
  const engine = shownToPages(parts, provider)
  people = await options.people(engine, settings)
  const served = people
  const metadataText = JSON.stringify(
    serverMetadata({
      issuer,
      settings,
      branding: options.branding,
      resources: parts.resources,
      protectedResources: options.routes.map(({ resource }) => resource),
    }),
  )
  const handle = createEngineHandler({
    parts,
    provider,
    people: served,
    metadataText,
    jwksText: () => JSON.stringify({ keys: publicKeys() }),
  })
  return {
    face: {
      issuer,
      engine,
      answers: (path) => isMetadataPath(path) || isEnginePath(path) || served.answers(path),
      handle,
      probe: served.probe,
      status: served.status,
      keys: publicKeys,
      isRevoked: askable(store, isRevoked),
      catchUp: () => catchUp(store),
      noteRefused(call) {
        if (settings.stepUp === 'ask') options.refusedScopes.note(call)
      },
      metadataText: () => metadataText,
    },
    async close() {
      await served.close()
      await parts.network.close()
    },
  }
}

function shownToPages(parts: Assembled, provider: () => Provider): Engine {
  const { issuer, branding, store, secure, onEvent, refusedScopes } = parts
  return {
    issuer,
    branding,
    store,
    secure,
    onEvent,
    refusedScopes,
    provider,
    clientName: async (id) => (await clientNow(provider(), id))?.clientName,
    describeClient: (id) => describeClient(parts, provider(), id),
    scopesOf: (resource) => parts.resources.find(resource)?.scopes ?? [],
    describeServer: (resource) => describeServer(parts, resource),
    async mayRedirect({ clientId, redirectUri }) {
      const client = await clientNow(provider(), clientId)
      return client !== undefined && (redirectUri === undefined || client.redirectUriAllowed(redirectUri))
    },
    accessRequest({ params }) {
      const request = accessRequestOf(params, parts)
      if (request === undefined) throw new Error('an interaction without a client or a resource')
      return request
    },
    choices: ({ params }) => choicesOf(params, parts),
    createGrant: (approval) => createGrant(approval, parts, provider()),
  }
}

interface MadeBefore {
  readonly isRevoked: (claims: Payload) => MaybeAsync<boolean>
  readonly publicKeys: () => readonly JWK[]
  readonly people: () => People
}

/** Everything that the files of this folder use; each says itself what of it. */
function assemble(options: EngineOptions, made: MadeBefore) {
  const { store, issuer, settings } = options
  const { artifacts, clients, clock, grants, live, secret, transaction } = store
  const currentRequest = createCurrentRequest()
  const unitOfWork = createUnitOfWork(store)
  const network = createGuardedFetch({
    allowPrivateHosts: settings.registration.clientIdMetadata.allowPrivateHosts,
    ca: options.ca,
  })
  const jwtHandles = createJwtHandles({ issuer, keys: made.publicKeys, isRevoked: made.isRevoked })
  return {
    issuer,
    secure: issuer.startsWith('https:'),
    settings,
    ...{ store, artifacts, clients, clock, grants, live, secret, transaction },
    resources: options.resources ?? createResources(options.routes),
    jwtHandles,
    unitOfWork,
    network,
    icons: createIcons(network, clock),
    branding: options.branding,
    descriptions: new Map(
      [...options.routes, CONSOLE_ROUTE].map(({ resource, describe }) => [resource, describe]),
    ),
    addressLimits: createAddressLimits(store, settings.limits, options.shared),
    locks: options.shared?.locks ?? { inTurn: createTurns() },
    devicePolls: options.shared?.rateLimit('authorization server: device polls', POLL_RATE, UNLIMITED),
    refusedScopes: options.refusedScopes,
    currentRequest,
    reportRefusal: createReportRefusal(currentRequest, options.onEvent),
    wrongUserCodes: new WeakSet<IncomingMessage>(),
    faults: new WeakMap<IncomingMessage, unknown>(),
    adapter: createAdapterFactory({
      artifacts,
      clients,
      grants,
      revocations: store.revocations,
      jwtHandles,
      unitOfWork,
      transaction,
      onEvent: options.onEvent,
      networkNow() {
        const now = currentRequest.getStore()
        return now && networkOf(now.address)
      },
    }),
    nonceSecret: options.proofNonces ? deriveKey(secret, 'dpop nonce') : undefined,
    onEvent: markingRefusals(currentRequest, options.onEvent),
    onFault: options.onFault,
    people: made.people,
  }
}

type Assembled = ReturnType<typeof assemble>

/** The provider with the keys of now: one that was rotated, here or by a command, takes effect with the next request. */
function servingProvider(parts: Assembled): () => Provider {
  let serving: { readonly kids: string; readonly provider: Provider } | undefined
  return () => {
    const kids = parts.live
      .signingKeys()
      .map(({ kid }) => kid)
      .join(' ')
    if (serving?.kids !== kids) {
      const { artifacts, clock, grants, unitOfWork, settings } = parts
      const graceMs = settings.refreshTokenGraceSeconds * 1_000
      const provider = createProvider(parts.issuer, configurationOf(parts), {
        artifacts,
        unitOfWork,
        clock,
        graceMs,
        locks: parts.locks,
        devicePolls: parts.devicePolls,
        async onReuse(context, grantId) {
          await grants.revoke(grantId)
          provider.emit('grant.revoked', context, grantId)
        },
        stepUp: parts,
      })
      provider.proxy = true // our own x-forwarded-*, see as/web/inner-request.ts
      tellScopes(provider)
      keepRedirectsClosed(provider, parts)
      hideFailures(provider, parts.currentRequest)
      tellDataAway(provider, parts)
      endSignIns(provider, parts.people)
      reportEvents(provider, parts)
      serving = { kids, provider }
    }
    return serving.provider
  }
}

/** Refusal is a value: undefined while the data cannot be asked. */
function askable(
  { isFault }: Store,
  ask: (claims: Payload) => MaybeAsync<boolean>,
): AuthorizationServer['isRevoked'] {
  const unlessFault = (error: unknown) => {
    if (isFault(error)) return undefined
    throw error
  }
  return (claims) => {
    try {
      const answer = ask(claims)
      return isPending(answer) ? answer.catch(unlessFault) : answer
    } catch (error) {
      return unlessFault(error)
    }
  }
}

function catchUp({ live, isFault }: Store): MaybeAsync<boolean> {
  if (live.catchUp === undefined) return true
  return live.catchUp().then(
    () => true,
    (error) => {
      if (isFault(error)) return false
      throw error
    },
  )
}

function isRevokedIn({ revokedAt }: LiveState, claims: Payload): boolean {
  const { [GRANT_CLAIM]: grant, jti, client_id: client, iat } = claims
  if (typeof grant === 'string' && revokedAt('grant', grant) !== undefined) return true
  if (typeof jti === 'string' && revokedAt('token', jti) !== undefined) return true
  const clientEnded = typeof client === 'string' ? revokedAt('client', client) : undefined
  return clientEnded !== undefined && Number(iat) * 1_000 <= clientEnded
}

/**
 * A token that says more than its person may have by now, after the file or the person changed. Refused whole, so that
 * the client refreshes it and gets what is left (A18).
 */
function hasLost(people: People, { [GRANT_CLAIM]: grant, sub, scope }: Payload): MaybeAsync<boolean> {
  if (grant === undefined) return false // of a program that acts for itself
  const held = typeof scope === 'string' ? scope.split(' ').filter(Boolean) : []
  return andThen(people.mayHold(String(sub), held), (may) => !may)
}

/** Returns the same list as long as the keys are the same. */
function publicHalves({ signingKeys }: LiveState): () => readonly JWK[] {
  let made: { readonly of: readonly SigningKey[]; readonly halves: readonly JWK[] } | undefined
  return () => {
    const current = signingKeys()
    if (made?.of !== current)
      made = { of: current, halves: current.map(({ jwk: { d: _private, ...jwk } }) => jwk) }
    return made.halves
  }
}
