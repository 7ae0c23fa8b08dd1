// People, clients and grants of the embedded authorization server, filtered by a text, with the buttons that end them.
import { html } from 'hono/html'
import type { ClientSummary } from '../as/operate/clients.ts'
import type { Operations } from '../as/operate/operator.ts'
import type { GrantSummary } from '../as/store/grants.ts'
import type { Person } from '../as/store/users.ts'
import type { AdminContext, AdminPage, AdminVisit } from '../http/admin-page.ts'
import { withOperations } from './operator-data.ts'
import {
  answerPage,
  type ConsoleMarkup,
  filterForm,
  noteOf,
  shownText,
  shownTime,
  wideTable,
} from './page.ts'
import { type ButtonFor, changeButtons, clientDigest, grantsTable } from './people-parts.ts'
import type { ConsoleSource } from './source.ts'

/** Rows of each table; the filter finds the others. */
const MAX_LISTED_ROWS = 200

const DONE: Readonly<Record<string, string>> = {
  disable: 'The person is shut out: every browser and every client of theirs.',
  enable: 'The person may sign in again.',
  sign_out: 'The person is signed out of every browser.',
  end_session: 'The browser is signed out.',
  revoke_grant: 'The grant is revoked, with every token of it.',
  remove_client: 'The client is removed, with every grant and token of it.',
}

/** What a change that was made is announced with. */
export function doneNote(context: AdminContext): ConsoleMarkup | '' {
  const words = new Map(Object.entries(DONE)).get(context.req.query('done') ?? '')
  return words === undefined ? '' : noteOf('done', words)
}

export const peoplePage =
  (source: ConsoleSource): AdminPage['answer'] =>
  (context, visit) =>
    showPeople(source, context, visit, { note: doneNote(context), status: 200 })

export interface ShownNote {
  readonly note: ConsoleMarkup | ''
  readonly status: 200 | 404 | 409
}

export async function showPeople(
  { settings }: Pick<ConsoleSource, 'settings'>,
  context: AdminContext,
  visit: AdminVisit,
  { note, status }: ShownNote,
): Promise<Response> {
  const text = context.req.query('q') ?? ''
  const tables = await withOperations(settings(), visit, (data) => tablesOf(data, text.toLowerCase(), visit))
  const nothing = html`<p>No issuer is embedded here: people, clients and grants are at your issuer.</p>`
  return answerPage(context, visit, {
    title: 'People',
    section: '/console/people',
    content: html`${note}${tables === undefined ? nothing : html`${filterForm('/console/people', text)}${tables}`}`,
    status,
  })
}

async function tablesOf(data: Operations, text: string, visit: AdminVisit): Promise<ConsoleMarkup> {
  const buttonFor = changeButtons(visit)
  const people = fitting(await data.users.list(), text, ({ subject, name, email }) => [
    subject,
    name,
    email ?? '',
  ])
  const clients = fitting(await data.clients.list(), text, ({ id, name }) => [id, name ?? ''])
  const grants = fitting(await data.grants.list({}), text, ({ subject, clientId }) => [subject, clientId])
  return html`<h2>People</h2>${countOf(people)}${peopleTable(people)}
<h2>Clients</h2>${countOf(clients)}${clientsTable(clients, buttonFor)}
<h2>Grants</h2>${countOf(grants)}${grantsTable(firstOf(grants), buttonFor)}`
}

function fitting<T>(all: readonly T[], text: string, fieldsOf: (one: T) => readonly string[]): readonly T[] {
  return all.filter((one) => fieldsOf(one).some((field) => field.toLowerCase().includes(text)))
}

function firstOf<T>(all: readonly T[]): readonly T[] {
  return all.slice(0, MAX_LISTED_ROWS)
}

function countOf({ length }: readonly (Person | ClientSummary | GrantSummary)[]): ConsoleMarkup {
  const cut = length > MAX_LISTED_ROWS ? `; these are the first ${MAX_LISTED_ROWS}` : ''
  return html`<p class="soft">${length} that fit${cut}.</p>`
}

function peopleTable(people: readonly Person[]): ConsoleMarkup {
  if (people.length === 0) return html``
  return wideTable(
    'People',
    html`<table><thead><tr><th scope="col">Subject</th><th scope="col">Name</th><th scope="col">Signs in</th>
<th scope="col">State</th><th scope="col">Signed in (UTC)</th></tr></thead><tbody>${firstOf(people).map(personRow)}</tbody></table>`,
  )
}

function personRow({ subject, name, provider, disabled, signedInAt }: Person): ConsoleMarkup {
  return html`<tr><th scope="row"><a href="/console/people/person?subject=${encodeURIComponent(subject)}">${shownText(subject)}</a></th>
<td>${shownText(name)}</td><td>${shownText(provider ?? 'here')}</td><td>${disabled ? html`<span class="state no">shut out</span>` : 'may sign in'}</td>
<td>${signedInAt === undefined ? 'never' : shownTime(signedInAt)}</td></tr>
`
}

function clientsTable(clients: readonly ClientSummary[], buttonFor: ButtonFor | undefined): ConsoleMarkup {
  if (clients.length === 0) return html``
  return wideTable(
    'Clients',
    html`<table><thead><tr><th scope="col">Client</th><th scope="col">Says it is</th><th scope="col">Known by</th>
<th scope="col">Returns to</th><th scope="col" class="number">Grants</th><th scope="col">Used (UTC)</th>${buttonFor ? html`<th scope="col">Change</th>` : ''}</tr></thead>
<tbody>${firstOf(clients).map((client) => clientRow(client, buttonFor))}</tbody></table>`,
  )
}

function clientRow(client: ClientSummary, buttonFor: ButtonFor | undefined): ConsoleMarkup {
  const { id, name = '', origin, redirectUris, grants, usedAt } = client
  const button = {
    change: 'remove_client',
    words: 'Remove',
    id,
    subject: '',
    digest: clientDigest(client),
  } as const
  return html`<tr><th scope="row">${shownText(id)}</th><td>${shownText(name)}</td><td>${origin}</td>
<td class="words">${redirectUris.map((uri) => html`<div>${shownText(uri)}</div>`)}</td><td class="number">${grants}</td>
<td>${usedAt === undefined ? '' : shownTime(usedAt)}</td>${buttonFor ? html`<td>${buttonFor(button, `client ${id}`)}</td>` : ''}</tr>
`
}
