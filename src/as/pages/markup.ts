// What a template is made into: text in which everything that came from elsewhere is escaped.
import type { html } from 'hono/html'

/** What hono/html makes of a template without promises in it. */
export type Markup = ReturnType<typeof html>
