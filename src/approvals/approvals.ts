// Approvals of calls: asked for, decided once, used once, and over after a while. Where they are kept is given, so that
// several gateways may share them; who may decide is for whoever calls `decide` to say.
import type { AuditEvent } from '../core/audit-event.ts'
import { principalKey } from '../core/caller.ts'
import { type RecordEntry, type SharedRecords, UNAVAILABLE, type Unavailable } from '../core/shared-state.ts'
import {
  type Approval,
  type BoundCall,
  type Decider,
  digestOfCall,
  digestOfParams,
  type Verdict,
} from './approval.ts'
import {
  createSealedApprovals,
  freshId,
  isApprovalId,
  keyInId,
  type SealedApprovals,
} from './sealed-approvals.ts'

/** What has become of the approval of a call. */
export type Sought =
  | { readonly state: 'waiting' | 'denied'; readonly approval: Approval }
  /** `use` says whether this call is the one that has it. */
  | { readonly state: 'approved'; readonly approval: Approval; use(): Promise<boolean | Unavailable> }
  | { readonly state: 'share' | 'full' | Unavailable }

export type Decided =
  | { readonly outcome: 'decided'; readonly approval: Approval }
  /** It was decided before, or is over; `approval` says by whom, where that is known. */
  | { readonly outcome: 'already'; readonly approval: Approval }
  | { readonly outcome: 'gone' | 'changed' | Unavailable }
  | { readonly outcome: 'refused'; readonly why: string }

export interface DecisionMade {
  readonly verdict: Verdict
  /** `digest` of the approval that the decider was shown. */
  readonly digest: string
  readonly decider: Decider
  readonly address?: string | undefined
  /** Why this decider may not decide on it; undefined when they may. */
  readonly objection: (approval: Approval) => string | undefined
  /** Whether the call could still be made: by the policy and the manifest that serve now. */
  readonly isCurrent: (call: BoundCall) => boolean
}

/** In milliseconds. */
export interface ApprovalTimes {
  readonly decideMs: number
  readonly useMs: number
}

export interface AskedBy {
  readonly requestId: string
  readonly address: string
}

export interface Approvals {
  /** Finds the approval of this call, and asks for one where there is none. */
  seek(call: BoundCall, asked: AskedBy): Promise<Sought>
  /** Those that wait or were decided, the oldest first. */
  list(): Promise<readonly Approval[] | Unavailable>
  find(id: string): Promise<Approval | undefined | Unavailable>
  decide(id: string, made: DecisionMade): Promise<Decided>
  /** Ends those whose time is over, so that the audit says so, and drops what a former key has sealed. */
  sweep(): Promise<void>
  /** Ends all, with this reason in the audit. */
  endAll(why: string): Promise<void>
}

export interface ApprovalsOptions {
  readonly records: SharedRecords
  /** At least 32 bytes; the same in each gateway that shares them. */
  readonly secret: Uint8Array
  readonly times: () => ApprovalTimes
  /** Epoch milliseconds. */
  readonly now: () => number
  readonly tell: (event: AuditEvent) => void
  /** Told of each approval that was asked for. */
  readonly onAsked?: (approval: Approval) => void
}

interface Found {
  readonly key: string
  readonly text: string
  readonly approval: Approval
}

/** Between two sweeps because there is no room: a caller who asks again and again pays for none. */
const FULL_SWEEP_MS = 5_000

export function createApprovals(options: ApprovalsOptions): Approvals {
  return new SharedApprovals(options)
}

class SharedApprovals implements Approvals {
  readonly #options: ApprovalsOptions
  readonly #sealed: SealedApprovals
  /** When it last swept because there was no room. */
  #sweptAt = Number.NEGATIVE_INFINITY

  constructor(options: ApprovalsOptions) {
    this.#options = options
    this.#sealed = createSealedApprovals(options.secret)
  }

