// One issuer as a live part: its metadata, its keys, its introspection endpoint. Every route that trusts it shares it;
// it knows no route and no audience. It starts without the issuer, and recovers when the issuer comes back.
import type { IntrospectionSettings, IssuerSettings } from '../core/settings.ts'
import type { TokenVerifier } from '../core/token-verifier.ts'
import { createHttpClient, type HttpClient } from '../lib/bounded-http.ts'
import type { Clock } from './clock.ts'
import { systemClock } from './clock.ts'
import { createCustomVerifier } from './custom-verifier.ts'
import type { Introspection } from './guarded-introspection.ts'
import { createHttpVerdicts } from './http-verdicts.ts'
import { createIntrospection } from './introspection.ts'
import { createIntrospectionProbe, type IntrospectionProbe } from './introspection-probe.ts'
import type { Issuer } from './issuer-contract.ts'
import { endpointFault } from './issuer-urls.ts'
import type { KeySet } from './jwks.ts'
import { createKeySet } from './jwks.ts'
import type { IssuerMetadata } from './metadata.ts'
import { loadIssuerMetadata } from './metadata.ts'
import { createQueryGuard, type QueryGuard } from './query-guard.ts'
import type { LoadResult, RefreshingValue } from './refreshing-value.ts'
import { createRefreshingValue } from './refreshing-value.ts'
import { createStaticKeys } from './static-keys.ts'
import { createWacht } from './wacht.ts'

export interface IssuerOptions {
  readonly clock?: Clock
  /** The time for one question to the issuer, with all retries, in milliseconds; 3,000 by default. */
  readonly timeoutMs?: number
  /** The part of the questions under way that one caller may have; a quarter by default. */
  readonly share?: number
  /** The function of the program, for `verifier: custom`. */
  readonly verifier?: TokenVerifier | undefined
}

const TIMEOUT_MS = 3_000
/**
 * One connection for each question that may be under way (query-guard.ts), and two for metadata and keys, so that no
 * question waits for a connection.
 */
const MAX_CONNECTIONS = 66
const METADATA_TIMES = {
  renewAfterMs: 300_000,
  maxAgeMs: 600_000,
  maxStaleMs: 3_600_000,
  cooldownMs: 3_000,
  failureCooldownMs: 1_000,
}

/**
 * Throws when the issuer can never prove a token: a broken key, a missing secret, no function for `verifier: custom`.
 */
export function createIssuer(settings: IssuerSettings, options: IssuerOptions = {}): Issuer {
  const { verdictSource } = settings
  const { clock = systemClock } = options
  if (verdictSource?.kind === 'static_keys') return createStaticKeys(settings, verdictSource, clock)
  const timeoutMs = options.timeoutMs ?? verdictSource?.timeoutMs ?? TIMEOUT_MS
  const httpClient = createHttpClient({ timeoutMs, connections: MAX_CONNECTIONS, ca: settings.ca })
  const metadata = createRefreshingValue<IssuerMetadata>({
    load: () => loadIssuerMetadata(settings, httpClient),
    clock,
    ...METADATA_TIMES,
  })
  const jwksUri = () => keysAt(settings, metadata)
  const keys = createKeySet({ issuer: settings.name, jwksUri, httpClient, clock })
  const queryGuard = createQueryGuard(settings.name, clock, options.share)
  const introspection = createWitness({
    settings,
    metadata,
    httpClient,
    clock,
    queryGuard,
    verifier: options.verifier,
  })
  const usesKeys = settings.validation !== 'introspection'
  const introspectionProbe =
    introspection && hasIntrospection(settings) ? createIntrospectionProbe(introspection, clock) : undefined
  /** Where every call asks the issuer, the gateway is not ready while introspection fails. */
  const vital = asksAlways(settings) ? introspectionProbe : undefined
  return {
    settings,
    keys,
    introspection,
    probe: () => findings({ settings, metadata, keys, usesKeys, introspectionProbe }),
    status() {
      const source = usesKeys || introspection === undefined ? keys : introspection
      const fault = vital?.fault()
      const lastError = fault ?? source.lastError() ?? metadata.lastError()
      const ready = source.isUsable() && fault === undefined
      return { name: settings.name, ready, ageMs: source.ageMs(), lastError }
    },
    async scopesSupported() {
      const found = verdictSource === undefined ? await metadata.get() : undefined
      return found?.ok ? found.value.scopesSupported : undefined
    },
    async metadataText() {
      const found = await metadata.get()
      return found.ok ? found.value.text : undefined
    },
    close: httpClient.close,
  }
}

