// A request as OCSF API Activity (6003): who called what, from where, whether it was allowed and by which rule, and what came
// of it. Never a token, a claim value or an argument. Scopes, roles, answers of rules and what was withheld are in its audit
// line alone.
import type { Call } from '../../core/call.ts'
import type { Refusal } from '../../core/refusal.ts'
import type { RequestRecord } from '../request-record.ts'
import { OCSF_ACTIVITY, type OcsfEvent, ocsfBase, shortened } from './base.ts'

const READS =
  /^(?:tools|prompts|resources|skills|tasks)\/(?:list|get|read|result)$|^resources\/templates\/list$/
const ALLOWED = { action_id: 1, action: 'Allowed', disposition_id: 1, disposition: 'Allowed' }
const DENIED = { action_id: 2, action: 'Denied', disposition_id: 2, disposition: 'Blocked' }

/** @param time epoch milliseconds, when it ended */
export function requestEvent(record: RequestRecord, time: number): OcsfEvent {
  const { id, route, address, httpMethod, calls, refusal, status, rpc, startedMs } = record
  const operation = operationOf(record)
  const hasFailed = refusal !== undefined || status >= 400 || rpc === 'error' || rpc === 'tool_error'
  const duration = Math.max(0, Math.round(performance.now() - startedMs))
  return {
    ...ocsfBase({
      of: 'api_activity',
      activity: READS.test(operation) ? OCSF_ACTIVITY.read : OCSF_ACTIVITY.other,
      ...{ activityName: operation, time, uid: id, isFailure: hasFailed },
      code: refusal?.reason ?? (hasFailed ? rpc : undefined),
      detail: refusal !== undefined && 'detail' in refusal ? refusal.detail : undefined,
    }),
    ...(refusal === undefined ? ALLOWED : DENIED),
    duration,
    actor: actorOf(record),
    api: { operation, service: { name: route }, request: { uid: id } },
    dst_endpoint: { svc_name: route },
    src_endpoint: { ip: address },
    http_request: { http_method: httpMethod, uid: id },
    http_response: { code: status, latency: duration },
    ...policyOf(record),
    ...(calls.length === 0 ? {} : { resources: calls.flatMap(resourcesOf) }),
    unmapped: unmappedOf(record),
  }
}

function operationOf({ calls, httpMethod }: RequestRecord): string {
  const [first] = calls
  if (first === undefined) return httpMethod
  return calls.length > 1 ? 'batch' : shortened(first.method === '' ? first.kind : first.method)
}

/** Of a refused token: whom it names, if it is genuine. */
function actorOf({ principal, refusal }: RequestRecord): object {
  if (principal !== undefined) {
    const { issuer, subject, clientId } = principal
    const app = clientId === undefined ? {} : { app_uid: clientId }
    return { user: { uid: subject, type_id: 0 }, idp: { uid: issuer }, ...app }
  }
  const client = refusal !== undefined && 'client' in refusal ? refusal.client : undefined
  const holder = refusal !== undefined && 'holder' in refusal ? refusal.holder : undefined
  if (holder?.subject !== undefined)
    return { user: { uid: holder.subject, type_id: 0 }, idp: { uid: holder.issuer }, app_uid: client }
  return client === undefined ? { invoked_by: 'a caller without a proved token' } : { app_uid: client }
}

function resourcesOf({ targets, method }: Call): object[] {
  if (targets.length === 0) return [{ name: shortened(method) || 'response', type: 'method' }]
  return targets.map(({ kind, name }) => ({ name: shortened(name), type: kind }))
}

/** The rule that spoke, and the digest of the policy that has it. */
function policyOf({ rule, policy }: RequestRecord): object {
  const name = rule === '' ? {} : { name: shortened(rule) }
  return rule === '' && policy === undefined ? {} : { policy: { ...name, uid: policy?.digest } }
}

/** What the class has no place for. */
function unmappedOf({ generation, clientRequestId, ending, rpc, refusal, approval }: RequestRecord): object {
  const client = clientRequestId === undefined ? {} : { client_request_id: shortened(clientRequestId) }
  const missing = refusal?.reason === 'scope_missing' ? { missing_scopes: refusal.missing } : {}
  return { generation, ending, rpc, approval, ...client, ...missing, ...tokenFactsOf(refusal) }
}

function tokenFactsOf(refusal: Refusal | undefined): object {
  if (refusal?.reason !== 'token_rejected') return {}
  const { check, audience } = refusal
  return { check, audience: audience?.named, audience_wanted: audience?.wanted }
}