  async seek(call: BoundCall, asked: AskedBy): Promise<Sought> {
    const digest = digestOfCall(call)
    const key = this.#sealed.keyOf(digest)
    const one = await this.#find(key)
    if (one === UNAVAILABLE) return { state: UNAVAILABLE }
    if (one === undefined) return this.#ask({ key, digest, call, asked })
    const { approval } = one
    if (approval.digest !== digest) return { state: 'full' } // another call at the same place
    const { state } = approval
    return state === 'approved' ? { state, approval, use: () => this.#use(one, asked) } : { state, approval }
  }

  async list(): Promise<readonly Approval[] | Unavailable> {
    const all = await this.#list()
    if (all === UNAVAILABLE) return UNAVAILABLE
    const live = all.map(({ approval }) => approval).filter(({ until }) => until > this.#options.now())
    return live.sort((one, other) => one.askedAt - other.askedAt)
  }

  async find(id: string): Promise<Approval | undefined | Unavailable> {
    const one = await this.#findById(id)
    return one === UNAVAILABLE ? UNAVAILABLE : one?.approval
  }

  async decide(id: string, made: DecisionMade): Promise<Decided> {
    const one = await this.#findById(id)
    if (one === UNAVAILABLE) return { outcome: UNAVAILABLE }
    if (one === undefined) return { outcome: 'gone' }
    const { approval } = one
    if (approval.state !== 'waiting') return { outcome: 'already', approval }
    if (!made.isCurrent(approval.call)) {
      await this.#end(one, 'policy_changed')
      return { outcome: 'gone' }
    }
    const why = made.objection(approval)
    if (why !== undefined) {
      this.#tell('approval_refused', approval, { actor: made.decider.name, reason: why, ...addressOf(made) })
      return { outcome: 'refused', why }
    }
    return made.digest === approval.digest ? this.#settle(one, made) : { outcome: 'changed' }
  }

  async sweep(): Promise<void> {
    const entries = await this.#options.records.list()
    if (entries !== UNAVAILABLE) for (const entry of entries) await this.#live(entry)
  }

  async endAll(why: string): Promise<void> {
    const all = await this.#list()
    if (all !== UNAVAILABLE) for (const one of all) await this.#end(one, why)
  }

  async #ask({ key, digest, call, asked }: Asking): Promise<Sought> {
    const { records, now, times, onAsked } = this.#options
    const at = now()
    const until = at + times().decideMs
    const approval: Approval = { id: freshId(key), state: 'waiting', call, digest, askedAt: at, until }
    const text = this.#sealed.seal(approval)
    const add = () => records.add(principalKey(call.issuer, call.subject), key, text)
    let added = await add()
    if ((added === 'share' || added === 'full') && at - this.#sweptAt >= FULL_SWEEP_MS) {
      this.#sweptAt = at
      await this.sweep()
      added = await add()
    }
    if (added === 'held') return this.seek(call, asked) // the same call was faster
    if (added !== 'added') return { state: added }
    this.#tell('approval_requested', approval, { actor: call.subject, ...asked }, `, ${digestOfParams(call)}`)
    onAsked?.(approval)
    return { state: 'waiting', approval }
  }

  async #use(one: Found, asked: AskedBy): Promise<boolean | Unavailable> {
    const isOurs = await this.#options.records.replace(one.key, one.text, undefined)
    if (isOurs === true)
      this.#tell('approval_used', one.approval, { actor: one.approval.call.subject, ...asked })
    return isOurs
  }

  async #settle(one: Found, made: DecisionMade): Promise<Decided> {
    const { records, now, times } = this.#options
    const { verdict, decider } = made
    const at = now()
    const next: Approval = {
      ...one.approval,
      call: { ...one.approval.call, params: '' },
      ...(verdict === 'approve' ? { state: 'approved', until: at + times().useMs } : { state: 'denied' }),
      ...{ decidedBy: decider, decidedAt: at },
    }
    const isOurs = await records.replace(one.key, one.text, this.#sealed.seal(next))
    if (isOurs === UNAVAILABLE) return { outcome: UNAVAILABLE }
    if (!isOurs) return this.decide(one.approval.id, made) // somebody else was faster
    const event = verdict === 'approve' ? 'approval_granted' : 'approval_denied'
    this.#tell(event, next, { actor: decider.name, ...addressOf(made) })
    return { outcome: 'decided', approval: next }
  }

  /** Undefined for one that is not there, or is over. */
  async #find(key: string): Promise<Found | undefined | Unavailable> {
    const text = await this.#options.records.find(key)
    return text === undefined || text === UNAVAILABLE ? text : this.#live({ key, text })
  }

  /** Undefined for one that is over, which is removed then. */
  async #live({ key, text }: RecordEntry): Promise<Found | undefined> {
    const { records, now } = this.#options
    const one = this.#found(key, text)
    if (one === undefined)
      await records.replace(key, text, undefined) // sealed with a key of before
    else if (one.approval.until > now()) return one
    else await this.#end(one, 'time')
    return undefined
  }

  async #findById(id: string): Promise<Found | undefined | Unavailable> {
    if (!isApprovalId(id)) return undefined
    const one = await this.#find(keyInId(id))
    return one === UNAVAILABLE || one?.approval.id === id ? one : undefined
  }

  async #list(): Promise<readonly Found[] | Unavailable> {
    const entries = await this.#options.records.list()
    if (entries === UNAVAILABLE) return UNAVAILABLE
    return entries.flatMap(({ key, text }) => this.#found(key, text) ?? [])
  }

  #found(key: string, text: string): Found | undefined {
    const approval = this.#sealed.open(key, text)
    return approval && { key, text, approval }
  }

  /** Removes it; of several who do, one tells why. */
  async #end({ key, text, approval }: Found, reason: string): Promise<void> {
    if ((await this.#options.records.replace(key, text, undefined)) === true)
      this.#tell('approval_expired', approval, { actor: 'server', reason })
  }

  #tell(event: string, { id, call }: Approval, who: Omit<AuditEvent, 'event'>, more = ''): void {
    const { subject, client, route, tool } = call
    const detail = `${id}: ${tool} on ${route}${more}`
    this.#options.tell({ event, ...who, subject, ...(client === undefined ? {} : { client }), detail })
  }
}

interface Asking {
  readonly key: string
  readonly digest: string
  readonly call: BoundCall
  readonly asked: AskedBy
}

function addressOf({ address }: DecisionMade): { readonly address?: string } {
  return address === undefined ? {} : { address }
}
