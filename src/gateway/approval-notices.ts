// Tells a service of yours of each approval that was asked for, by a signed webhook. What cannot be told is tried again a few
// times, and then only the log says so: the approval waits all the same, and is decided here.
import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { Approval } from '../approvals/approval.ts'
import { signWebhook } from '../approvals/webhook-signature.ts'
import { approvalPageUrl } from '../core/approval-page.ts'
import type { ApprovalWebhookSettings } from '../core/settings-approvals.ts'
import { createHttpClient, type HttpClient } from '../lib/bounded-http.ts'
import { guardedLookup } from '../lib/guarded-lookup.ts'
import type { Logger } from '../observe/log.ts'

const TIMEOUT_MS = 5_000
const MAX_CONNECTIONS = 4
/** What a service may answer; nothing of it is used. */
const MAX_ANSWER_BYTES = 16 * 1024
/** Notices that are on their way, or wait to be tried again. */
const MAX_UNDER_WAY = 200
/** The pauses before each further try, in milliseconds. */
const PAUSES = [1_000, 5_000, 20_000] as const

export interface ApprovalNotices {
  tell(approval: Approval): void
  close(): Promise<void>
}

export interface ApprovalNoticesOptions {
  readonly settings: () => ApprovalWebhookSettings | undefined
  /** Of the gateway, whose page says how an approval stands. */
  readonly publicUrl: () => string
  readonly log: Pick<Logger, 'warn'>
}

export function createApprovalNotices({ settings, publicUrl, log }: ApprovalNoticesOptions): ApprovalNotices {
  const ending = new AbortController()
  let client: { readonly http: HttpClient; readonly ca: string | undefined } | undefined
  let underWay = 0
  const clientFor = ({ ca }: ApprovalWebhookSettings): HttpClient => {
    if (client !== undefined && client.ca === ca) return client.http
    void client?.http.close()
    const bounds = { timeoutMs: TIMEOUT_MS, connections: MAX_CONNECTIONS, lookup: guardedLookup }
    client = { http: createHttpClient({ ...bounds, ca }), ca }
    return client.http
  }
  const failed = (id: string, why: string) =>
    log.warn(
      { event: 'approval_notice', approval: id, why },
      'an approval could not be told; it waits all the same',
    )
  const deliver = async (webhook: ApprovalWebhookSettings, approval: Approval) => {
    const body = noticeOf(approval, publicUrl())
    const id = `msg_${randomUUID()}`
    for (const pause of [...PAUSES, undefined]) {
      const why = await post(clientFor(webhook), webhook, id, body)
      if (why === undefined) return
      if (pause === undefined || approval.until <= Date.now() + pause) return failed(approval.id, why)
      await delay(pause, undefined, { signal: ending.signal, ref: false })
    }
  }
  return {
    tell(approval) {
      const webhook = settings()
      if (webhook === undefined) return
      if (underWay >= MAX_UNDER_WAY) return failed(approval.id, 'too many are on their way')
      underWay += 1
      deliver(webhook, approval)
        .catch(() => undefined) // the gateway ends
        .finally(() => {
          underWay -= 1
        })
    },
    async close() {
      ending.abort()
      await client?.http.close()
    },
  }
}

/** Undefined where it was taken; otherwise why not. */
async function post(
  http: HttpClient,
  { url, secret }: ApprovalWebhookSettings,
  id: string,
  body: string,
): Promise<string | undefined> {
  const timestamp = String(Math.floor(Date.now() / 1_000))
  const headers = {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signWebhook(secret.reveal(), id, timestamp, body),
  }
  const outcome = await http.ask({ url, method: 'POST', headers, body, maxBytes: MAX_ANSWER_BYTES })
  if (!outcome.ok) return outcome.why
  const { status } = outcome.answer
  return status >= 200 && status < 300 ? undefined : `it answered ${status}`
}

/** All that an approver has to see. */
function noticeOf({ id, digest, call, askedAt, until }: Approval, publicUrl: string): string {
  const { route, issuer, subject, client, tool, rules, params } = call
  const data = {
    ...{ id, digest, route, tool, issuer, subject, client, rules, params },
    until: new Date(until).toISOString(),
    page: approvalPageUrl(publicUrl, id),
  }
  return JSON.stringify({ type: 'approval.requested', timestamp: new Date(askedAt).toISOString(), data })
}
