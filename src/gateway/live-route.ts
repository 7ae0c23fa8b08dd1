// The live parts of one route: made from its settings and the parts around it, or taken over from the generation
// before. Whatever they use must stand in `madeOf`: a setting that is missing there would not change with a reload.

import type { BrowserSessions } from '../as/browser/browser-sessions.ts'
import type { AuthorizationServer } from '../as/contract.ts'
import type { AssertionKeys } from '../assertions/assertion-keys.ts'
import { isProgram, type RouteSettings, type Settings } from '../core/settings.ts'
import type { Route } from '../exchange/route.ts'
import { digestOfManifest } from '../manifest/file.ts'
import { openManifest } from '../manifest/open.ts'
import type { Drift } from '../manifest/pin.ts'
import { pinPolicy } from '../manifest/pinned-policy.ts'
import type { PolicyArchive } from '../observe/policy-archive.ts'
import { type CompiledPolicy, compilePolicy, policyOptions } from '../policy/compile.ts'
import { namedTools } from '../policy/named-tools.ts'
import { createRemotePolicy } from '../remote/remote-policy.ts'
import type { Issuer } from '../token/issuer-contract.ts'
import { createVerifier } from '../token/verifier.ts'
import { createUpstream, type Upstream } from '../upstream/upstream.ts'
import { boundTerms } from './approval-terms.ts'
import type { DurableState } from './durable-state.ts'
import type { Lease } from './live-parts.ts'
import { reportMissingScopes } from './report-missing-scopes.ts'
import { upstreamHeaders } from './upstream-headers.ts'

/** The settings beside its own that a route is made of; `madeOf` names each of them. */
type Around = Pick<Settings, 'publicUrl' | 'limits' | 'scopesImply' | 'sessionKey' | 'issuers'>

export interface RouteParts {
  readonly settings: Around
  readonly route: RouteSettings
  readonly issuers: ReadonlyMap<string, Issuer>
  readonly durable: DurableState
  readonly lease: Lease
  readonly browser: BrowserSessions | undefined
  readonly server: AuthorizationServer | undefined
  /** There when a route sends assertions. */
  readonly assertionKeys: AssertionKeys | undefined
}

/** Returns the route of the generation before where nothing has changed that it is made of; otherwise a new one. */
export function takeRoute(given: RouteParts): Route {
  const isOwn = given.route.issuers.some((name) => given.settings.issuers.get(name)?.embedded)
  const parts = { ...given, ...(isOwn ? {} : { server: undefined }), programs: takePrograms(given) }
  return parts.lease.take(
    'route',
    madeOf(parts),
    () => createRoute(parts),
    (route) => {
      if (parts.programs === undefined) route.upstream.close()
      route.verifier.forgetAll()
      void route.remote?.close()
    },
  )
}

/** The programs of a route outlive a reload that changes other settings of it, and with them its sessions. */
function takePrograms({ route: { name, upstream }, durable, lease }: RouteParts): Upstream | undefined {
  if (!isProgram(upstream)) return undefined
  const make = () => durable.programs.upstreamOf(name, upstream)
  return lease.take('programs', [name, upstream], make, (programs) => programs.close())
}

/** With the programs of the route, where its server is one. */
interface TakenParts extends RouteParts {
  readonly programs: Upstream | undefined
}

function madeOf(parts: TakenParts) {
  const { settings, route, issuers, browser, server, programs, assertionKeys } = parts
  const { identityOf } = parts.lease
  const { tests: _tests, ...own } = route // `portcullis check` runs them
  const { publicUrl, limits, scopesImply, sessionKey } = settings
  return {
    ...{ own, publicUrl, limits, scopesImply, sessionKey },
    issuers: route.issuers.map((name) => identityOf(issuers.get(name))), // with all their settings
    manifest: route.manifest && digestOfManifest(route.manifest.file),
    browser: route.browser && identityOf(browser),
    server: identityOf(server),
    assertionKeys: route.upstreamAuth.some(({ mode }) => mode === 'assertion') && identityOf(assertionKeys),
    programs: identityOf(programs),
  }
}

/** What a route has of its server, wherever that is. */
type OfServer = Pick<Route, 'transport' | 'upstream' | 'upstreamUrl' | 'passQuery' | 'badRequestEndsSession'>

