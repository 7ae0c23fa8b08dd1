// The page with the ways in which a person signs in here: their passkeys, and whether there is a password beside them.
import { html } from 'hono/html'
import type { Markup } from './markup.ts'
import { type Page, renderPage } from './page.ts'
import {
  type FormProblem,
  type FormTarget,
  formTitle,
  hiddenFields,
  invalidField,
  problemNote,
  signedInAs,
} from './parts.ts'
import { PASSKEY_SCRIPT, passkeyForm } from './passkey-form.ts'
import { shownName } from './shown-text.ts'
import type { Locale, Sentence } from './texts/locale.ts'

/** Times are epoch milliseconds. */
export interface PasskeyShown {
  readonly id: string
  readonly name: string
  readonly isSynced: boolean
  readonly createdAt: number
  readonly usedAt: number | undefined
}

export interface PasskeysParts {
  readonly person: string
  readonly passkeys: readonly PasskeyShown[]
  /** Whether the person can sign in with a password as well. */
  readonly hasPassword: boolean
  /** Undefined where no more can be added. */
  readonly add: { readonly form: FormTarget; readonly options: string; readonly name: string } | undefined
  readonly remove: FormTarget
  readonly removePassword: FormTarget
  readonly maxNameChars: number
  readonly done?: Sentence | undefined
  readonly problem?: FormProblem | undefined
  readonly status?: number
}

export const passkeysPage =
  (parts: PasskeysParts): Page =>
  (view) => {
    const { locale } = view
    const { passkeys, add, problem, done } = parts
    const heading = locale.text('passkeys')
    return renderPage(view, {
      title: formTitle(locale, heading, problem),
      status: parts.status ?? 200,
      script: add && PASSKEY_SCRIPT,
      content: html`${problemNote(locale, problem)}
<h1 id="passkeys">${heading}</h1>
${done === undefined ? '' : html`<div class="note" role="status"><p>${locale.sentence(done)}</p></div>`}
${signedInAs(locale, parts.person)}
<p>${locale.text('passkeysAre')}</p>
${
  passkeys.length === 0
    ? html`<p>${locale.text('noPasskeys')}</p>`
    : html`<ul class="plain" aria-labelledby="passkeys">${passkeys.map((one) => passkeyItem(locale, one, parts))}</ul>`
}
${add === undefined ? html`<p>${locale.text('passkeysFull')}</p>` : passkeyForm(locale, { ...add, ceremony: 'create', content: addContent(locale, add.name, parts), isOnlyWay: true })}
${parts.hasPassword && passkeys.length > 0 ? passwordSection(locale, parts.removePassword) : ''}
<p><a href="/account">${locale.text('backToAccount')}</a></p>`,
    })
  }

function addContent(locale: Locale, name: string, { problem, maxNameChars }: PasskeysParts): Markup {
  return html`<label for="name">${locale.text('passkeyName')}</label>
<input type="text" id="name" name="name" value="${name}" autocomplete="off" maxlength="${maxNameChars}" required${invalidField(problem, 'name')}>
<button type="submit">${locale.text('addPasskey')}</button>`
}

function passkeyItem(locale: Locale, passkey: PasskeyShown, parts: PasskeysParts): Markup {
  const name = shownName(passkey.name)
  const isLast = parts.passkeys.length === 1 && !parts.hasPassword
  return html`<li>
<p><strong>${name}</strong>${passkey.isSynced ? html` <span class="badge">${locale.text('passkeySynced')}</span>` : ''}</p>
<dl class="facts">
<dt>${locale.text('addedOn')}</dt><dd>${locale.day(passkey.createdAt)}</dd>
<dt>${locale.text('lastUsed')}</dt><dd>${passkey.usedAt === undefined ? locale.text('neverUsed') : locale.moment(passkey.usedAt)}</dd>
</dl>
${isLast ? html`<p class="soft">${locale.text('lastWayIn')}</p>` : removeForm(locale, parts.remove, passkey.id, name)}
</li>`
}

function removeForm(locale: Locale, form: FormTarget, id: string, name: string): Markup {
  return html`<form method="post" action="${form.action}">
${hiddenFields(form)}
<input type="hidden" name="passkey" value="${id}">
<button type="submit" class="quiet">${locale.text('removePasskey', { name })}</button>
</form>`
}

function passwordSection(locale: Locale, form: FormTarget): Markup {
  return html`<h2>${locale.text('password')}</h2>
<p>${locale.text('passwordBeside')}</p>
<form method="post" action="${form.action}">
${hiddenFields(form)}
<button type="submit" class="quiet">${locale.text('removePassword')}</button>
</form>`
}
