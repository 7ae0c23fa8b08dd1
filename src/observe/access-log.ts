// An entry for each call, for a person who watches: bounded, in the order in which calls ended, with names instead of ids.
// It keeps nothing and holds nothing back: the record is the audit, and who watches may miss something.
import type { AuditEvent } from '../core/audit-event.ts'
import { callerKey } from '../core/caller.ts'
import { createShares, type Shares, shareOf } from '../core/shares.ts'
import type { MaybeAsync } from '../core/turn.ts'
import { inTime } from '../lib/in-time.ts'
import { type AccessEntry, type AccessOutcome, accessOutcome } from './access-entry.ts'
import { accessEvent } from './access-events.ts'
import type { RequestRecord } from './request-record.ts'

export interface AccessLog {
  /** Called when the exchange has ended. */
  record(record: RequestRecord): void
  event(event: AuditEvent): void
  /** Resolves when the last entry is written. */
  close(): Promise<void>
}

/** What people and clients are called; undefined where nobody knows better than the id. An absent issuer is our own. */
export interface DisplayNames {
  person(issuer: string | undefined, subject: string): MaybeAsync<string | undefined>
  client(issuer: string | undefined, id: string): MaybeAsync<string | undefined>
}

/** Where entries go. Neither waits. */
export interface AccessOutput {
  entry(entry: AccessEntry): void
  /** So many were left out. */
  missed(count: number): void
}

export interface AccessLogOptions {
  readonly names: DisplayNames
  readonly output: AccessOutput
  /** The part of the entries that may be one caller's. */
  readonly sharePerCaller: number
}

/** More nobody can read; the rest is counted. */
const MAX_ENTRIES = 100
const WINDOW_MS = 1_000
/** How long an entry waits for a name; then it has the id. */
const NAME_MS = 600
const NAME_KEPT_MS = 60_000
const MAX_NAMES = 1_000

export function createAccessLog({ names, output, sharePerCaller }: AccessLogOptions): AccessLog {
  const admit = createAdmission(sharePerCaller, output.missed)
  const nameOf = createNames()
  let last: Promise<void> = Promise.resolve()
  const put = (outcome: AccessOutcome, named: Named, durationMs: number | undefined) => {
    const { issuer, subject, client, otherwise } = named
    const at = Date.now()
    const who =
      subject === undefined
        ? otherwise
        : nameOf(`p ${issuer} ${subject}`, subject, () => names.person(issuer, subject))
    const by =
      client === undefined ? '' : nameOf(`c ${issuer} ${client}`, client, () => names.client(issuer, client))
    last = last.then(async () =>
      output.entry({ ...outcome, at, who: await who, client: await by, durationMs }),
    )
  }
  return {
    record(record) {
      const outcome = accessOutcome(record)
      if (outcome === undefined || !admit(callerKey(record.principal, record.address))) return
      put(outcome, namedIn(record), performance.now() - record.startedMs)
    },
    event(event) {
      const outcome = accessEvent(event)
      if (outcome === undefined || !admit(callerKey(undefined, event.address ?? ''))) return
      const { subject, client, address, actor } = event
      put(outcome, { issuer: undefined, subject, client, otherwise: address ?? actor }, undefined)
    },
    close: () => last,
  }
}

/** No issuer has this name, so that nobody is called as a client of ours is called. */
const NOT_PROVED = ''

interface Named {
  readonly issuer: string | undefined
  readonly subject: string | undefined
  readonly client: string | undefined
  /** Who it is where there is no subject. */
  readonly otherwise: string
}

/** A token that was refused may name its client: then it is genuine (core/refusal.ts). */
function namedIn({ principal, refusal, address }: RequestRecord): Named {
  const refused = refusal !== undefined && 'client' in refusal ? refusal.client : undefined
  return {
    issuer: principal?.issuer ?? NOT_PROVED,
    subject: principal?.subject,
    client: principal?.clientId ?? refused,
    otherwise: address,
  }
}

/** So many a second, no more than a share of them one caller's; tells at the end of the second how many were left out. */
function createAdmission(
  sharePerCaller: number,
  missed: (count: number) => void,
): (caller: string) => boolean {
  let window: { readonly shares: Shares; untold: number } | undefined
  const begin = () => {
    const begun = {
      shares: createShares({ size: MAX_ENTRIES, share: shareOf(MAX_ENTRIES, sharePerCaller) }),
      untold: 0,
    }
    setTimeout(() => {
      window = undefined
      if (begun.untold > 0) missed(begun.untold)
    }, WINDOW_MS).unref()
    return begun
  }
  return (caller) => {
    window ??= begin()
    if (window.shares.take(caller) === undefined) return true
    window.untold += 1
    return false
  }
}

type Ask = () => MaybeAsync<string | undefined>

/** Names are asked for once a minute, and none is waited for long. */
function createNames(): (key: string, id: string, ask: Ask) => Promise<string> {
  const kept = new Map<string, { readonly name: Promise<string | undefined>; readonly until: number }>()
  return (key, id, ask) => {
    const now = performance.now()
    const known = kept.get(key)
    if (known !== undefined && known.until > now) return nameOrId(known.name, id)
    if (kept.size >= MAX_NAMES) kept.clear()
    const name = (async () => ask())().catch(() => undefined) // then the id is name enough
    kept.set(key, { name, until: now + NAME_KEPT_MS })
    return nameOrId(name, id)
  }
}

async function nameOrId(name: Promise<string | undefined>, id: string): Promise<string> {
  return (await inTime(NAME_MS, name)) ?? id
}
