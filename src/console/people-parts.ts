// What the pages of people show of the data of the authorization server, and the buttons that change it. Each button
// carries the digest of what stands beside it, so that what changed meanwhile is shown anew and not changed.
import { html } from 'hono/html'
import type { ClientSummary } from '../as/operate/clients.ts'
import type { GrantSummary } from '../as/store/grants.ts'
import type { LoginSession } from '../as/store/login-sessions.ts'
import type { Person } from '../as/store/users.ts'
import { visibleText } from '../core/visible.ts'
import type { AdminVisit } from '../http/admin-page.ts'
import { formToken, shownDigest } from './form.ts'
import { type ConsoleMarkup, shownText, shownTime, wideTable } from './page.ts'

/** What a button does, as its form says it. */
export type PersonChange =
  | 'disable'
  | 'enable'
  | 'sign_out'
  | 'end_session'
  | 'revoke_grant'
  | 'remove_client'

export interface ChangeButton {
  readonly change: PersonChange
  readonly words: string
  /** The id of what is changed. */
  readonly id: string
  /** The person whom it is about; empty for a client. */
  readonly subject: string
  /** Of what is shown of it. */
  readonly digest: string
}

/** Writes a button. @param about what it is about, for whoever hears it without the row */
export type ButtonFor = (button: ChangeButton, about: string) => ConsoleMarkup

/** Undefined for whoever may not change anything here. */
export function changeButtons(visit: AdminVisit): ButtonFor | undefined {
  if (!visit.operator.rights.has('operate')) return undefined
  return (
    { change, words, id, subject, digest },
    about,
  ) => html`<form method="post" action="/console/people/change">
${formToken(visit)}<input type="hidden" name="change" value="${change}"><input type="hidden" name="id" value="${id}">
<input type="hidden" name="subject" value="${subject}"><input type="hidden" name="shown" value="${digest}">
<button type="submit" class="quiet small" aria-label="${words} ${visibleText(about)}">${words}</button></form>`
}

export function personDigest({ subject, disabled, groups, provider }: Person): string {
  return shownDigest(subject, disabled, groups, provider ?? '')
}

/** Without when it was used: that says nothing about what is revoked, and changes all the time. */
export function grantDigest({ id, subject, clientId, resources }: GrantSummary): string {
  return shownDigest(id, subject, clientId, resources)
}

export function sessionDigest({ id, subject, browser, address }: LoginSession): string {
  return shownDigest(id, subject, browser, address)
}

export function clientDigest({ id, name, redirectUris, origin }: ClientSummary): string {
  return shownDigest(id, name ?? '', redirectUris, origin)
}

export function grantsTable(
  grants: readonly GrantSummary[],
  buttonFor: ButtonFor | undefined,
): ConsoleMarkup {
  if (grants.length === 0) return html`<p>There are no grants.</p>`
  return wideTable(
    'Grants',
    html`<table><thead><tr><th scope="col">Person</th><th scope="col">Client</th><th scope="col">For</th>
<th scope="col">Since (UTC)</th><th scope="col">Used (UTC)</th>${buttonFor ? html`<th scope="col">Change</th>` : ''}</tr></thead>
<tbody>${grants.map((grant) => grantRow(grant, buttonFor))}</tbody></table>`,
  )
}

function grantRow(grant: GrantSummary, buttonFor: ButtonFor | undefined): ConsoleMarkup {
  const { id, subject, clientId, resources, createdAt, usedAt } = grant
  const scopes = Object.entries(resources).map(
    ([resource, text]) => html`<div>${shownText(resource)}: ${shownText(text)}</div>`,
  )
  const button = { change: 'revoke_grant', words: 'Revoke', id, subject, digest: grantDigest(grant) } as const
  return html`<tr><td><a href="/console/people/person?subject=${encodeURIComponent(subject)}">${shownText(subject)}</a></td>
<td>${shownText(clientId)}</td><td class="words">${scopes}</td><td>${shownTime(createdAt)}</td><td>${shownTime(usedAt)}</td>
${buttonFor ? html`<td>${buttonFor(button, `what ${subject} gave to ${clientId}`)}</td>` : ''}</tr>
`
}
