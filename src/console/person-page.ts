// One person: browsers in which they are signed in, what they gave to clients, and the buttons that end it.
import { html } from 'hono/html'
import type { Operations } from '../as/operate/operator.ts'
import type { LoginSession } from '../as/store/login-sessions.ts'
import type { Person } from '../as/store/users.ts'
import type { AdminContext, AdminPage, AdminVisit } from '../http/admin-page.ts'
import { withOperations } from './operator-data.ts'
import { answerPage, type ConsoleMarkup, shownText, shownTime, wideTable } from './page.ts'
import { doneNote, type ShownNote } from './people-page.ts'
import { type ButtonFor, changeButtons, grantsTable, personDigest, sessionDigest } from './people-parts.ts'
import type { ConsoleSource } from './source.ts'

export const personPage =
  (source: ConsoleSource): AdminPage['answer'] =>
  (context, visit) =>
    showPerson(source, context, visit, {
      ...{ subject: context.req.query('subject') ?? '', note: doneNote(context), status: 200 },
    })

export async function showPerson(
  { settings }: Pick<ConsoleSource, 'settings'>,
  context: AdminContext,
  visit: AdminVisit,
  { subject, note, status }: ShownNote & { readonly subject: string },
): Promise<Response> {
  const content = await withOperations(settings(), visit, (data) => contentOf(data, subject, visit))
  return answerPage(context, visit, {
    title: content === undefined ? 'There is no such person' : 'One person',
    section: '/console/people',
    content: html`${note}<p><a href="/console/people">All people</a></p>${content ?? ''}`,
    status: content === undefined && status === 200 ? 404 : status,
  })
}

async function contentOf(
  data: Operations,
  subject: string,
  visit: AdminVisit,
): Promise<ConsoleMarkup | undefined> {
  const person = (await data.users.list()).find((one) => one.subject === subject)
  if (person === undefined) return undefined
  const buttonFor = changeButtons(visit)
  const [sessions, grants] = [await data.sessions.list(subject), await data.grants.list({ subject })]
  return html`<dl class="facts"><dt>Subject</dt><dd>${shownText(person.subject)}</dd><dt>Name</dt><dd>${shownText(person.name)}</dd>
<dt>E-mail</dt><dd>${shownText(person.email ?? '')}</dd><dt>Signs in</dt><dd>${shownText(person.provider ?? 'here')}</dd>
<dt>Groups</dt><dd>${shownText(person.groups.join(', '))}</dd><dt>State</dt><dd>${person.disabled ? 'shut out' : 'may sign in'}</dd></dl>
${buttonFor ? buttonsOf(person, buttonFor) : ''}
<h2>Browsers</h2>${sessionsTable(sessions, buttonFor)}
<h2>Grants</h2>${grantsTable(grants, buttonFor)}`
}

function buttonsOf(person: Person, buttonFor: ButtonFor): ConsoleMarkup {
  const { subject, disabled } = person
  const own = { id: subject, subject, digest: personDigest(person) }
  const door = disabled
    ? ({ change: 'enable', words: 'Let in again', ...own } as const)
    : ({ change: 'disable', words: 'Shut out', ...own } as const)
  const out = { change: 'sign_out', words: 'Sign out of every browser', ...own } as const
  return html`<div class="buttons">${buttonFor(door, subject)}${buttonFor(out, subject)}</div>`
}

function sessionsTable(sessions: readonly LoginSession[], buttonFor: ButtonFor | undefined): ConsoleMarkup {
  if (sessions.length === 0) return html`<p>They are signed in nowhere.</p>`
  return wideTable(
    'Browsers',
    html`<table><thead><tr><th scope="col">Browser</th><th scope="col">From</th><th scope="col">Since (UTC)</th>
<th scope="col">Used (UTC)</th>${buttonFor ? html`<th scope="col">Change</th>` : ''}</tr></thead>
<tbody>${sessions.map((session) => sessionRow(session, buttonFor))}</tbody></table>`,
  )
}

function sessionRow(session: LoginSession, buttonFor: ButtonFor | undefined): ConsoleMarkup {
  const { id, subject, browser, address, beganAt, usedAt } = session
  const button = {
    change: 'end_session',
    words: 'Sign out',
    id,
    subject,
    digest: sessionDigest(session),
  } as const
  return html`<tr><th scope="row">${shownText(browser === '' ? 'unknown' : browser)}</th><td>${shownText(address)}</td><td>${shownTime(beganAt)}</td>
<td>${shownTime(usedAt)}</td>${buttonFor ? html`<td>${buttonFor(button, `the browser ${browser}`)}</td>` : ''}</tr>
`
}
