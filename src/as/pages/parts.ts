// Pieces that several pages share: who asks, what for, what went wrong, the hidden fields of a form.
import { html } from 'hono/html'
import type { ImageUrl } from '../../core/branding.ts'
import type { Vouched } from '../people.ts'
import type { Markup } from './markup.ts'
import { clientHost, type Destination, destinationOf, shownAddress, shownName } from './shown-text.ts'
import type { Locale, Sentence } from './texts/locale.ts'

/** Who asks, as far as it is known. `name` is what the client says of itself, and proves nothing. */
export interface ClientShown {
  readonly id: string
  readonly name: string | undefined
  /** Where the person will be sent afterwards; undefined in the device flow. */
  readonly redirectUri: string | undefined
  /** Who vouches for it; undefined where that does not matter any more. */
  readonly vouched?: Vouched | undefined
  readonly icon?: ImageUrl | undefined
}

/** The protected server that it is about. `title` is the operator's word, or what the server says of itself. */
export interface ServerShown {
  readonly url: string
  readonly title?: string | undefined
  readonly icon?: ImageUrl | undefined
}

export interface FormProblem {
  readonly text: Sentence
  /** The id of the input it is about: the summary links to it. */
  readonly field?: string
}

/** Error summary: first in the page, announced, and linked to the field (WCAG 3.3.1). */
export function problemNote(locale: Locale, problem: FormProblem | undefined): Markup | '' {
  if (problem === undefined) return ''
  const said = locale.sentence(problem.text)
  const text = problem.field === undefined ? said : html`<a href="#${problem.field}">${said}</a>`
  return html`<div class="note bad" role="alert" id="problem"><p>${text}</p></div>`
}

/** The title of a page with a form: what went wrong is heard first, where the title is read aloud (WCAG 2.4.2). */
export function formTitle(locale: Locale, title: string, problem: FormProblem | undefined): string {
  return problem === undefined ? title : locale.text('problemTitle', { title })
}

/** The attributes of an input: whether the problem is about it, and what describes it. @param rule the id of its rule */
export function invalidField(problem: FormProblem | undefined, field: string, rule?: string): Markup | '' {
  const isWrong = problem?.field === field
  const described = [isWrong ? ['problem'] : [], rule ?? []].flat().join(' ')
  return html`${isWrong ? html` aria-invalid="true"` : ''}${described === '' ? '' : html` aria-describedby="${described}"`}`
}

/** A form that changes something: POST, to a path of ours, with the token that only our own page could know. */
export interface FormTarget {
  readonly action: string
  readonly token: string
}

export function hiddenFields({ token }: FormTarget): Markup {
  return html`<input type="hidden" name="csrf" value="${token}">`
}

/** A client's name for headings; never empty, and without a way to look like our own words. */
export function clientName(locale: Locale, client: Pick<ClientShown, 'name'>): string {
  const said = client.name === undefined ? '' : shownName(client.name)
  return said === '' ? locale.text('unnamedClient') : said
}

/** A server's name for headings: its host and path where it has no other. */
export function serverName(server: ServerShown): string {
  return shownName(server.title ?? '') || shownServer(server)
}

/** Host and path; the scheme where it is not https. */
function shownServer({ url }: ServerShown): string {
  return url.replace(/^https:\/\//, '')
}

/** The name with what is to be said of it at once. */
export function clientInHeading(locale: Locale, client: ClientShown): Markup {
  return html`${clientName(locale, client)}${vouchedBadge(locale, client)}`
}

/** The name with its host, which is what can be checked. */
export function serverInHeading(server: ServerShown): Markup {
  const name = serverName(server)
  const { host } = new URL(server.url)
  return name === shownServer(server)
    ? html`<strong>${breakable(name)}</strong>`
    : html`<strong>${name}</strong> <span class="soft">(${host})</span>`
}

/** An address that may be broken after a slash rather than in a word. */
function breakable(address: string): Markup {
  return html`${address.split('/').flatMap((part, index) => (index === 0 ? [part] : ['/', html`<wbr>`, part]))}`
}

export function signedInAs(locale: Locale, person: string): Markup {
  return html`<p>${locale.markup('signedInAs', { person: html`<strong>${shownName(person)}</strong>` })}</p>`
}

/** CIM-06, CDP-02, A25, A34: who asks: the name it chose, and in full what can be checked about it. */
export function clientFacts(locale: Locale, client: ClientShown, server?: ServerShown): Markup {
  return html`<dl class="facts">
<dt>${locale.text('app')}</dt><dd>${clientName(locale, client)}${vouchedBadge(locale, client)}</dd>
${checkableFacts(locale, client)}
${server?.title === undefined ? '' : html`<dt>${locale.text('server')}</dt><dd>${breakable(shownServer(server))}</dd>`}
</dl>`
}

/** A31, A34: what should make a person stop, where the browser is sent to this device or to another site. */
export function clientWarning(locale: Locale, { id, redirectUri }: ClientShown): Markup | '' {
  return redirectUri === undefined ? '' : warningFor(locale, destinationOf(redirectUri), clientHost(id))
}

/** A25: a name that registered itself is nobody's. */
function vouchedBadge(locale: Locale, { vouched }: ClientShown): Markup | '' {
  return vouched === 'nobody' ? html` <span class="badge warn">${locale.text('notVerified')}</span>` : ''
}

export function checkableFacts(locale: Locale, { id, redirectUri }: ClientShown): Markup {
  const host = clientHost(id)
  return html`${host === undefined ? '' : html`<dt>${locale.text('publishedBy')}</dt><dd><strong>${host}</strong></dd>`}
${redirectUri === undefined ? '' : wayOut(locale, redirectUri)}`
}

/** CDP-02: the host is seen at once, and the whole address in the fold. */
function wayOut(locale: Locale, redirectUri: string): Markup {
  const { text } = destinationOf(redirectUri)
  return html`<dt>${locale.text('returnsTo')}</dt><dd><details><summary><strong>${text}</strong></summary><code>${shownAddress(redirectUri)}</code></details></dd>`
}

function warningFor(locale: Locale, { kind, text }: Destination, publisher: string | undefined): Markup | '' {
  if (kind !== 'site')
    return warning(
      locale.text('onlyIfStartedNow'),
      locale.text(kind === 'loopback' ? 'toThisDevice' : 'toAnyProgram'),
    )
  // A31: a metadata document may name addresses at other hosts, and then its own host does not say where one ends.
  return publisher === undefined || publisher === text
    ? ''
    : warning(locale.text('toAnotherSite'), locale.text('onlyIfTogether'))
}

export function warning(what: string, advice: string): Markup {
  return html`<div class="note warn" role="note"><p><strong>${what}</strong> ${advice}</p></div>`
}
