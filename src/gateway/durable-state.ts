// What outlives a reload of the configuration: the session key, remembered tasks, the counts of limits, used proofs, and
// the last policy from elsewhere. A reload must not end sessions, forget who owns a task, hand out fresh allowances, or
// let a proof work twice.
import { randomBytes } from 'node:crypto'
import type { AssertionKeys } from '../assertions/assertion-keys.ts'
import type { Rate } from '../core/rate.ts'
import type { Attempts } from '../core/route.ts'
import type { LimitSettings, RouteSettings, Settings, SharedLimits } from '../core/settings.ts'
import type { AssertionKeySettings } from '../core/settings-upstream-auth.ts'
import type {
  ChallengeLoops,
  Feed,
  RateLimit,
  SharedState,
  TaskMemory,
  UsedProofs,
} from '../core/shared-state.ts'
import { type Bounds, createShares, type Shares, shareOf } from '../core/shares.ts'
import type { RouteLimits } from '../exchange/route.ts'
import { createMemo } from '../lib/memo.ts'
import { createAttempts } from '../limits/attempts.ts'
import { CHALLENGE_RATE } from '../limits/challenge-loop.ts'
import type { CallLimits } from '../limits/check-rates.ts'
import { createRateLimit } from '../limits/rates.ts'
import { createLastListings, type Drift, type LastListings } from '../manifest/pin.ts'
import { createSealer, type Sealer } from '../mcp/session-sealer.ts'
import type { PolicyArchive } from '../observe/policy-archive.ts'
import type { PolicyMemory } from '../remote/remote-policy.ts'
import { PROOF_LIFE_MS, proofBounds } from '../token/dpop.ts'
import { createProofNonces, type ProofNonces } from '../token/nonce.ts'
import { createSignatureTurns, type SignatureTurns } from '../token/signature-turns.ts'
import { createVerdictBudgets, type VerdictBudgets } from '../token/verdict-cache.ts'
import type { Programs } from '../upstream/program/programs.ts'
import { LOOKS } from './approval-state.ts'
import { createLiveParts, type LiveParts } from './live-parts.ts'
import type { ProcessApprovals } from './process-approvals.ts'

/** Remembered tasks of a route. */
const MAX_TASKS = 10_000
/** Counted challenges of a route. */
const MAX_CHALLENGED = 10_000

export interface DurableState {
  sealer(settings: WithKey, route: RouteSettings): Sealer
  nonces(settings: WithKey): ProofNonces
  tasks(route: RouteSettings, limits: SharedLimits): TaskMemory
  attempts(route: RouteSettings): Attempts | undefined
  usedProofs(route: RouteSettings, limits: SharedLimits): UsedProofs
  /** All routes share it, since they share one event loop. */
  readonly signatureTurns: SignatureTurns
  limits(route: RouteSettings, limits: SharedLimits): Omit<RouteLimits, 'bodyBytes' | 'tokenBytes'>
  lastListings(route: RouteSettings): LastListings
  policyMemory(route: RouteSettings): PolicyMemory
  readonly feed: Feed
  readonly verdictBudgets: VerdictBudgets
  readonly programs: Programs
  readonly approvals: ProcessApprovals
  /** Looks at approvals on the public port, by network. */
  readonly approvalLooks: RateLimit
  /** Parts that did not change, which the next generation takes over. */
  readonly liveParts: LiveParts
  readonly policies: PolicyArchive
  openAssertionKeys(settings: AssertionKeySettings): AssertionKeys
  /** Reports a listed item that differs from its approved definition. */
  readonly drifted: ReportDrift
}

type WithKey = Pick<Settings, 'sessionKey'>

export type ReportDrift = (route: string, drift: Drift) => void

export interface DurableParts {
  readonly shared: SharedState
  readonly programs: Programs
  readonly approvals: ProcessApprovals
  readonly policies: PolicyArchive
  readonly openAssertionKeys: (settings: AssertionKeySettings) => AssertionKeys
  readonly drifted: ReportDrift
}

