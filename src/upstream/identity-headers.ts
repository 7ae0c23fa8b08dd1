// Writes the request headers for the upstream: first those that the gateway vouches for, then everything the client
// sent that need not be removed. Removal goes by folded name and comes before anything is added, so that neither
// `X_Mcp_Subject` nor `Connection: x-mcp-subject` can reach a header that the gateway vouches for.

import type { Call } from '../core/call.ts'
import { claimAt } from '../core/claim-path.ts'
import type { Fields } from '../core/fields.ts'
import type { Principal } from '../core/principal.ts'
import { TRACEPARENT, type TraceHeaders } from '../core/trace-context.ts'
import { nominatedByConnection } from '../lib/connection-header.ts'
import { DIGESTS } from './digests.ts'
import { REMOVED, REMOVED_PREFIXES } from './removed-headers.ts'

export interface HeaderOptions {
  /** The prefix of identity headers, in lower case; it ends in `-`. */
  readonly identityPrefix: string
  /** Claim path → the header that carries the claim, in lower case. */
  readonly identityClaims?: Readonly<Record<string, string>>
  /** The configured upstream authority, byte for byte (N-02). */
  readonly authority: string
  /** Headers with credentials of the gateway's own for the upstream, complete. */
  readonly staticHeaders: Readonly<Record<string, string>>
  readonly assertions: readonly AssertionHeader[]
  readonly forwardToken: boolean
}

/** A header with a token that the gateway signs for a call of a person; of others it signs none. */
export interface AssertionHeader {
  readonly name: string
  readonly value: (principal: Principal, input: HeaderInput) => string
}

export interface HeaderInput {
  readonly fields: Fields
  readonly principal: Principal | undefined
  readonly requestId: string
  /** Empty for GET and DELETE. */
  readonly calls: readonly Call[]
  /** As the upstream gets it. */
  readonly body: Buffer | undefined
  /** The upstream's own session id, unsealed; undefined to send none. */
  readonly sessionId: string | undefined
  /** The upstream's own id of the event after which a GET asks for the rest (L45); undefined to send none. */
  readonly lastEventId: string | undefined
  readonly mirrored: Mirrored
  /** Whether something was taken out of the body, so that digests of the body no longer fit. */
  readonly isShortened?: boolean
  /** The span of the gateway, in place of the client's own; undefined where the gateway makes none. */
  readonly trace?: TraceHeaders | undefined
}

/** Which headers that repeat the body may go on. A wrong one would mislead a proxy that routes by it (L74). */
export interface Mirrored {
  readonly method: boolean
  readonly name: boolean
  readonly arguments: boolean
}

/** Returns header lines, each with its CRLF. */
export type HeaderWriter = (input: HeaderInput) => string

const NAMES_REMEMBERED = 2_000

export function createHeaderWriter(options: HeaderOptions): HeaderWriter {
  const fateOf = createNameFilter(options)
  const identity = createIdentityWriter(options)
  const fixed = Object.entries(options.staticHeaders).map(([name, value]) => line(name, value))
  const vouched = line('host', options.authority) + line('accept-encoding', 'identity') + fixed.join('')

  return (input) => {
    const { fields, principal, requestId, sessionId, lastEventId, trace } = input
    let lines = `${vouched}x-request-id: ${requestId}\r\n` // H20: the gateway's own lines come first
    if (principal) lines += identity(principal) + assertionLines(options, principal, input)
    lines += lineOf('mcp-session-id', sessionId) + lineOf('last-event-id', lastEventId)
    if (trace) lines += line('traceparent', trace.traceparent) + lineOf('tracestate', trace.tracestate)
    const nominated = nominatedByConnection(fields)
    for (let i = 0; i < fields.length; i += 2) {
      const name = fields[i] as string
      const fate = fateOf(name, i / 2)
      if (fate === 'removed' || nominated?.has(name.toLowerCase())) continue
      const value = fields[i + 1] as string
      if (fate === 'kept' || passes(name.toLowerCase(), value, input)) lines += line(name, value)
    }
    return lines
  }
}

/** RFC 9110 §5.5, and no character beyond one byte, which latin1 would turn into another one. */
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/

/**
 * SECURITY: a character that ends a line would begin a header of the client's choice, so it throws. The HTTP parser
 * lets none through.
 */
function line(name: string, value: string): string {
  if (!VALUE.test(value)) throw new Error(`a value of ${name} that no header may have`)
  return `${name}: ${value}\r\n`
}

function lineOf(name: string, value: string | undefined): string {
  return value === undefined ? '' : line(name, value)
}

function assertionLines({ assertions }: HeaderOptions, principal: Principal, input: HeaderInput): string {
  let lines = ''
  for (const { name, value } of assertions) lines += line(name, value(principal, input))
  return lines
}

