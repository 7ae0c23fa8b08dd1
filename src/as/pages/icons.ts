// The picture of a client or a server, or the first letter of its name. Decoration only: its name stands beside it.
import { html } from 'hono/html'
import type { ImageUrl } from '../../core/branding.ts'
import type { Markup } from './markup.ts'

interface Pictured {
  /** As it is shown. */
  readonly name: string
  readonly icon: ImageUrl | undefined
}

function iconOf({ name, icon }: Pictured): Markup {
  const [initial = ''] = name
  return html`<span class="icon">${icon === undefined ? initial.toUpperCase() : html`<img src="${icon}" alt="">`}</span>`
}

/** Who asks, and what for. */
export function iconPair(client: Pictured, server: Pictured): Markup {
  return html`<div class="pair" aria-hidden="true">${iconOf(client)}<span>→</span>${iconOf(server)}</div>`
}

export function singleIcon(of: Pictured): Markup {
  return html`<div class="pair" aria-hidden="true">${iconOf(of)}</div>`
}
