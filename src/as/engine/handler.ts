// One request to an endpoint of the authorization server, top to bottom: our own documents, preflight, body, what
// clients write loosely put right, allowances, and then oidc-provider with a request that says only what it may know.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type Provider from 'oidc-provider'
import { PATHS } from '../../core/authorization-paths.ts'
import type { Branding } from '../../core/branding.ts'
import type { PageRequest, People } from '../people.ts'
import { type InnerRequest, readWhole, toInnerRequest } from '../web/inner-request.ts'
import { GUESSABLE_PATHS } from './address-limits.ts'
import { createDataAway, type DataAwayParts } from './data-away.ts'
import { isSignedToken, type JwtHandles } from './jwt-handles.ts'
import { isKnownCaller, type KnownCredentialParts } from './known-credentials.ts'
import {
  answerJson,
  answerOAuthError,
  guardPage,
  openToBrowsers,
  TOO_MANY_REQUESTS,
} from './oauth-answers.ts'
import { isMetadataPath, isOpenToBrowsers } from './paths.ts'
import { type RegistrationParts, readRegistration } from './registration.ts'
import type { ReportRefusal } from './request-context.ts'
import {
  invalidRequest,
  isOAuthError,
  normalizeAuthorization,
  normalizeTokenRequest,
  type OAuthError,
  readForm,
} from './request-params.ts'

export interface HandlerParts extends RegistrationParts, KnownCredentialParts, DataAwayParts {
  readonly issuer: string
  readonly branding: Branding
  readonly jwtHandles: JwtHandles
  readonly reportRefusal: ReportRefusal
  /** Requests that showed a user code nobody has. */
  readonly wrongUserCodes: WeakSet<IncomingMessage>
}

export interface EngineHandlerOptions {
  readonly parts: HandlerParts
  readonly provider: () => Provider
  readonly people: People
  readonly metadataText: string
  readonly jwksText: () => string
}

export type HandleRequest = (
  request: IncomingMessage,
  response: ServerResponse,
  address: string,
) => Promise<void>

export const MAX_BODY_BYTES = 64 * 1024
const FORM = 'application/x-www-form-urlencoded'

export function createEngineHandler(options: EngineHandlerOptions): HandleRequest {
  const { parts } = options
  const dataAway = createDataAway(parts, options.people)
  return async (request, response, address) => {
    const url = new URL(request.url ?? '/', parts.issuer)
    if (isOpenToBrowsers(url.pathname) && openToBrowsers(request, response)) return
    if (isMetadataPath(url.pathname)) return document(request, response, options.metadataText)
    if (url.pathname === PATHS.jwks) return document(request, response, options.jwksText())
    const current = { address, path: url.pathname, documents: new Set<string>(), isRefused: false }
    await parts.currentRequest.run(current, async () => {
      await answer(options, { request, response, url, address }).catch((error) =>
        dataAway(error, url.pathname, response),
      )
      if (response.statusCode in REASONS || (response.statusCode >= 400 && response.statusCode < 500))
        parts.reportRefusal({ reason: REASONS[response.statusCode] ?? 'invalid_request' })
    })
  }
}

/** The reasons of refusals that nobody else records: pages, and what oidc-provider answers without an event. */
const REASONS: Readonly<Record<number, string>> = {
  403: 'foreign_form',
  404: 'not_found',
  429: 'too_many',
  503: 'data_unavailable',
}

interface Arrival {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly url: URL
  readonly address: string
}

async function answer(
  options: EngineHandlerOptions,
  { request, response, url, address }: Arrival,
): Promise<void> {
  const { parts } = options
  const refuse = (fault: OAuthError) => {
    parts.reportRefusal({ reason: fault.error, detail: fault.description })
    answerOAuthError(response, fault)
  }
  const wait = await waitFor(request, url.pathname, address, parts)
  const mayPass = GUESSABLE_PATHS.includes(url.pathname)
  if (wait !== undefined && !mayPass) return tooMany(options, url.pathname, response, wait)
  const body = await readWhole(request, MAX_BODY_BYTES)
  if (body === undefined) return refuse({ ...invalidRequest('the body is too large'), status: 413 })
  const inner = await normalize(request, url, body, parts)
  if (wait !== undefined) {
    const form = isOAuthError(inner) ? new URLSearchParams() : new URLSearchParams(inner.body.toString())
    if (!(await isKnownCaller(url.pathname, form, request.headers.authorization, parts)))
      return tooMany(options, url.pathname, response, wait)
    const current = parts.currentRequest.getStore()
    if (current !== undefined) current.waitSeconds = wait
  }
  if (isOAuthError(inner)) return refuse(inner)
  const clean = toInnerRequest(request, inner, parts.issuer, address)
  await serve(
    options,
    { request: clean, response, path: url.pathname, body, address, branding: parts.branding },
    inner.handle,
  )
}

async function serve(
  options: EngineHandlerOptions,
  page: PageRequest,
  handle: string | undefined,
): Promise<void> {
  const { parts, provider, people } = options
  if (people.answers(page.path)) return people.serve(page)
  if (!isOpenToBrowsers(page.path)) guardPage(page.response)
  try {
    await provider().callback()(page.request, page.response)
  } finally {
    if (handle !== undefined) parts.jwtHandles.forget(handle)
  }
  if (page.path === PATHS.device && page.request.method === 'POST' && !parts.wrongUserCodes.has(page.request))
    parts.addressLimits.userCodes.giveBack(page.address)
  if (parts.faults.has(page.request)) throw parts.faults.get(page.request)
}

