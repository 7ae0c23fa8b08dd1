// The form that a passkey fills in, and the script that asks the browser for it: the only one of all pages. Without the
// script, or in a browser that has no passkeys, the form has no button, and says why where there is no other way.
import { html } from 'hono/html'
import type { Markup } from './markup.ts'
import { type FormTarget, hiddenFields } from './parts.ts'
import type { Locale } from './texts/locale.ts'

/**
 * WebAuthn Level 3 §5.1: makes a passkey or asks for one, and sends what the browser says of it with the form. What it says to
 * the person stands in the page.
 */
export const PASSKEY_SCRIPT = `
const able = typeof PublicKeyCredential === 'function' && 'parseRequestOptionsFromJSON' in PublicKeyCredential
const asked = {
  create: (json) => navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(json) }),
  get: (json) => navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(json) }),
}
for (const form of document.querySelectorAll('form[data-passkey]')) {
  const part = (name) => form.querySelector('[data-part=' + name + ']')
  part('unable')?.toggleAttribute('hidden', able)
  part('able').hidden = !able
  form.addEventListener('submit', async (event) => {
    event.preventDefault()
    part('failed').hidden = true
    for (const told of document.querySelectorAll('[role=status]')) told.hidden = true
    try {
      const passkey = await asked[form.dataset.passkey](JSON.parse(form.dataset.options))
      form.elements.passkey.value = JSON.stringify(passkey)
    } catch {
      part('failed').hidden = false
      return
    }
    form.submit()
  })
}
`

export interface PasskeyFormParts {
  readonly form: FormTarget
  readonly ceremony: 'create' | 'get'
  /** JSON of WebAuthn §5.1.8 or §5.1.9. */
  readonly options: string
  /** What else the form has, and its button. */
  readonly content: Markup
  /** Whether it says why there is no button; else there is another way. */
  readonly isOnlyWay: boolean
}

export function passkeyForm(locale: Locale, parts: PasskeyFormParts): Markup {
  const { form, ceremony, options, content, isOnlyWay } = parts
  const failed = locale.text(ceremony === 'create' ? 'passkeyNotMade' : 'passkeyNotShown')
  return html`<form method="post" action="${form.action}" data-passkey="${ceremony}" data-options="${options}">
${hiddenFields(form)}
<input type="hidden" name="with" value="passkey">
<input type="hidden" name="passkey" value="">
${isOnlyWay ? html`<p class="soft" data-part="unable">${locale.text('passkeyNeedsScript')}</p>` : ''}
<div data-part="able" hidden>${content}</div>
<p class="note bad" role="alert" data-part="failed" hidden>${failed}</p>
</form>`
}