function serverOf(parts: TakenParts): OfServer {
  const { settings, route, programs } = parts
  const { name, limits, upstream: server } = route
  if (programs !== undefined || isProgram(server)) {
    if (programs === undefined) throw new Error('a route without the programs of its server')
    const fixed = { passQuery: false, badRequestEndsSession: false, upstreamUrl: undefined }
    return { ...fixed, transport: server.transport, upstream: programs }
  }
  const upstreamUrl = new URL(server.url)
  const { transport, passQuery, badRequestEndsSession } = server
  const { sharePerCaller } = settings.limits
  const bounds = { streams: limits.streams, sharePerCaller }
  const upstream = createUpstream(server, `${name} upstream`, upstreamHeaders(parts, upstreamUrl), bounds)
  return { transport, upstream, upstreamUrl, passQuery, badRequestEndsSession }
}

function createRoute(parts: TakenParts): Route {
  const { settings, route, issuers, durable, browser, server } = parts
  const { name, path, limits } = route
  const { origin } = new URL(settings.publicUrl)
  const trusted = route.issuers.map((issuer) => issuers.get(issuer) as Issuer)
  const ofServer = serverOf(parts)
  const judgement = judgementOf(parts)
  return {
    name,
    path,
    publicOrigin: origin,
    verifier: createVerifier({
      audience: route.audience ?? [`${origin}${path}`],
      issuers: trusted,
      dpop: route.dpop,
      share: settings.limits.sharePerCaller,
      budgets: durable.verdictBudgets,
      attempts: durable.attempts(route),
      signatureTurns: durable.signatureTurns,
      usedProofs: durable.usedProofs(route, settings.limits),
      onForgotten: (digest) => durable.feed.publish({ kind: 'verdict_forgotten', route: name, digest }),
      ...(route.dpopNonce ? { nonces: durable.nonces(settings) } : {}),
    }),
    ...judgement,
    ...ofServer,
    resumes: route.resumption === 'sealed',
    identityPrefix: route.identityPrefix,
    identityNames: new Set(Object.values(route.identityClaims ?? {})),
    sealer: durable.sealer(settings, route),
    tasks: durable.tasks(route, settings.limits),
    approvals: approvalsOf(parts),
    limits: {
      bodyBytes: limits.bodyBytes,
      tokenBytes: settings.limits.tokenBytes,
      ...durable.limits(route, settings.limits),
    },
    reportMissingScopes: server && reportMissingScopes(server, settings, route),
    browser: route.browser &&
      browser && {
        allowedOrigins: route.browser.allowedOrigins,
        present: (request) => browser.present(name, request),
      },
    status: () => [
      ...trusted.map((issuer) => issuer.status()),
      ...(judgement.remote ? [judgement.remote.status()] : []),
      ofServer.upstream.status(),
    ],
  }
}

/** Undefined for a route without such rules. */
function approvalsOf({ settings, route, durable }: RouteParts): Route['approvals'] {
  const { approvals } = durable
  if (!route.policy.rules.some(({ effect }) => effect === 'approve')) return undefined
  approvals.startSweeping()
  const { seek, settings: current } = approvals
  return { ...boundTerms(settings, route), seek, useMs: () => current()?.useMs ?? 0 }
}

/** The policy, where its rules come from, and the manifest it is held against. */
function judgementOf({ settings, route, durable, lease }: RouteParts) {
  const { manifest, name } = route
  const tell = (drift: Drift) => durable.drifted(name, drift)
  const opened = manifest && openManifest(manifest, durable.lastListings(route), tell)
  const context = policyOptions(settings, route)
  const options = { ...context, ...(opened && { annotations: opened.annotations }) }
  const { keep, keepLater } = durable.policies
  /** Routes without a manifest share one compiled policy where their policies are equal. */
  const own = () =>
    opened
      ? kept(compilePolicy(options), keep)
      : lease.take('policy', context, () => kept(compilePolicy(context), keep))
  const source = route.policy.remote
  const remote =
    source &&
    createRemotePolicy({
      ...{ route: name, settings: route.policy, remote: source },
      compile: (policy) => kept(compilePolicy({ ...options, policy }), keepLater),
      memory: durable.policyMemory(route),
    })
  const policy = remote?.policy ?? own()
  const pin = opened?.pin
  return {
    policy: pin ? pinPolicy(policy, pin, route.policy.denial) : policy,
    namedTools: namedTools(route.policy, route.limits.perTool.keys(), opened?.tools ?? []),
    ...{ pin, remote },
  }
}

/** Keeps the policy before it decides anything. */
function kept(policy: CompiledPolicy, keep: PolicyArchive['keep']): CompiledPolicy {
  const { digest } = policy.inForce()
  keep({ digest, text: policy.keptText })
  return policy
}
