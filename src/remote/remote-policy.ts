// A policy whose rules for tools come from elsewhere. They are fetched when they are used, kept for half a minute, and
// used for two minutes while their source is down; after that the rules of the file count, or every tool is denied.
// Denies by default in every state.
import type { PartStatus, Policy } from '../core/route.ts'
import type { PolicySettings, RuleSettings } from '../core/settings.ts'
import type { RemotePolicySettings } from '../core/settings-remote.ts'
import { createHttpClient, type HttpClient } from '../lib/bounded-http.ts'
import { readJsonObject } from '../lib/strict-json.ts'
import { type Clock, systemClock } from '../token/clock.ts'
import { createRefreshingValue, type LoadResult, type RefreshingValue } from '../token/refreshing-value.ts'
import { authsecAddress } from './authsec.ts'
import { readSdkPolicy, type SdkPolicy } from './sdk-policy.ts'

export interface RemotePolicy {
  /** Decides with what is known now. */
  readonly policy: Policy
  /** Renews the document if it is too old; undefined when there is nothing to wait for. */
  refresh(): Promise<unknown> | undefined
  /** What clients may ask for, as it says; the same array until it is read anew. Starts a renewal, waits for none. */
  scopes(): readonly string[]
  /** Fetches it once; returns what an operator should know, as sentences. */
  probe(): Promise<readonly string[]>
  status(): PartStatus
  close(): Promise<void>
}

/** The document that was read last. It outlives a reload of the file, so that none is lost while its source is down. */
export interface PolicyMemory {
  last: { readonly of: string; readonly policy: SdkPolicy; readonly at: number } | undefined
}

export interface RemotePolicyOptions {
  /** Name of the route. */
  readonly route: string
  readonly settings: PolicySettings
  readonly remote: RemotePolicySettings
  readonly compile: (settings: PolicySettings) => Policy
  readonly memory: PolicyMemory
  readonly clock?: Clock
}

const TIMEOUT_MS = 3_000
const MAX_POLICY_BYTES = 4 * 1024 * 1024
/** C5 */
const TIMES = {
  renewAfterMs: 30_000,
  maxAgeMs: 30_000,
  maxStaleMs: 120_000,
  cooldownMs: 1_000,
  failureCooldownMs: 10_000,
}

interface Ready {
  readonly policy: Policy
  readonly scopes: readonly string[]
}

const NO_SCOPES: readonly string[] = []

export function createRemotePolicy(options: RemotePolicyOptions): RemotePolicy {
  const { route, settings, remote, compile, memory, clock = systemClock } = options
  const of = [remote.url, remote.resourceServer, remote.clientId, remote.legacyEmpty].join(' ')
  const known = memory.last?.of === of ? memory.last : undefined
  const httpClient = createHttpClient({ timeoutMs: TIMEOUT_MS, ca: remote.ca })
  const local = remote.orLocal ? compile(settings) : undefined
  const readyFor = (found: SdkPolicy): Ready => ({
    policy: compile(withRules(settings, found)),
    scopes: found.scopesSupported,
  })
  const load = async (): Promise<LoadResult<Ready>> => {
    const fetched = await fetchPolicy(remote, httpClient)
    if (!fetched.ok) return fetched
    memory.last = { of, policy: fetched.value, at: clock.monotonic() }
    return { ok: true, value: readyFor(fetched.value) }
  }
  const seed = known && { value: readyFor(known.policy), at: known.at }
  const document = createRefreshingValue<Ready>({ load, clock, seed, ...TIMES })
  const current = () => document.peek()?.policy ?? local
  return {
    policy: policyOver(current, document, settings),
    refresh: () => (document.peek() === undefined ? document.get() : undefined),
    scopes() {
      const ready = document.peek()
      if (ready === undefined) void document.get()
      return ready?.scopes ?? NO_SCOPES
    },
    async probe() {
      const found = await document.get()
      return found.ok ? [] : [`route ${route}: policy: ${found.why}`]
    },
    status() {
      const ready = document.peek() !== undefined
      return { name: `${route} policy`, ready, ageMs: document.ageMs(), lastError: document.lastError() }
    },
    close: httpClient.close,
  }
}

function policyOver(
  current: () => Policy | undefined,
  document: RefreshingValue<Ready>,
  { listing, mode, anonymous }: PolicySettings,
): Policy {
  return {
    decide(principal, message, circumstances) {
      const policy = current()
      if (policy !== undefined) return policy.decide(principal, message, circumstances)
      const detail = document.lastError() ?? 'no policy yet'
      const refusal = { reason: 'policy_unavailable', detail, retryAfterSeconds: 10 } as const
      return { rule: 'authsec', refusal, requireActive: false }
    },
    shows: (principal, kind, name, circumstances) =>
      current()?.shows(principal, kind, name, circumstances) ?? false,
    showsAll: listing === 'all' || mode === 'observe',
    anonymous: new Set(anonymous),
    inForce: () => current()?.inForce(),
  }
}

async function fetchPolicy(
  remote: RemotePolicySettings,
  httpClient: HttpClient,
): Promise<LoadResult<SdkPolicy>> {
  const address = authsecAddress(remote, 'sdk-policy')
  const outcome = await httpClient.ask({ ...address, method: 'GET', maxBytes: MAX_POLICY_BYTES })
  if (!outcome.ok) return outcome
  const { status, body } = outcome.answer
  if (status !== 200) return { ok: false, why: `the policy was answered with ${status}` }
  const document = readJsonObject(body)
  const policy = document && readSdkPolicy(document, remote.legacyEmpty)
  return policy === undefined
    ? { ok: false, why: 'the policy is not a document of a known form' }
    : { ok: true, value: policy }
}

/** Tools are ruled from elsewhere; deny rules of the file always count, and so does what it says of the rest. */
function withRules(settings: PolicySettings, { rules }: SdkPolicy): PolicySettings {
  return { ...settings, rules: [...settings.rules.flatMap(withoutTools), ...rules] }
}

function withoutTools(rule: RuleSettings): RuleSettings | [] {
  if (rule.effect === 'deny') return rule
  return rule.prompts.length + rule.resources.length === 0 ? [] : { ...rule, tools: [] }
}
