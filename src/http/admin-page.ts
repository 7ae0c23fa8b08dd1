// What is served on the administration port, as a value: each page names the right that it needs, and is told who asks.
// admin.ts holds it against the request; this file decides nothing.
import type { IncomingMessage } from 'node:http'
import type { Context } from 'hono'
import type { AuditEvent } from '../core/audit-event.ts'
import type { Operator, OperatorRight } from '../core/operator.ts'
import type { MaybeAsync } from '../core/turn.ts'

export interface AdminPage {
  /** What a `POST` changes is recorded with `visit.record`; a `GET` changes nothing, and answers HEAD too. */
  readonly method: 'GET' | 'POST'
  /** A pattern of Hono: `/console/grants/:id`. */
  readonly path: string
  /** Without it the answer is 403, and `answer` is not called. */
  readonly right: OperatorRight
  /** Whether anybody on loopback may read it while the file names no credentials. */
  readonly isOpen?: true
  answer(context: AdminContext, visit: AdminVisit): MaybeAsync<Response>
}

/** A page that finds out by itself who asks, by a signature over what was sent. It answers POST, and no operator is asked for. */
export interface SignedPage {
  readonly path: string
  /** @param address of the client, behind trusted proxies */
  answer(context: AdminContext, address: string): MaybeAsync<Response>
}

export type AdminContext = Context<AdminEnvironment>

export interface AdminEnvironment {
  readonly Bindings: { readonly incoming: IncomingMessage }
}

/** What answers whoever asks, before anybody is known: the way to a session. */
export type OpenPage = Pick<AdminPage, 'method' | 'path'> & {
  answer(context: AdminContext): MaybeAsync<Response>
}

/** One request of an operator who has the right that the page needs. */
export interface AdminVisit {
  readonly operator: Operator
  /** Of the client, behind trusted proxies. */
  readonly address: string
  /**
   * What a form of the page sends back in a field `csrf`, or a script in `x-portcullis-csrf`: without it a `POST` is 403.
   * Empty where a token was shown, which no browser sends by itself.
   */
  readonly formToken: string
  /** Writes a change into the audit, with the operator as its actor. */
  record(event: Omit<AuditEvent, 'actor' | 'address'>): void
  /**
   * Whether the operator may still do what they began with. An answer that lasts, such as an event stream, asks before
   * each thing it writes.
   */
  isStillAllowed(): MaybeAsync<boolean>
}
