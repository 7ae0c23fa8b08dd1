// The page that a link of an operator leads to: the person gets in again, with a new password or a passkey.
import { html } from 'hono/html'
import type { Markup } from './markup.ts'
import { type Page, renderPage } from './page.ts'
import { type FormProblem, type FormTarget, formTitle, hiddenFields, problemNote } from './parts.ts'
import { PASSKEY_SCRIPT, passkeyForm } from './passkey-form.ts'
import { newPasswordFields } from './password.ts'
import { shownName } from './shown-text.ts'
import type { Locale } from './texts/locale.ts'

export interface ResetParts {
  readonly person: string
  /** What they sign in with. */
  readonly username: string
  readonly token: string
  readonly form: FormTarget
  readonly passwords: boolean
  /** Undefined where there are no passkeys. JSON of WebAuthn §5.1.8. */
  readonly options: string | undefined
  readonly minChars: number
  readonly problem?: FormProblem | undefined
  readonly status?: number
}

export const resetPage =
  (parts: ResetParts): Page =>
  (view) => {
    const { locale } = view
    const { form, problem, passwords, options, token, username } = parts
    const heading = locale.text('getInAgain')
    return renderPage(view, {
      title: formTitle(locale, heading, problem),
      status: parts.status ?? 200,
      script: options === undefined ? undefined : PASSKEY_SCRIPT,
      content: html`${problemNote(locale, problem)}
<h1>${heading}</h1>
<p>${locale.markup('resetFor', { person: html`<strong>${shownName(parts.person)}</strong>` })}</p>
<p>${locale.text('resetMeans')}</p>
${
  passwords
    ? html`<form method="post" action="${form.action}">
${hiddenFields(form)}
${carried(token)}
<input type="text" name="username" value="${username}" autocomplete="username" hidden>
${newPasswordFields(locale, parts)}
<button type="submit" name="with" value="password">${locale.text('setPassword')}</button>
</form>`
    : ''
}
${options === undefined ? '' : passkeyForm(locale, { form, ceremony: 'create', options, content: passkeyContent(locale, parts), isOnlyWay: !passwords })}`,
    })
  }

function passkeyContent(locale: Locale, { token, passwords }: ResetParts): Markup {
  const or = passwords ? html`<p class="or">${locale.text('or')}</p>` : ''
  return html`${or}${carried(token)}<button type="submit"${passwords ? html` class="quiet"` : ''}>${locale.text('makePasskey')}</button>`
}

function carried(token: string): Markup {
  return html`<input type="hidden" name="token" value="${token}">`
}
