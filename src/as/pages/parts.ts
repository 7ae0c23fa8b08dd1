// Pieces that several pages share: who asks, what went wrong, the hidden fields of a form.
import { html } from 'hono/html'
import type { Markup } from './page.ts'
import { clientHost, type Destination, destinationOf, shownAddress, shownName } from './shown-text.ts'

/** Who asks, as far as it is known. `name` is what the client says of itself, and proves nothing. */
export interface ClientShown {
  readonly id: string
  readonly name: string | undefined
  /** Where the person will be sent afterwards; undefined in the device flow. */
  readonly redirectUri: string | undefined
}

export interface FormProblem {
  readonly text: string
  /** The id of the input it is about: the summary links to it. */
  readonly field?: string
}

/** Error summary: first in the page, announced, and linked to the field (WCAG 3.3.1). */
export function problemNote(problem: FormProblem | undefined): Markup | '' {
  if (problem === undefined) return ''
  const text =
    problem.field === undefined ? problem.text : html`<a href="#${problem.field}">${problem.text}</a>`
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
export function clientName(client: ClientShown): string {
  const said = client.name === undefined ? '' : shownName(client.name)
  return said === '' ? 'An application without a name' : said
}

/** CIM-06, CDP-02, A25, A34: who asks: the name it chose, and in full what can be checked about it. */
export function clientFacts(client: ClientShown): Markup {
  return html`<dl>
<dt>Calls itself</dt><dd>${clientName(client)}</dd>
${checkableFacts(client)}
</dl>
${client.redirectUri === undefined ? '' : warningFor(destinationOf(client.redirectUri), clientHost(client.id))}`
}

export function checkableFacts({ id, redirectUri }: ClientShown): Markup {
  const host = clientHost(id)
  return html`${host === undefined ? '' : html`<dt>Published by</dt><dd><strong>${host}</strong></dd>`}
${redirectUri === undefined ? '' : wayOut(redirectUri)}`
}

function wayOut(redirectUri: string): Markup {
  const { text } = destinationOf(redirectUri)
  return html`<dt>Sends you to</dt><dd><strong>${text}</strong><br><span class="soft">${shownAddress(redirectUri)}</span></dd>`
}

function warningFor({ kind, text }: Destination, publisher: string | undefined): Markup | '' {
  if (kind === 'site') return publisher === undefined || publisher === text ? '' : ELSEWHERE
  const where =
    kind === 'loopback' ? 'a program on this device' : 'whatever program opens such links on this device'
  return html`<div class="note warn" role="note"><p><strong>This goes to ${where}.</strong> Any program here could ask
in this name. Go on only if you started this yourself just now.</p></div>`
}

/** A31: a metadata document may name addresses at other hosts, and then its own host does not say where one ends. */
const ELSEWHERE: Markup = html`<div class="note warn" role="note"><p>
<strong>This goes to another site than the one that published it.</strong>
Go on only if you know that the two belong together.</p></div>`
