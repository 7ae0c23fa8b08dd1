// Ends a request that is refused: sends the answer, and writes into the record why.

import type { Refusal } from '../core/refusal.ts'
import { type Answer, writeAnswer } from '../http/answer.ts'
import { type DeniedRequest, deny, UNREAD_REQUEST } from '../http/deny.ts'
import type { PersonPage, RouteRequest } from './request-state.ts'

export function endRefused(
  refusal: Refusal,
  { inbound, endpoint, record, page }: RouteRequest,
  denied: DeniedRequest = UNREAD_REQUEST,
): undefined {
  const { response } = inbound
  if (response.destroyed) {
    if (!refusal.reason.startsWith('upstream_')) record.refusal = refusal // the client left, so a failure of its upstream means nothing
    record.status = 499 // the client left: nothing to send
    record.ending = 'client_closed'
    return
  }
  const answer = withPage(refusal, deny(refusal, endpoint.denial, denied), page)
  record.refusal = refusal
  record.status = answer.status
  record.rpc = denied.bodyRead ? 'error' : 'none'
  writeAnswer(response, answer, inbound.own)
}

/** CHL-01: status and challenge stay; a browser shows the page and never sees them. */
function withPage({ reason }: Refusal, answer: Answer, page: PersonPage | undefined): Answer {
  if (page === undefined || reason !== 'token_missing') return answer
  return { ...answer, headers: { ...answer.headers, ...page.headers }, body: page.body }
}
