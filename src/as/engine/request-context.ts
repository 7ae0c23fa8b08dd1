// One request to the authorization server while it is answered: who asks, and whether it was refused already.
// oidc-provider calls some functions without the request; they find it here.
import { AsyncLocalStorage } from 'node:async_hooks'
import type { OnEvent } from '../events.ts'

export interface RequestContext {
  readonly address: string
  readonly path: string
  /** Client ids whose documents were asked for: one that failed is not asked for again. */
  readonly documents: Set<string>
  /** The code in the link that led to the page for devices. */
  userCode?: string
  /** Set when its address is over its limit: the request must succeed, or the address has to wait. */
  waitSeconds?: number
  /** Set once its refusal is on record. */
  isRefused: boolean
}

export type CurrentRequest = AsyncLocalStorage<RequestContext>

export function createCurrentRequest(): CurrentRequest {
  return new AsyncLocalStorage()
}

export interface RefusedRequest {
  /** An error code of OAuth, or a word of ours: never what a client sent. */
  readonly reason: string
  readonly client?: string | undefined
  readonly detail?: string | undefined
}

/** Puts a refusal on record, once for each request. */
export type ReportRefusal = (about: RefusedRequest) => void

export function createReportRefusal(currentRequest: CurrentRequest, onEvent: OnEvent): ReportRefusal {
  return ({ reason, client, detail }) => {
    const now = currentRequest.getStore()
    if (now === undefined || now.isRefused) return
    now.isRefused = true
    onEvent({
      event: 'refused',
      actor: client === undefined ? 'unknown' : `client ${client}`,
      address: now.address,
      endpoint: now.path,
      reason,
      ...(client === undefined ? {} : { client }),
      ...(detail === undefined ? {} : { detail }),
    })
  }
}

/** Refusals on pages for people: the pages put them on record themselves. */
export function markingRefusals(currentRequest: CurrentRequest, onEvent: OnEvent): OnEvent {
  return (event) => {
    const now = currentRequest.getStore()
    if (now !== undefined && event.event.endsWith('_refused')) now.isRefused = true
    onEvent(event)
  }
}
