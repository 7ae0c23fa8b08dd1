// The sign-in page. For a client it says who asks before anything is forwarded to an outside provider (CDP-01), so
// pressing a provider's button is the consent to that.
import { html } from 'hono/html'
import { iconPair, singleIcon } from './icons.ts'
import type { Markup } from './markup.ts'
import { type Page, renderPage } from './page.ts'
import {
  type ClientShown,
  clientFacts,
  clientInHeading,
  clientName,
  clientWarning,
  type FormProblem,
  type FormTarget,
  formTitle,
  hiddenFields,
  problemNote,
  type ServerShown,
  serverInHeading,
  serverName,
} from './parts.ts'
import { PASSKEY_SCRIPT, passkeyForm } from './passkey-form.ts'
import type { Locale } from './texts/locale.ts'

export interface ProviderShown {
  readonly name: string
  /** The words of the file for it. */
  readonly label: string
  /** Scopes that it is asked for. */
  readonly shares: readonly string[]
}

export interface SignInParts {
  /** Undefined for a person's own pages (`/account`). */
  readonly client: ClientShown | undefined
  /** What the client wants to use; undefined where it has not said. */
  readonly server: ServerShown | undefined
  readonly form: FormTarget
  readonly passwords: boolean
  /** JSON of WebAuthn §5.1.9; undefined where there are no passkeys. */
  readonly passkeyOptions: string | undefined
  readonly providers: readonly ProviderShown[]
  /** What was typed as name the last time. */
  readonly typed: string
  readonly problem?: FormProblem | undefined
  readonly status?: number
  /** Whether "No, go back" can tell the client. */
  readonly canRefuse: boolean
}

export function signInPage(parts: SignInParts): Page {
  return (view) => {
    const { locale } = view
    const { client, server, passwords, passkeyOptions, problem } = parts
    const { title, heading } = headingOf(locale, parts)
    return renderPage(view, {
      script: passkeyOptions === undefined ? undefined : PASSKEY_SCRIPT,
      title: formTitle(locale, title, problem),
      status: parts.status ?? 200,
      content: html`${problemNote(locale, problem)}
${client === undefined ? '' : icons(locale, client, server)}
<h1>${heading}</h1>
${client === undefined ? '' : html`${clientWarning(locale, client)}${clientFacts(locale, client, server)}`}
${passwords ? passwordForm(locale, parts) : ''}
${passkeyOptions === undefined ? '' : signInByPasskey(locale, parts, passkeyOptions)}
${providerForms(locale, parts)}
${parts.canRefuse ? refuseForm(locale, parts.form) : ''}`,
    })
  }
}

function headingOf(
  locale: Locale,
  { client: shown, server }: SignInParts,
): { title: string; heading: Markup | string } {
  if (shown === undefined) return { title: locale.text('signIn'), heading: locale.text('signIn') }
  const client = clientName(locale, shown)
  if (server === undefined) {
    const title = locale.text('signInToConnect', { client })
    return { title, heading: title }
  }
  return {
    title: locale.text('signInToLet', { client, server: serverName(server) }),
    heading: locale.markup('signInToLet', {
      client: clientInHeading(locale, shown),
      server: serverInHeading(server),
    }),
  }
}

function icons(locale: Locale, client: ClientShown, server: ServerShown | undefined): Markup {
  const asking = { name: clientName(locale, client), icon: client.icon }
  return server === undefined
    ? singleIcon(asking)
    : iconPair(asking, { name: serverName(server), icon: server.icon })
}

function passwordForm(locale: Locale, { form, typed, problem }: SignInParts) {
  const wrong = problem?.field !== undefined
  const invalid = wrong ? html` aria-invalid="true" aria-describedby="problem"` : ''
  return html`<form method="post" action="${form.action}">
${hiddenFields(form)}
<label for="name">${locale.text('name')}</label>
<input type="text" id="name" name="name" value="${typed}" autocomplete="username" autocapitalize="none" spellcheck="false" maxlength="128" required${invalid}>
<label for="password">${locale.text('password')}</label>
<input type="password" id="password" name="password" autocomplete="current-password" maxlength="1024" required${invalid}>
<button type="submit" name="with" value="password">${locale.text('signIn')}</button>
</form>`
}

function signInByPasskey(locale: Locale, { form, passwords, providers }: SignInParts, options: string) {
  const or = passwords ? html`<p class="or">${locale.text('or')}</p>` : ''
  const content = html`${or}<button type="submit"${passwords ? html` class="quiet"` : ''}>${locale.text('signInWithPasskey')}</button>`
  const isOnlyWay = !passwords && providers.length === 0
  return passkeyForm(locale, { form, ceremony: 'get', options, content, isOnlyWay })
}

function providerForms(locale: Locale, { form, passwords, passkeyOptions, providers }: SignInParts) {
  const isFirst = providers.length === 0 || (!passwords && passkeyOptions === undefined)
  const or = isFirst ? '' : html`<p class="or">${locale.text('or')}</p>`
  return html`${or}${providers.map((provider) => providerForm(locale, form, provider))}`
}

function providerForm(locale: Locale, form: FormTarget, provider: ProviderShown) {
  return html`<form method="post" action="${form.action}">
${hiddenFields(form)}
<input type="hidden" name="provider" value="${provider.name}">
<button type="submit" name="with" value="provider" class="quiet">${locale.text('continueWith', { provider: provider.label })}</button>
<p class="soft">${locale.text('providerIsAsked', { provider: provider.label, scopes: provider.shares.join(', ') })}</p>
</form>`
}

function refuseForm(locale: Locale, form: FormTarget) {
  return html`<form method="post" action="${form.action}">
${hiddenFields(form)}
<button type="submit" name="with" value="nothing" class="link">${locale.text('cancel')}</button>
</form>`
}
