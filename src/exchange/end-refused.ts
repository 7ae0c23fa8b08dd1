// Ends a request that is refused: sends the answer, and writes into the record why.

import type { Refusal } from '../core/refusal.ts'
import { writeAnswer } from '../http/answer.ts'
import { type DeniedRequest, deny, UNREAD_REQUEST } from '../http/deny.ts'
import type { RouteRequest } from './request-state.ts'

export function endRefused(
  refusal: Refusal,
  { inbound, endpoint, record }: RouteRequest,
  denied: DeniedRequest = UNREAD_REQUEST,
): undefined {
  const { response } = inbound
  if (response.destroyed) {
    if (!refusal.reason.startsWith('upstream_')) record.refusal = refusal // the client left, so a failure of its upstream means nothing
    record.status = 499 // the client left: nothing to send
    record.ending = 'client_closed'
    return
  }
  const answer = deny(refusal, endpoint.denial, denied)
  record.refusal = refusal
  record.status = answer.status
  record.rpc = denied.bodyRead ? 'error' : 'none'
  writeAnswer(response, answer, inbound.own)
}
