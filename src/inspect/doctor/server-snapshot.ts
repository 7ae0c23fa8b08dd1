// What the doctor looks at before judging: the answer to a client without a token, the metadata it leads to, and the
// metadata of the authorization servers named there. No token is sent here.

import { type JsonMembers, membersOf, parseJson } from '../../lib/json.ts'
import { modernCaller } from '../client.ts'
import { type Found, found, missing } from '../found.ts'
import type { ProbeAnswer, ProbeClient } from '../http.ts'
import { type ParsedChallenge, readChallenge } from './challenge.ts'

/** Authorization servers that are looked at. */
const MAX_ISSUERS = 4

export interface IssuerSeen {
  readonly issuer: string
  readonly document: Found<JsonMembers>
}

export interface ServerSnapshot {
  readonly url: URL
  readonly http: ProbeClient
  /** PEM of the certificate authorities to trust instead of the usual ones. */
  readonly ca: string | undefined
  readonly token: string | undefined
  /** Whether a client may be registered. */
  readonly register: boolean
  /** The answer to the first request of a client, without a token. */
  readonly anonymous: ProbeAnswer
  readonly challenge: ParsedChallenge | undefined
  /** Where RFC 9728 §3.1 puts the metadata. */
  readonly wellKnown: string
  readonly metadata: Found<JsonMembers>
  readonly issuers: readonly IssuerSeen[]
  /** The first request of a client, with these headers. */
  open(headers: Readonly<Record<string, string>>, url?: string): Promise<Found<ProbeAnswer>>
}

export interface SnapshotOptions {
  readonly url: string
  readonly ca?: string | undefined
  readonly token: string | undefined
  readonly register: boolean
}

/** A problem when the server cannot be reached at all. */
export async function takeSnapshot(
  { url: address, ca, token, register }: SnapshotOptions,
  http: ProbeClient,
): Promise<Found<ServerSnapshot>> {
  const url = new URL(address)
  const open: ServerSnapshot['open'] = (headers, at = url.href) =>
    http.ask(at, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: OPENING,
    })
  const anonymous = await firstAnswer(http, url, open)
  if (!anonymous.ok) return anonymous
  const challenge = readChallenge(anonymous.value.headers.get('www-authenticate'))
  const wellKnown = wellKnownOf(url, 'oauth-protected-resource')
  const pointed = challenge?.parameters.get('resource_metadata')
  const metadata = await readDocument(http, pointed ?? wellKnown)
  const named = metadata.ok ? metadata.value['authorization_servers'] : undefined
  const names = (Array.isArray(named) ? named : []).filter((name) => typeof name === 'string')
  const issuers: IssuerSeen[] = []
  for (const issuer of names.slice(0, MAX_ISSUERS))
    issuers.push({ issuer, document: await readIssuer(http, issuer) })
  return found({
    url,
    http,
    ca,
    token,
    register,
    anonymous: anonymous.value,
    challenge,
    wellKnown,
    metadata,
    issuers,
    open,
  })
}

/** A server of 2026-07-28 alone does not know `initialize`; then its own first request tells more (ERA-04). */
async function firstAnswer(
  http: ProbeClient,
  url: URL,
  open: ServerSnapshot['open'],
): Promise<Found<ProbeAnswer>> {
  const legacy = await open({})
  if (!legacy.ok || legacy.value.status < 300 || legacy.value.status === 401) return legacy
  const modern = await modernCaller(http, { url: url.href, headers: {} })('server/discover', {})
  if (!modern.ok) return legacy
  const { http: answer, error } = modern.value
  return answer.status === 401 || (answer.status < 300 && error === undefined) ? found(answer) : legacy
}

const OPENING = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 'portcullis-doctor', version: '1' },
  },
})

/** RFC 9728 §3.1, RFC 8414 §3.1: between host and path; a path of `/` alone is none. */
export function wellKnownOf(url: URL, name: string): string {
  return `${url.origin}/.well-known/${name}${url.pathname === '/' ? '' : url.pathname}${url.search}`
}

export async function readDocument(http: ProbeClient, address: string): Promise<Found<JsonMembers>> {
  if (!/^https?:\/\//.test(address) || !URL.canParse(address)) return missing('no absolute URL')
  const answer = await http.ask(address, { method: 'GET', headers: { accept: 'application/json' } })
  if (!answer.ok) return answer
  const { status, headers, text } = answer.value
  if (status !== 200) return missing(`status ${status}`)
  if (!headers.get('content-type')?.startsWith('application/json')) return missing('not application/json')
  const value = parseJson(text)
  if (value === undefined) return missing('no JSON')
  const members = membersOf(value)
  return members === undefined ? missing('no JSON object') : found(members)
}

/** MCP 2026-07-28 authorization, server metadata discovery: three places in this order (META-02). */
async function readIssuer(http: ProbeClient, issuer: string): Promise<Found<JsonMembers>> {
  if (!/^https?:\/\//.test(issuer) || !URL.canParse(issuer)) return missing('no absolute URL')
  const url = new URL(issuer)
  const path = url.pathname.replace(/\/$/, '')
  const places = [
    `${url.origin}/.well-known/oauth-authorization-server${path}`,
    `${url.origin}/.well-known/openid-configuration${path}`,
    `${url.origin}${path}/.well-known/openid-configuration`,
  ]
  let last: Found<JsonMembers> = missing('nowhere')
  for (const place of new Set(places)) {
    last = await readDocument(http, place)
    if (last.ok) return last
  }
  return last
}
