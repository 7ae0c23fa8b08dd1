// One exchange as the object that is its audit line. Identity is issuer, subject and client; never a token, a claim
// value or an argument. Writes nothing.
import type { Call } from '../core/call.ts'
import type { Refusal } from '../core/refusal.ts'
import type { Facts } from './facts.ts'

export const MAX_NAME_CHARACTERS = 200

export interface Outcome {
  readonly status: number | undefined
  readonly rpc: string | undefined
  readonly ending: string | undefined
  /** Milliseconds. */
  readonly duration: number | undefined
}

/** Of a call that is admitted and has not been made. */
export const NO_OUTCOME: Outcome = {
  status: undefined,
  rpc: undefined,
  ending: undefined,
  duration: undefined,
}

/** Members that are undefined do not stand in the line. What only some lines have is put in for those alone. */
export function lineOf(event: string, time: string, facts: Facts, outcome: Outcome): object {
  const { principal, calls, refusal } = facts
  const only = calls.length === 1 ? calls[0] : undefined
  const line = {
    time,
    stream: 'audit',
    event,
    request_id: facts.id,
    client_request_id: facts.clientRequestId?.slice(0, MAX_NAME_CHARACTERS),
    generation: facts.generation,
    route: facts.route,
    address: facts.address,
    http_method: facts.httpMethod,
    method: only && methodOf(only),
    target: only && targetOf(only),
    issuer: principal?.issuer,
    subject: principal?.subject,
    client: principal?.clientId,
    decision: refusal === undefined ? 'allowed' : 'refused',
    rule: facts.rule === '' ? undefined : facts.rule,
    status: outcome.status,
    rpc: outcome.rpc,
    ending: outcome.ending,
    duration_ms: outcome.duration,
  }
  const plain = only && refusal === undefined && facts.faulty === undefined && facts.would === undefined
  return plain ? line : { ...line, ...rareMembers(facts) }
}

function rareMembers({ calls, refusal, faulty, would }: Facts): object {
  const several = calls.map((call) => ({ method: methodOf(call), target: targetOf(call) }))
  return {
    calls: calls.length === 1 ? undefined : several,
    reason: refusal?.reason,
    detail: refusal && 'detail' in refusal ? refusal.detail : undefined,
    check: refusal?.reason === 'token_rejected' ? refusal.check : undefined,
    missing: refusal?.reason === 'scope_missing' ? refusal.missing : undefined,
    faulty,
    would: would && describeWould(would),
  }
}

/** What enforcing would have done: the words of `reason`, `rule` and `missing` above. */
function describeWould(would: Refusal): Record<string, unknown> {
  return {
    reason: would.reason,
    rule: 'rule' in would ? would.rule : undefined,
    missing: would.reason === 'scope_missing' ? would.missing : undefined,
  }
}

function methodOf(call: Call): string {
  return call.method === '' ? call.kind : call.method.slice(0, MAX_NAME_CHARACTERS)
}

function targetOf({ targets }: Call): string | readonly string[] | undefined {
  if (targets.length > 1) return targets.map(({ name }) => name.slice(0, MAX_NAME_CHARACTERS))
  return targets[0]?.name.slice(0, MAX_NAME_CHARACTERS)
}
