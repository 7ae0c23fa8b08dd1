// The page on which a person gives themselves another password.
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
import type { Locale } from './texts/locale.ts'

export interface PasswordParts {
  readonly person: string
  /** Whether they have one that they show. */
  readonly hasPassword: boolean
  readonly form: FormTarget
  /** Characters that a password needs. */
  readonly minChars: number
  readonly problem?: FormProblem | undefined
  readonly status?: number
}

export const passwordPage =
  (parts: PasswordParts): Page =>
  (view) => {
    const { locale } = view
    const { form, problem, person, hasPassword } = parts
    const heading = locale.text(hasPassword ? 'changePassword' : 'setPassword')
    return renderPage(view, {
      title: formTitle(locale, heading, problem),
      status: parts.status ?? 200,
      content: html`${problemNote(locale, problem)}
<h1>${heading}</h1>
${signedInAs(locale, person)}
<p>${locale.text('othersSignedOut')}</p>
<form method="post" action="${form.action}">
${hiddenFields(form)}
<input type="text" name="username" value="${person}" autocomplete="username" hidden>
${hasPassword ? currentField(locale, parts) : ''}
${newPasswordFields(locale, parts)}
<button type="submit">${heading}</button>
</form>
<p><a href="/account">${locale.text('backToAccount')}</a></p>`,
    })
  }

function currentField(locale: Locale, { problem }: PasswordParts): Markup {
  return html`<label for="current">${locale.text('currentPassword')}</label>
<input type="password" id="current" name="current" autocomplete="current-password" maxlength="1024" required${invalidField(problem, 'current')}>`
}

/** Typed twice, since nobody sees what they type. */
export function newPasswordFields(
  locale: Locale,
  { problem, minChars }: Pick<PasswordParts, 'problem' | 'minChars'>,
): Markup {
  return html`<label for="new">${locale.text('newPassword')}</label>
<p class="soft" id="rule">${locale.text('passwordRule', { count: String(minChars) })}</p>
<input type="password" id="new" name="new" autocomplete="new-password" maxlength="1024" required${invalidField(problem, 'new', 'rule')}>
<label for="repeated">${locale.text('repeatPassword')}</label>
<input type="password" id="repeated" name="repeated" autocomplete="new-password" maxlength="1024" required${invalidField(problem, 'repeated')}>`
}
