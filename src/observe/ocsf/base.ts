// What every OCSF event of the gateway has (Open Cybersecurity Schema Framework 1.8.0): class, time, status and where it
// comes from. Values only; test/observe/ocsf holds them against the schema.
import { MAX_NAME_CHARACTERS } from '../audit-line.ts'

const OCSF_VERSION = '1.8.0'

/** `class_uid` and `category_uid`. */
export const OCSF_CLASS = {
  authentication: [3002, 3],
  api_activity: [6003, 6],
} as const

/** `activity_id`; `other` is told by its name in `activity_name`. */
export const OCSF_ACTIVITY = { logon: 1, logoff: 2, read: 2, other: 99 } as const

/** Severities as syslog needs them too. */
export const OCSF_SEVERITY = { informational: 1, low: 2 } as const

export interface OcsfEvent {
  /** Epoch milliseconds. */
  readonly time: number
  readonly severity_id: (typeof OCSF_SEVERITY)[keyof typeof OCSF_SEVERITY]
  readonly class_uid: (typeof OCSF_CLASS)[keyof typeof OCSF_CLASS][0]
  readonly [name: string]: unknown
}

export interface OcsfFacts {
  readonly of: keyof typeof OCSF_CLASS
  readonly activity: number
  readonly activityName: string
  readonly time: number
  /** Tells this event from every other. */
  readonly uid: string
  readonly isFailure: boolean
  /** A word of the gateway: why it failed. */
  readonly code: string | undefined
  readonly detail: string | undefined
}

export function ocsfBase(facts: OcsfFacts): OcsfEvent {
  const { of, activity, activityName, time, uid, isFailure, code, detail } = facts
  const [classUid, categoryUid] = OCSF_CLASS[of]
  return {
    activity_id: activity,
    activity_name: shortened(activityName),
    category_uid: categoryUid,
    class_uid: classUid,
    type_uid: classUid * 100 + activity,
    time,
    severity_id: isFailure ? OCSF_SEVERITY.low : OCSF_SEVERITY.informational,
    status_id: isFailure ? 2 : 1,
    status: isFailure ? 'Failure' : 'Success',
    status_code: code,
    status_detail: detail === undefined ? undefined : shortened(detail),
    metadata: {
      version: OCSF_VERSION,
      uid,
      profiles: ['security_control'],
      product: { name: 'Portcullis', vendor_name: 'Portcullis' },
      log_name: 'audit',
    },
  }
}

export function shortened(text: string): string {
  return text.slice(0, MAX_NAME_CHARACTERS)
}
