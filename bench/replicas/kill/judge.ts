// What the tries, the database and the audit must say when all is over.
import type { Line } from '../check.ts'
import { refresh } from '../people.ts'
import type { Stage } from '../stage.ts'
import { type AuditedCall, auditedCalls } from './audit.ts'
import type { Family } from './families.ts'
import type { SignedIn } from './sign-ins.ts'
import type { Death } from './victims.ts'
import type { Try } from './work.ts'

/** HAProxy and the pools see a little later that all is whole. */
const AFTER_MS = 2_000
/** After fewer deaths of workers it may be that none had a call. */
const MANY_DEATHS = 10

export function judgeTries(tries: readonly Try[], deaths: readonly Death[]): readonly Line[] {
  const kinds = ['call', 'refresh', 'sign-in', 'proof'] as const
  const counted = kinds.map((kind) => {
    const own = tries.filter(({ what }) => what === kind)
    const many = (came: Try['came']) => own.filter((one) => one.came === came).length
    return `${own.length} ${kind}s (${many('answered')} answered, ${many('refused')} refused, ${many('cut')} cut)`
  })
  const wrong = tries.filter(({ came }) => came === 'wrong')
  const unexplained = tries.filter((one) => one.came !== 'answered' && !isNearDeath(one, deaths))
  return [
    { what: `${counted.join(', ')}`, good: tries.some(({ came }) => came === 'answered') },
    { what: `${wrong.length} answers that are wrong${examples(wrong)}`, good: wrong.length === 0 },
    {
      what: `${unexplained.length} refused or cut while all was whole${examples(unexplained)}`,
      good: unexplained.length === 0,
    },
  ]
}

function isNearDeath({ fromMs, toMs }: Try, deaths: readonly Death[]): boolean {
  return deaths.some(({ atMs, wholeMs }) => toMs >= atMs && fromMs <= wholeMs + AFTER_MS)
}

function examples(tries: readonly Try[]): string {
  const words = new Set(tries.map(({ what, came, why }) => `${what} ${came}: ${why}`))
  return [...words]
    .slice(0, 6)
    .map((word) => `\n          ${word}`)
    .join('')
}

interface Kept {
  readonly client_id: string
  readonly made: number
  readonly usable: number
  readonly grants: number
}

const KEPT = `SELECT client_id, count(*)::int AS made, (count(*) - count(consumed_at))::int AS usable,
  count(DISTINCT grant_id)::int AS grants FROM portcullis.artifacts WHERE model = 'RefreshToken' GROUP BY client_id`

export async function judgeTokens(
  stage: Stage,
  families: readonly Family[],
  signedIn: readonly SignedIn[],
): Promise<readonly Line[]> {
  const rows = (await stage.postgres.sql(KEPT)) as unknown as readonly Kept[]
  const kept = new Map(rows.map((row) => [row.client_id, row]))
  const whole = families.filter(({ clientId, tokens }) => {
    const row = kept.get(clientId)
    return row?.made === new Set(tokens).size && row.usable === 1 && row.grants === 1
  })
  const refreshes = families.reduce((sum, { tokens }) => sum + tokens.length - 1, 0)
  const doubled = signedIn.filter(({ clientId }) => (kept.get(clientId)?.made ?? 0) > 1)
  const told = signedIn.filter(({ refreshToken }) => refreshToken !== undefined)
  const lost: number[] = []
  for (const { clientId, refreshToken = '' } of told) {
    const { status } = await refresh(stage, clientId, refreshToken)
    if (status !== 200) lost.push(status)
  }
  return [
    {
      what: `${whole.length} of ${families.length} families with ${refreshes} refreshes: every token that was made came to its client, each has one successor`,
      good: whole.length === families.length && refreshes > 0,
    },
    {
      what: `${lost.length} of ${told.length} sign-ins that were answered are lost ${lost}`,
      good: lost.length === 0 && told.length > 0,
    },
    { what: `${doubled.length} of ${signedIn.length} codes redeemed twice`, good: doubled.length === 0 },
  ]
}

/** With `audit.required`. */
export function judgeAudit(stage: Stage, tries: readonly Try[], deaths: readonly Death[]): readonly Line[] {
  const audited = auditedCalls(stage)
  const admitted = audited.filter((one) => one.admitted)
  const died = admitted.filter((one) => one.died)
  const open = admitted.filter((one) => !one.ended && !one.died)
  const known = new Set(admitted.map(({ nonce }) => nonce))
  const answered = tries.filter(({ what, came }) => what === 'call' && came === 'answered')
  const missing = answered.filter(({ nonce = '' }) => !known.has(nonce))
  const lost = brokenOff(tries, audited)
  const workers = deaths.filter(({ what }) => what.startsWith('worker')).length
  return [
    {
      what: `audit: ${admitted.length} calls admitted, ${died.length} died with their worker, ${open.length} without an end`,
      good: open.length === 0,
    },
    {
      what: `audit: ${missing.length} of ${answered.length} answered calls are not on record`,
      good: missing.length === 0,
    },
    {
      what: `${lost.all} calls broke off: ${lost.died} are worker_died in the audit, ${lost.ended} ended there, ${lost.unknown} were not admitted`,
      good: workers < MANY_DEATHS || lost.died > 0,
    },
  ]
}

/** What the audit says of calls whose answer did not come, since the process that served them was killed. */
function brokenOff(tries: readonly Try[], audited: readonly AuditedCall[]) {
  const byNonce = new Map(audited.map((one) => [one.nonce, one]))
  const lost = tries.filter(({ what, came, why }) => what === 'call' && (came === 'cut' || isOfBalancer(why)))
  const records = lost.map(({ nonce = '' }) => byNonce.get(nonce))
  return {
    all: lost.length,
    died: records.filter((one) => one?.died).length,
    ended: records.filter((one) => one !== undefined && !one.died).length,
    unknown: records.filter((one) => one === undefined).length,
  }
}

/** HAProxy's own page: the connection to a replica broke before the answer began. */
function isOfBalancer(why: string): boolean {
  return why.startsWith('502 <html>')
}