interface WitnessOptions {
  readonly settings: IssuerSettings
  readonly metadata: RefreshingValue<IssuerMetadata>
  readonly httpClient: HttpClient
  readonly clock: Clock
  readonly queryGuard: QueryGuard
  readonly verifier: TokenVerifier | undefined
}

const NO_FUNCTION =
  '`verifier: custom` needs a function; pass one under the name of the issuer in `verifiers` (docs/library.md)'

/** Creates the source that is asked about tokens; undefined where the issuer has none. */
function createWitness(options: WitnessOptions): Introspection | undefined {
  const { settings, metadata, httpClient, clock, queryGuard, verifier } = options
  const { verdictSource } = settings
  if (verdictSource?.kind === 'wacht')
    return createWacht({ settings, judge: verdictSource, httpClient, clock, queryGuard })
  if (verdictSource?.kind === 'http')
    return createHttpVerdicts({ settings: verdictSource, httpClient, queryGuard })
  if (verdictSource?.kind === 'custom') {
    if (verifier === undefined) throw new Error(`issuer ${settings.name}: ${NO_FUNCTION}`)
    return createCustomVerifier({ verifier, timeoutMs: verdictSource.timeoutMs, queryGuard })
  }
  if (!hasIntrospection(settings)) return undefined
  const endpoint = () => introspectionEndpoint(settings, metadata)
  return createIntrospection({ settings, endpoint, httpClient, clock, queryGuard })
}

type Introspecting = IssuerSettings & { readonly introspection: IntrospectionSettings }

function hasIntrospection(settings: IssuerSettings): settings is Introspecting {
  return settings.introspection !== undefined
}

/** Returns the configured endpoint, or the one of the metadata; never plain http to another machine (I30). */
async function introspectionEndpoint(
  { introspection, allowInsecureIssuer }: Introspecting,
  metadata: RefreshingValue<IssuerMetadata>,
): Promise<LoadResult<string>> {
  const { endpoint } = introspection
  if (endpoint === undefined)
    return required(metadata, 'introspection_endpoint', (found) => found.introspectionEndpoint)
  const fault = endpointFault(endpoint, allowInsecureIssuer)
  return fault === undefined
    ? { ok: true, value: endpoint }
    : { ok: false, why: `introspection.endpoint ${fault}` }
}

/** Returns the address of the keys. Where the file overrides it, no metadata is needed. */
async function keysAt(
  { overrides, allowInsecureIssuer }: IssuerSettings,
  metadata: RefreshingValue<IssuerMetadata>,
): Promise<LoadResult<string>> {
  const uri = overrides?.jwksUri
  if (uri === undefined) return required(metadata, 'jwks_uri', (found) => found.jwksUri)
  const fault = endpointFault(uri, allowInsecureIssuer)
  return fault === undefined ? { ok: true, value: uri } : { ok: false, why: `overrides.jwks_uri ${fault}` }
}

async function required(
  metadata: RefreshingValue<IssuerMetadata>,
  name: string,
  member: (metadata: IssuerMetadata) => string | undefined,
): Promise<LoadResult<string>> {
  const found = await metadata.get()
  if (!found.ok) return found
  const value = member(found.value)
  return value === undefined ? { ok: false, why: `its metadata has no ${name}` } : { ok: true, value }
}

interface Probed {
  readonly settings: IssuerSettings
  readonly metadata: RefreshingValue<IssuerMetadata>
  readonly keys: KeySet
  readonly usesKeys: boolean
  readonly introspectionProbe: IntrospectionProbe | undefined
}

function asksAlways({ validation }: IssuerSettings): boolean {
  return validation === 'introspection' || validation === 'jwt_and_introspection'
}

async function findings(probed: Probed): Promise<readonly string[]> {
  const { settings, metadata, keys, usesKeys, introspectionProbe } = probed
  const withName = (sentence: string) => `issuer ${settings.name}: ${sentence}`
  const [found, fault] = [await metadata.get(), await introspectionProbe?.ask()]
  if (!found.ok) return [...new Set([found.why, ...(fault === undefined ? [] : [fault])])].map(withName)
  const sentences: string[] = []
  if (found.value.codeChallengeMethods === undefined)
    sentences.push(
      'its metadata has no code_challenge_methods_supported, without which MCP clients refuse to sign in',
    ) // META-04
  else if (!found.value.codeChallengeMethods.includes('S256'))
    sentences.push('it does not offer PKCE with S256, which MCP clients require')
  if (usesKeys) sentences.push(...(await keys.probe()))
  if (fault !== undefined) sentences.push(fault)
  return sentences.map(withName)
}