function passes(
  name: string,
  value: string,
  { principal, mirrored, isShortened, trace }: HeaderInput,
): boolean {
  if (name === 'authorization') return principal !== undefined // TOK-10: only a proved token goes on
  if (name === 'last-event-id') return false // the gateway writes its own
  if (name === 'mcp-method') return mirrored.method
  if (name === 'mcp-name') return mirrored.name
  if (name.startsWith('mcp-param-')) return mirrored.arguments
  if (DIGESTS.has(name)) return isShortened !== true
  if (trace !== undefined && OF_TRACE.has(fold(name))) return false
  return name !== 'traceparent' || TRACEPARENT.test(value)
}

/** Reduces a name to lower case letters and digits, since a WSGI or CGI upstream may read names that way (H16, H17). */
function fold(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '')
}

/**
 * T26-14: the header of an argument, whose name the upstream compares byte by byte. No header of the gateway's own can
 * begin like it.
 */
const MIRRORED = /^mcp-param-/i

/** What becomes of a client's header, by its name. `checked`: its value or the revision decides. */
type Fate = 'kept' | 'removed' | 'checked'

/** `position` is the field's place among all fields, from 0. */
type NameFilter = (name: string, position: number) => Fate

/** Folded. */
const OF_TRACE: ReadonlySet<string> = new Set(['traceparent', 'tracestate'])

const CHECKED = new Set([
  ...['authorization', 'lasteventid', 'mcpmethod', 'mcpname', ...OF_TRACE],
  ...[...DIGESTS].map(fold),
])

/** Removed on every route. */
const REMOVED_NAMES: ReadonlySet<string> = new Set(REMOVED.map(fold))

function createNameFilter(options: HeaderOptions): NameFilter {
  const claimHeaders = Object.values(options.identityClaims ?? {})
  const own = new Set(
    [
      ...Object.keys(options.staticHeaders),
      ...options.assertions.map(({ name }) => name),
      ...claimHeaders,
    ].map(fold),
  )
  const isRemoved = (folded: string) =>
    own.has(folded) || (REMOVED_NAMES.has(folded) && !(options.forwardToken && folded === 'authorization'))
  const prefixes = [...REMOVED_PREFIXES, fold(options.identityPrefix)]
  const fates = new Map<string, Fate>()
  const judge = (name: string): Fate => {
    const known = fates.get(name)
    if (known !== undefined) return known
    const folded = fold(name)
    const ambiguous = name.includes('_') && !MIRRORED.test(name)
    const removed = ambiguous || isRemoved(folded) || prefixes.some((prefix) => folded.startsWith(prefix))
    const fate = removed ? 'removed' : CHECKED.has(folded) || MIRRORED.test(name) ? 'checked' : 'kept'
    if (fates.size < NAMES_REMEMBERED) fates.set(name, fate)
    return fate
  }
  /**
   * The last decision for each position. Clients send their fields in the same order each time, and comparing two names
   * is cheaper than a look-up.
   */
  const last: { readonly name: string; readonly fate: Fate }[] = []
  return (name, position) => {
    const remembered = last[position]
    if (remembered?.name === name) return remembered.fate
    const fate = judge(name)
    last[position] = { name, fate }
    return fate
  }
}

/** Writes the lines that say who calls, once for each verified token. */
function createIdentityWriter({ identityPrefix: prefix, identityClaims = {} }: HeaderOptions) {
  const mapped = Object.entries(identityClaims)
  const made = new WeakMap<Principal, string>()
  return (principal: Principal): string => {
    const known = made.get(principal)
    if (known !== undefined) return known
    const { subject, scopes, issuer, clientId } = principal
    const lines = [
      line(`${prefix}subject`, encodeIdentity(subject)),
      line(`${prefix}scopes`, [...scopes].map(encodeIdentity).join(' ')),
      line(`${prefix}issuer`, encodeIdentity(issuer)),
      clientId === undefined ? '' : line(`${prefix}client-id`, encodeIdentity(clientId)),
      ...mapped.map(([claim, header]) => claimLine(header, claimAt(principal.claims, claim))),
    ].join('')
    made.set(principal, lines)
    return lines
  }
}

const MAX_CLAIM_BYTES = 4_096

function claimLine(header: string, claim: unknown): string {
  const value = claimValue(claim)
  return value === undefined ? '' : line(header, value)
}

/**
 * A claim as one value; spaces separate the items of a list. Undefined for a claim without a value, and for one that is too
 * long: half a list of groups would be another list.
 */
export function claimValue(claim: unknown): string | undefined {
  const values = (Array.isArray(claim) ? claim : [claim]).filter(
    (value) => value !== undefined && value !== null,
  )
  if (values.length === 0 || values.some((value) => typeof value === 'object')) return undefined
  const value = values.map((one) => encodeIdentity(String(one))).join(' ')
  return value === '' || value.length > MAX_CLAIM_BYTES ? undefined : value
}

/**
 * Percent-encodes the UTF-8 of everything outside 0x21–0x7E, and `%` (J58–J60), so that each value has one spelling.
 */
export function encodeIdentity(value: string): string {
  if (/^[\x21-\x24\x26-\x7e]*$/.test(value)) return value
  let encoded = ''
  for (const byte of Buffer.from(value, 'utf8')) {
    const plain = byte >= 0x21 && byte <= 0x7e && byte !== 0x25
    encoded += plain ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }
  return encoded
}
