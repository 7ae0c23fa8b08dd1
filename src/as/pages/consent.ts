// The consent page: who asks, for which server, what of it is new, and what is dangerous in it. Nothing is granted without
// its button, and both buttons are in view however long the list is.
import { html } from 'hono/html'
import type { ToolDanger } from '../../core/branding.ts'
import { iconPair } from './icons.ts'
import type { Markup } from './markup.ts'
import { type Page, renderPage } from './page.ts'
import {
  type ClientShown,
  clientFacts,
  clientInHeading,
  clientName,
  clientWarning,
  type FormTarget,
  hiddenFields,
  type ServerShown,
  serverInHeading,
  serverName,
} from './parts.ts'
import { shownName } from './shown-text.ts'
import type { Locale, PlainTextKey, Sentence } from './texts/locale.ts'

export interface ScopeShown {
  /** Empty: the use of the server itself, where it has no scopes. */
  readonly scope: string
  /** From `authorization_server.scopes`; the scope itself when the file has no words for it. */
  readonly words: Sentence
  /** What the tools behind it do at worst, where that is known. */
  readonly danger: ToolDanger | undefined
  /** Not granted to this client the last time. */
  readonly isNew: boolean
}

export interface ConsentParts {
  readonly client: ClientShown
  readonly server: ServerShown
  readonly form: FormTarget
  readonly person: string
  readonly scopes: readonly ScopeShown[]
  /** What a call of the client was refused for, and this request does not ask for. */
  readonly offered: readonly Omit<ScopeShown, 'isNew'>[]
  /** Whether the client was allowed something before, so that "new" means something. */
  readonly known: boolean
}

export function consentPage(parts: ConsentParts): Page {
  return (view) => {
    const { locale } = view
    const { client, server, form } = parts
    const name = clientName(locale, client)
    const heading = headingOf(parts)
    return renderPage(view, {
      title: locale.text(heading, { client: name, server: serverName(server) }),
      content: html`${iconPair({ name, icon: client.icon }, { name: serverName(server), icon: server.icon })}
<h1>${locale.markup(heading, { client: clientInHeading(locale, client), server: serverInHeading(server) })}</h1>
<form method="post" action="${form.action}">
${hiddenFields(form)}
<p>${accountLine(locale, parts.person)}</p>
</form>
<form method="post" action="${form.action}">
${hiddenFields(form)}
${clientWarning(locale, client)}
${permissions(locale, parts)}
${offer(locale, parts)}
${clientFacts(locale, client, server)}
<div class="actions">
<button type="submit" name="answer" value="refuse" class="quiet">${locale.text('cancel')}</button>
<button type="submit" name="answer" value="allow">${locale.text('allow')}</button>
</div>
</form>
<p class="soft">${locale.markup('disconnectAnyTime', { page: html`<a href="/account">${locale.text('yourAccountPage')}</a>` })}</p>`,
    })
  }
}

function asksForMore({ known, scopes }: ConsentParts): boolean {
  return known && scopes.some(({ isNew }) => isNew)
}

function headingOf(parts: ConsentParts): 'wantsToUse' | 'wantsMore' | 'wantsAgain' {
  if (asksForMore(parts)) return 'wantsMore'
  return parts.known ? 'wantsAgain' : 'wantsToUse'
}

function accountLine(locale: Locale, person: string): Markup {
  const name = shownName(person)
  return html`${locale.markup('signedInAs', { person: html`<strong>${name}</strong>` })} ${locale.text('notYou', { person: name })}
<button type="submit" name="answer" value="another" class="link">${locale.text('useAnotherAccount')}</button>`
}

/** What is new stands apart from what was allowed before, and comes first. */
function permissions(locale: Locale, parts: ConsentParts): Markup {
  const { scopes } = parts
  if (!asksForMore(parts)) return scopeList(locale, 'wouldBeAble', 'wants', scopes)
  const before = scopes.filter(({ isNew }) => !isNew)
  const asked = scopeList(
    locale,
    'newInThis',
    'new',
    scopes.filter(({ isNew }) => isNew),
  )
  return before.length === 0 ? asked : html`${asked}${scopeList(locale, 'allowedBefore', 'before', before)}`
}

function scopeList(locale: Locale, heading: PlainTextKey, id: string, scopes: readonly ScopeShown[]): Markup {
  return html`<h2 id="${id}">${locale.text(heading)}</h2>
<ul class="plain" aria-labelledby="${id}">
${scopes.map((scope) => html`<li>${scopeShown(locale, scope)}</li>`)}
</ul>`
}

/** The field of what was ticked. */
export const TICKED = 'offered'

function offer(locale: Locale, { offered }: ConsentParts): Markup | '' {
  if (offered.length === 0) return ''
  return html`<fieldset><legend>${locale.text('askedByRefusedCall')}</legend>
<p class="soft">${locale.text('triedAndRefused')}</p>
${offered.map((scope) => html`<label class="tick"><input type="checkbox" name="${TICKED}" value="${scope.scope}"> <span>${scopeShown(locale, scope)}</span></label>`)}
</fieldset>`
}

const DANGERS: Readonly<Record<ToolDanger, PlainTextKey>> = {
  writing: 'canChange',
  destructive: 'canDelete',
  sensitive: 'canRunCommands',
}

function scopeShown(locale: Locale, { scope, words, danger }: Omit<ScopeShown, 'isNew'>): Markup {
  const said = locale.sentence(words)
  const name = scope === '' || said === scope ? '' : html` <span class="soft">(${scope})</span>`
  const badge =
    danger === undefined ? '' : html` <span class="badge warn">${locale.text(DANGERS[danger])}</span>`
  return html`${shownName(said)}${name}${badge}`
}
