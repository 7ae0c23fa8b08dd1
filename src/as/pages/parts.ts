// Pieces that several pages share: who asks, what went wrong, the hidden fields of a form.
import { html } from 'hono/html'
import type { Markup } from './markup.ts'
import { clientHost, type Destination, destinationOf, shownAddress, shownName } from './shown-text.ts'
import type { Locale, Sentence } from './texts/locale.ts'

/** Who asks, as far as it is known. `name` is what the client says of itself, and proves nothing. */
export interface ClientShown {
  readonly id: string
  readonly name: string | undefined
  /** Where the person will be sent afterwards; undefined in the device flow. */
  readonly redirectUri: string | undefined
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

export function signedInAs(locale: Locale, person: string): Markup {
  return html`<p>${locale.markup('signedInAs', { person: html`<strong>${shownName(person)}</strong>` })}</p>`
}

/** CIM-06, CDP-02, A25, A34: who asks: the name it chose, and in full what can be checked about it. */
export function clientFacts(locale: Locale, client: ClientShown): Markup {
  return html`<dl>
<dt>${locale.text('callsItself')}</dt><dd>${clientName(locale, client)}</dd>
${checkableFacts(locale, client)}
</dl>
${client.redirectUri === undefined ? '' : warningFor(locale, destinationOf(client.redirectUri), clientHost(client.id))}`
}

export function checkableFacts(locale: Locale, { id, redirectUri }: ClientShown): Markup {
  const host = clientHost(id)
  return html`${host === undefined ? '' : html`<dt>${locale.text('publishedBy')}</dt><dd><strong>${host}</strong></dd>`}
${redirectUri === undefined ? '' : wayOut(locale, redirectUri)}`
}

function wayOut(locale: Locale, redirectUri: string): Markup {
  const { text } = destinationOf(redirectUri)
  return html`<dt>${locale.text('sendsYouTo')}</dt><dd><strong>${text}</strong><br><span class="soft">${shownAddress(redirectUri)}</span></dd>`
}

function warningFor(locale: Locale, { kind, text }: Destination, publisher: string | undefined): Markup | '' {
  if (kind !== 'site')
    return warning(
      locale.text(kind === 'loopback' ? 'toThisDevice' : 'toAnyProgram'),
      locale.text('anyProgramCouldAsk'),
    )
  // A31: a metadata document may name addresses at other hosts, and then its own host does not say where one ends.
  return publisher === undefined || publisher === text
    ? ''
    : warning(locale.text('toAnotherSite'), locale.text('onlyIfTogether'))
}

export function warning(what: string, advice: string): Markup {
  return html`<div class="note warn" role="note"><p><strong>${what}</strong> ${advice}</p></div>`
}
