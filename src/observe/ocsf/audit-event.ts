// What the audit tells beside calls, as OCSF: people who sign in and out as Authentication (3002), everything else (grants,
// keys, policies, clients) as API Activity (6003) of another kind, by its name.
import { randomUUID } from 'node:crypto'
import type { AuditEvent } from '../../core/audit-event.ts'
import { isFailure } from '../access-events.ts'
import { OCSF_ACTIVITY, type OcsfEvent, ocsfBase, shortened } from './base.ts'

/** What people do at the authorization server and at the console. */
const SIGN_INS: ReadonlyMap<string, number> = new Map([
  ['sign_in', OCSF_ACTIVITY.logon],
  ['sign_in_refused', OCSF_ACTIVITY.logon],
  ['operator_sign_in', OCSF_ACTIVITY.logon],
  ['operator_sign_in_refused', OCSF_ACTIVITY.logon],
  ['signed_out', OCSF_ACTIVITY.logoff],
  ['sign_out_refused', OCSF_ACTIVITY.logoff],
  ['operator_signed_out', OCSF_ACTIVITY.logoff],
])
const SERVER = { name: 'portcullis' }

/** @param time epoch milliseconds */
export function ocsfOfAuditEvent(told: AuditEvent, time: number): OcsfEvent {
  const activity = SIGN_INS.get(told.event)
  return activity === undefined ? activityOf(told, time) : authenticationOf(told, time, activity)
}

function factsOf(told: AuditEvent, time: number) {
  const { event, requestId, reason, detail } = told
  return {
    activityName: event,
    isFailure: isFailure(event),
    time: told.at ?? time,
    uid: requestId === undefined ? randomUUID() : `${requestId}/${event}`,
    code: reason,
    detail,
  }
}

function authenticationOf(told: AuditEvent, time: number, activity: number): OcsfEvent {
  const { event, actor, subject, client, address } = told
  return {
    ...ocsfBase({ of: 'authentication', activity, ...factsOf(told, time) }),
    ...(isFailure(event) ? { action_id: 2, action: 'Denied' } : { action_id: 1, action: 'Allowed' }),
    user:
      subject === undefined
        ? { name: shortened(actor), type_id: 0 }
        : { uid: shortened(subject), type_id: 0 },
    actor: {
      ...{ invoked_by: shortened(actor), ...idpOf(told) },
      ...(client === undefined ? {} : { app_uid: shortened(client) }),
    },
    service: SERVER,
    is_remote: true,
    ...(address === undefined ? {} : { src_endpoint: { ip: address } }),
  }
}

function activityOf(told: AuditEvent, time: number): OcsfEvent {
  const { event, actor, subject, client, grant, address, endpoint, cause, before, after } = told
  const unmapped = { endpoint: endpoint && shortened(endpoint), cause, before, after }
  const named = Object.entries({ subject, client, grant }).filter(
    (one): one is [string, string] => one[1] !== undefined,
  )
  return {
    ...ocsfBase({ of: 'api_activity', activity: OCSF_ACTIVITY.other, ...factsOf(told, time) }),
    actor: { user: { name: shortened(actor), type_id: 0 }, ...idpOf(told) },
    api: { operation: event, service: SERVER },
    src_endpoint: address === undefined ? { svc_name: SERVER.name } : { ip: address },
    ...(named.length === 0 ? {} : { resources: named.map(([type, uid]) => ({ uid: shortened(uid), type })) }),
    ...(Object.values(unmapped).every((value) => value === undefined) ? {} : { unmapped }),
  }
}

/** The issuer at which an operator signed in. */
function idpOf({ issuer }: AuditEvent): object {
  return issuer === undefined ? {} : { idp: { uid: shortened(issuer) } }
}
