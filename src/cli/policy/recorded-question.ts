// A line of the audit as the question that the policy was asked: who, which call, and around it. Arguments and claims are
// in no line; what rules said about them is. It judges nothing.
import type { Call } from '../../core/call.ts'
import type { Principal } from '../../core/principal.ts'
import type { Circumstances } from '../../core/route.ts'
import { hasMembers } from '../../lib/json.ts'
import { MAX_NAME_CHARACTERS } from '../../observe/audit-line.ts'
import { type AuditRecord, callsIn, namesIn, type RecordedCall, textIn } from '../../observe/audit-record.ts'
import { UNKNOWN } from '../../policy/condition/outcome.ts'
import type { AuditFileLine } from '../shared/audit-lines.ts'
import { readCall } from './read-call.ts'

export interface RecordedQuestion {
  /** Undefined for a caller without a token. */
  readonly principal: Principal | undefined
  readonly call: Call
  readonly around: Omit<Circumstances, 'answered'>
}

export type ReadQuestion =
  | { readonly ok: true; readonly question: RecordedQuestion }
  /** Why it cannot be asked again. */
  | { readonly ok: false; readonly why: string }

/** Whether the policy decided; before it come the token, the limits and the reading of the message. */
export function reachedPolicy(record: AuditRecord): boolean {
  return textIn(record, 'rule') !== ''
}

/** One for each call of the line. */
export function questionsIn({ record, at }: AuditFileLine): readonly ReadQuestion[] {
  const principal = principalIn(record)
  if (typeof principal === 'string') return [{ ok: false, why: principal }]
  const { duration_ms: duration } = record
  const around = {
    now: at - (typeof duration === 'number' ? duration : 0),
    address: textIn(record, 'address'),
    route: textIn(record, 'route'),
  }
  const calls = callsIn(record)
  if (calls.length === 0)
    return [{ ok: false, why: 'it names nothing, and needs only the scopes of the route' }]
  return calls.map((recorded) => {
    const call = callOf(recorded)
    return typeof call === 'string'
      ? { ok: false, why: call }
      : { ok: true, question: { principal, call, around } }
  })
}

/** A sentence where the line says too little. */
function principalIn(record: AuditRecord): Principal | undefined | string {
  const [issuer, subject] = [textIn(record, 'issuer'), textIn(record, 'subject')]
  if (subject === '') return undefined
  const { scopes, roles, scopes_left_out: left } = record
  if (!Array.isArray(scopes))
    return 'its line does not say what was granted: a version before the one with `scopes` in its lines wrote it'
  if (left !== undefined) return `its line has only the first ${scopes.length} of the granted scopes`
  return {
    ...{ issuer, subject, key: '', clientId: textIn(record, 'client') || undefined },
    scopes: new Set(namesIn(scopes)),
    roles: Array.isArray(roles) ? namesIn(roles) : undefined,
    ...{ expiresAt: Number.POSITIVE_INFINITY, boundKey: undefined, claims: {} },
  }
}

/** What stands in a line for a message that has no method. */
const RESPONSE: Call['kind'] = 'response'

function callOf({ method, targets, leftOut }: RecordedCall): Call | string {
  if (method === RESPONSE) return 'it is an answer, and needs only the scopes of the route'
  if (leftOut > 0) return `its line has only the first ${targets.length} of what the call names`
  if (targets.some(({ length }) => length >= MAX_NAME_CHARACTERS))
    return 'its line has only the beginning of a long name'
  const read = readCall(method, targets[0], undefined)
  if (!read.ok) return read.message
  const [first] = read.call.targets
  const named = first === undefined ? [] : targets.map((name) => ({ kind: first.kind, name }))
  return { ...read.call, targets: named, args: () => UNKNOWN }
}

/** What rules said then, by rule and target; `says` as in the line. */
export type RecordedAnswers = (rule: string, target: string) => string | undefined

export function answersIn(record: AuditRecord): RecordedAnswers {
  const { answers } = record
  const said = (Array.isArray(answers) ? answers : []).filter(hasMembers)
  return (rule, target) => {
    const isIt = (answer: AuditRecord) =>
      answer['rule'] === rule && (answer['target'] === undefined || answer['target'] === target)
    const found = said.find(isIt)
    return found && textIn(found, 'says')
  }
}
