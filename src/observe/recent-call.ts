// A request that has ended, as the console shows it: what its audit line tells. What a client chose is cut and copied, and
// nothing is put together here: words are made when somebody asks.
import type { Refusal } from '../core/refusal.ts'
import { copyOf } from '../lib/copied-text.ts'
import type { RequestRecord } from './request-record.ts'

/** One request that has ended. Plain values, so that it can go from process to process. */
export interface RecentCall {
  /** Counts the requests of this process, from 1. */
  readonly number: number
  /** As in the audit. */
  readonly id: string
  /** When it ended, in epoch milliseconds. */
  readonly at: number
  readonly durationMs: number
  readonly route: string
  /** Of the first message; the HTTP method where none was read. */
  readonly method: string
  /** What the first message names; empty where it names nothing. */
  readonly target: string
  /** Messages of the batch beside the first. */
  readonly others: number
  /** The three are empty before the token was proved; `client` may be that of a refused token. */
  readonly issuer: string
  readonly subject: string
  readonly client: string
  readonly address: string
  /** The rule that spoke; empty before a decision. */
  readonly rule: string
  /** Why it was refused, with texts cut. */
  readonly refusal: Refusal | undefined
  /** What enforcing would have refused. */
  readonly would: Refusal | undefined
  readonly status: number
  readonly rpc: RequestRecord['rpc']
  readonly ending: RequestRecord['ending']
}

/** Of a text that a client chose. As much as the audit has (audit-line.ts). */
const MAX_TEXT_CHARS = 200
/** Scopes of one refusal. */
const MAX_SCOPES = 20

/** When a request ended, in epoch milliseconds, and how long it took. */
export interface Ended {
  readonly at: number
  readonly durationMs: number
}

/** Written member by member, since a spread costs more than all that is in it. @param number counts the requests of this process */
export function recentCall(record: RequestRecord, number: number, { at, durationMs }: Ended): RecentCall {
  const { principal, refusal, would, calls } = record
  const first = calls[0]
  return {
    number,
    id: record.id,
    at,
    durationMs,
    route: record.route,
    method: first === undefined || first.method === '' ? record.httpMethod : cut(first.method),
    target: cut(first?.targets[0]?.name ?? ''),
    others: calls.length > 1 ? calls.length - 1 : 0,
    issuer: principal === undefined ? '' : principal.issuer,
    subject: principal === undefined ? '' : cut(principal.subject),
    client: cut(principal === undefined ? clientOf(refusal) : (principal.clientId ?? '')),
    address: record.address,
    rule: record.rule,
    refusal: refusal === undefined ? undefined : cutRefusal(refusal),
    would: would === undefined ? undefined : cutRefusal(would),
    status: record.status,
    rpc: record.rpc,
    ending: record.ending,
  }
}

/** A token that was refused may name its client: then it is genuine (core/refusal.ts). */
function clientOf(refusal: Refusal | undefined): string {
  return refusal !== undefined && 'client' in refusal ? (refusal.client ?? '') : ''
}

function cut(text: string): string {
  return copyOf(text.slice(0, MAX_TEXT_CHARS))
}

/** What is only for the answer to the client. */
const UNTOLD: ReadonlySet<string> = new Set(['challenge', 'expiredScopes', 'nonce', 'supported', 'client'])

function cutRefusal(refusal: Refusal): Refusal {
  const told = Object.entries(refusal).filter(([name]) => !UNTOLD.has(name))
  return Object.fromEntries(told.map(([name, value]) => [name, cutValue(value)])) as unknown as Refusal
}

function cutValue(value: unknown): unknown {
  if (typeof value === 'string') return cut(value)
  return Array.isArray(value) ? value.slice(0, MAX_SCOPES).map(cutValue) : value
}
