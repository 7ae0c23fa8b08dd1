// What the audit tells beside calls, as OCSF: people who sign in and out as Authentication (3002), everything else (grants,
// keys, policies, clients) as API Activity (6003) of another kind, by its name.
import { randomUUID } from 'node:crypto'
import type { AuditEvent } from '../../core/audit-event.ts'
import { OCSF_ACTIVITY, type OcsfEvent, type OcsfFacts, ocsfBase, shortened } from './base.ts'

/** Name of the event → what it is, and whether it failed. */
const SIGN_INS: Readonly<Record<string, { readonly activity: number; readonly isFailure: boolean }>> = {
  sign_in: { activity: OCSF_ACTIVITY.logon, isFailure: false },
  sign_in_refused: { activity: OCSF_ACTIVITY.logon, isFailure: true },
  signed_out: { activity: OCSF_ACTIVITY.logoff, isFailure: false },
  sign_out_refused: { activity: OCSF_ACTIVITY.logoff, isFailure: true },
}
const FAILURES: ReadonlySet<string> = new Set([
  ...['refused', 'consent_refused', 'refresh_reused', 'code_replayed', 'worker_died', 'refusals_counted'],
])
const SERVER = { name: 'portcullis' }

/** @param time epoch milliseconds */
export function ocsfOfAuditEvent(told: AuditEvent, time: number): OcsfEvent {
  const signIn = SIGN_INS[told.event]
  return signIn === undefined ? activityOf(told, time) : authenticationOf(told, time, signIn)
}

function factsOf(told: AuditEvent, time: number) {
  const { event, requestId, reason, detail } = told
  return {
    activityName: event,
    time: told.at ?? time,
    uid: requestId === undefined ? randomUUID() : `${requestId}/${event}`,
    code: reason,
    detail,
  }
}

function authenticationOf(
  told: AuditEvent,
  time: number,
  { activity, isFailure }: Pick<OcsfFacts, 'activity' | 'isFailure'>,
): OcsfEvent {
  const { actor, subject, client, address } = told
  return {
    ...ocsfBase({ of: 'authentication', activity, isFailure, ...factsOf(told, time) }),
    ...(isFailure ? { action_id: 2, action: 'Denied' } : { action_id: 1, action: 'Allowed' }),
    user:
      subject === undefined
        ? { name: shortened(actor), type_id: 0 }
        : { uid: shortened(subject), type_id: 0 },
    actor: { invoked_by: shortened(actor), ...(client === undefined ? {} : { app_uid: shortened(client) }) },
    service: SERVER,
    is_remote: true,
    ...(address === undefined ? {} : { src_endpoint: { ip: address } }),
  }
}

function activityOf(told: AuditEvent, time: number): OcsfEvent {
  const { event, actor, subject, client, grant, address, endpoint } = told
  const named = Object.entries({ subject, client, grant }).filter(
    (one): one is [string, string] => one[1] !== undefined,
  )
  const isFailure = FAILURES.has(event)
  return {
    ...ocsfBase({ of: 'api_activity', activity: OCSF_ACTIVITY.other, isFailure, ...factsOf(told, time) }),
    actor: { user: { name: shortened(actor), type_id: 0 } },
    api: { operation: event, service: SERVER },
    src_endpoint: address === undefined ? { svc_name: SERVER.name } : { ip: address },
    ...(named.length === 0 ? {} : { resources: named.map(([type, uid]) => ({ uid: shortened(uid), type })) }),
    ...(endpoint === undefined ? {} : { unmapped: { endpoint: shortened(endpoint) } }),
  }
}