interface NormalizedRequest extends InnerRequest {
  /** The handle of a signed token that was presented. */
  readonly handle?: string
}

async function normalize(
  request: IncomingMessage,
  url: URL,
  body: Buffer,
  parts: HandlerParts,
): Promise<NormalizedRequest | OAuthError> {
  const method = request.method ?? ''
  const contentType = request.headers['content-type']
  const plain = { method, url: url.pathname + url.search, body, ...(contentType ? { contentType } : {}) }
  switch (url.pathname) {
    case PATHS.authorization:
      normalizeAuthorization(url.searchParams, parts.resources, true)
      return { ...plain, url: url.pathname + url.search }
    case PATHS.device:
      return method === 'GET' ? noteUserCode(plain, url, parts) : plain
    case PATHS.token:
      return normalizeForm(plain, (form) => normalizeTokenRequest(form, parts.resources))
    case PATHS.deviceAuthorization:
      return normalizeForm(plain, (form) => normalizeAuthorization(form, parts.resources, false))
    case PATHS.introspection:
    case PATHS.revocation:
      return normalizeShownToken(plain, (form) => mayShow(form, url.pathname, request), parts)
    default:
      return isRegistration(url.pathname) ? readRegistration(plain, parts) : plain
  }
}

/** RFC 8628 §3.3.1, A41: a link fills the field; the person sends it, and is asked once more who it is for. */
function noteUserCode(
  plain: InnerRequest,
  { pathname, searchParams }: URL,
  { currentRequest }: HandlerParts,
): InnerRequest {
  const code = searchParams.get('user_code') ?? ''
  const now = currentRequest.getStore()
  if (now !== undefined && /^[A-Za-z0-9-]{1,32}$/.test(code)) now.userCode = code
  return { ...plain, url: pathname }
}

function normalizeForm(
  plain: InnerRequest,
  change: (form: URLSearchParams) => void,
): InnerRequest | OAuthError {
  if (plain.method !== 'POST') return { ...invalidRequest('use POST'), status: 405 }
  const form = readForm(plain.contentType, plain.body)
  if (isOAuthError(form)) return form
  change(form)
  return { ...plain, body: Buffer.from(form.toString()), contentType: FORM }
}

/** RFC 7662 §2.1, A61: only who proves itself may ask; else a thief polls whether what he has still works. */
function mayShow(
  form: URLSearchParams,
  path: string,
  { headers: { authorization } }: IncomingMessage,
): boolean {
  if (path !== PATHS.introspection) return true
  const said = (name: string) => (form.get(name) ?? '') !== ''
  return authorization !== undefined || said('client_secret') || said('client_assertion')
}

const UNPROVED: OAuthError = {
  status: 401,
  error: 'invalid_client',
  description: 'a client without a secret or a key may not ask about tokens',
}

/** A signed token of ours goes on as a handle, since oidc-provider refuses to look at one (RFC 7009 §2, RFC 7662 §2). */
async function normalizeShownToken(
  plain: InnerRequest,
  mayShow: (form: URLSearchParams) => boolean,
  { jwtHandles }: HandlerParts,
): Promise<NormalizedRequest | OAuthError> {
  let shown: string | undefined
  let unproved = false
  const normalized = normalizeForm(plain, (form) => {
    if (form.getAll('token').length === 1) shown = form.get('token') ?? undefined
    unproved = !mayShow(form)
  })
  if (unproved) return UNPROVED
  if (isOAuthError(normalized) || shown === undefined || !isSignedToken(shown)) return normalized
  const handle = await jwtHandles.present(shown)
  const form = new URLSearchParams(normalized.body.toString())
  form.set('token', handle)
  return { ...normalized, body: Buffer.from(form.toString()), handle }
}

function isRegistration(path: string): boolean {
  return path === PATHS.registration || path.startsWith(`${PATHS.registration}/`)
}

/** Pages that begin a session with every browser that has none yet. */
const BEGINNING: ReadonlySet<string> = new Set([PATHS.device, PATHS.endSession])

/** H3: seconds until this address may ask again. */
async function waitFor(
  { method }: IncomingMessage,
  path: string,
  address: string,
  { addressLimits }: HandlerParts,
): Promise<number | undefined> {
  if (path === PATHS.authorization) return addressLimits.authorizations.take(address)
  if (method !== 'POST') return BEGINNING.has(path) ? addressLimits.authorizations.take(address) : undefined
  switch (path) {
    case PATHS.registration:
      return addressLimits.registrations.take(address)
    case PATHS.deviceAuthorization:
      return addressLimits.devices.take(address)
    case PATHS.device: // A42: counted before it is known to be wrong, so that guesses at the same time count too
      return addressLimits.userCodes.take(address)
    default:
      return addressLimits.failures.get(path)?.wait(address)
  }
}

/** RFC 6585 §4: a program reads JSON, a person a page. */
function tooMany(
  { people }: EngineHandlerOptions,
  path: string,
  response: ServerResponse,
  wait: number,
): void {
  if (path === PATHS.authorization || BEGINNING.has(path)) {
    const { status, headers, body } = people.html.tooMany()(response)
    response.writeHead(status, { ...headers, 'retry-after': String(wait) }).end(body)
    return
  }
  answerOAuthError(response, TOO_MANY_REQUESTS, wait)
}

function document({ method }: IncomingMessage, response: ServerResponse, text: string): void {
  if (method !== 'GET' && method !== 'HEAD') {
    answerOAuthError(response, { ...invalidRequest('use GET'), status: 405 })
    return
  }
  response.setHeader('cache-control', 'public, max-age=300')
  answerJson(response, 200, text)
}
