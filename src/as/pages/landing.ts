// The pages for a person who opens the address of a server, or of the gateway, in a browser: what it is, and what to
// paste where. They name no server but the one that was opened.
import { html } from 'hono/html'
import { singleIcon } from './icons.ts'
import type { Markup } from './markup.ts'
import { type Page, renderPage } from './page.ts'
import { type ServerShown, serverName } from './parts.ts'
import type { Locale } from './texts/locale.ts'

export interface LandingServer extends ServerShown {
  /** For a command: letters, digits, dots, hyphens and underscores. */
  readonly name: string
}

interface LandingParts {
  /** Whether people have an account here. */
  readonly hasAccount: boolean
}

/** At the address of a server. The status is that of its refusal (CHL-01): a client that comes here has to sign in. */
export function serverPage(server: LandingServer, parts: LandingParts): Page {
  return (view) => {
    const { locale } = view
    const name = serverName(server)
    return renderPage(view, {
      title: name,
      content: html`${singleIcon({ name, icon: server.icon })}
<h1>${name}</h1>
<p>${locale.text('mcpServerHere')}</p>
${howTo(locale, server)}
${account(locale, parts)}`,
    })
  }
}

/** At the root. @param only the one server, which the metadata of the root names too (PRM-14) */
export function rootPage(only: LandingServer | undefined, parts: LandingParts): Page {
  return (view) => {
    const { locale, branding } = view
    const heading = locale.text('serversAt', { name: branding.name ?? branding.host })
    return renderPage(view, {
      title: heading,
      content: html`<h1>${heading}</h1>
<p>${locale.text('mcpServersHere')}</p>
${only === undefined ? html`<p>${locale.text('askForAddress')}</p>` : howTo(locale, only)}
${account(locale, parts)}`,
    })
  }
}

function howTo(locale: Locale, { name, url }: LandingServer): Markup {
  return html`<h2>${locale.text('addAddress')}</h2>
<code class="block">${url}</code>
<p class="soft">${locale.text('whereToPaste')}</p>
${isPlain(url) ? inClaudeCode(locale, name, url) : ''}`
}

function inClaudeCode(locale: Locale, name: string, url: string): Markup {
  return html`<h2>${locale.text('claudeCode')}</h2>
<code class="block">${locale.text('claudeCodeCommand', { name, url })}</code>`
}

/** Nothing in it means something to a shell. */
function isPlain(url: string): boolean {
  return /^[A-Za-z0-9:/._~-]+$/.test(url)
}

function account(locale: Locale, { hasAccount }: LandingParts): Markup | '' {
  return hasAccount ? html`<p><a href="/account">${locale.text('yourAccount')}</a></p>` : ''
}