export function createDurableState({
  shared,
  programs,
  approvals,
  policies,
  openAssertionKeys,
  drifted,
}: DurableParts): DurableState {
  const randomKey = randomBytes(32)
  const keyOf = ({ sessionKey }: WithKey) => (sessionKey ? Buffer.from(sessionKey.reveal()) : randomKey)
  let ofKey = partsOfKey(randomKey)
  const keyed = (settings: WithKey) => {
    const key = keyOf(settings)
    if (!key.equals(ofKey.key)) ofKey = partsOfKey(key)
    return ofKey
  }
  const tasks = createMemo<TaskMemory>()
  const rates = createMemo<RateLimit>()
  const rateOf = (what: string, rate: Rate) =>
    rates(`${what} ${rate.count}/${rate.seconds}`, () => shared.rateLimit(what, rate))
  const ratesOf = ({ name, limits: { perSubject, perTool } }: RouteSettings, whose: string): CallLimits => ({
    perSubject: perSubject && rateOf(`${name} ${whose} per_subject`, perSubject),
    perTool: new Map(
      [...perTool].map(([tool, rate]) => [tool, rateOf(`${name} ${whose} per_tool ${tool}`, rate)]),
    ),
  })
  const attempts = createMemo<Attempts>()
  const places = createMemo<Shares>()
  const placesFor = (what: string, bounds: Bounds) =>
    places(`${what} ${bounds.size} ${bounds.share}`, () => createShares(bounds))
  const usedProofs = createMemo<UsedProofs>()
  const loops = createMemo<ChallengeLoops>()
  const lastListings = createMemo<LastListings>()
  const remotePolicies = createMemo<PolicyMemory>()
  return {
    sealer: (settings, { limits: { sessionIdBytes } }) => {
      const { key, sealers } = keyed(settings)
      return sealers(`${sessionIdBytes}`, () => createSealer(key, sessionIdBytes))
    },
    nonces: (settings) => {
      const { key, nonces } = keyed(settings)
      return nonces('', () => createProofNonces(key))
    },
    tasks: ({ name }, limits) => tasks(name, () => shared.tasks(name, sharedOut(MAX_TASKS, limits))),
    attempts: ({ name, limits: { failedAuthPerAddress: rate } }) =>
      rate &&
      attempts(`${name} ${rate.count}/${rate.seconds}`, () => createAttempts(shared.attempts(name, rate))),
    usedProofs: ({ name }, { sharePerCaller }) =>
      usedProofs(name, () => shared.usedProofs(name, PROOF_LIFE_MS, proofBounds(sharePerCaller))),
    signatureTurns: createSignatureTurns(),
    limits: (route, bounds) => ({
      calls: placesFor(`calls of ${route.name}`, {
        size: Number.POSITIVE_INFINITY,
        share: route.limits.callsPerSubject,
      }),
      streams: placesFor(`streams of ${route.name}`, boundsOfStreams(route.limits, bounds)),
      allStreams: placesFor('streams', sharedOut(bounds.streams, bounds)),
      challengeLoops: loops(route.name, () =>
        shared.challengeLoops(route.name, CHALLENGE_RATE, sharedOut(MAX_CHALLENGED, bounds)),
      ),
      subjects: ratesOf(route, 'subjects'),
      strangers: ratesOf(route, 'strangers'),
    }),
    lastListings: ({ name }) => lastListings(name, () => createLastListings(shared.reportDedup(name))),
    policyMemory: ({ name }) => remotePolicies(name, () => ({ last: undefined })),
    feed: shared.feed,
    verdictBudgets: createVerdictBudgets(),
    ...{ programs, approvals, policies },
    approvalLooks: createRateLimit(LOOKS),
    liveParts: createLiveParts(),
    openAssertionKeys,
    drifted,
  }
}

function boundsOfStreams({ streams, streamsPerSubject }: LimitSettings, shared: SharedLimits): Bounds {
  const { size, share } = sharedOut(streams, shared)
  return { size, share: Math.min(streamsPerSubject, share) }
}

/** A table that keeps entries applies a changed share from the next start on. */
function sharedOut(size: number, { sharePerCaller }: SharedLimits): Bounds {
  return { size, share: shareOf(size, sharePerCaller) }
}

/** What is derived from the session key, once for all routes. */
function partsOfKey(key: Buffer) {
  return { key, sealers: createMemo<Sealer>(), nonces: createMemo<ProofNonces>() }
}
