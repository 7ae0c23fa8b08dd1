// The page for whoever follows the address that a caller was given: whether a call that waits for approval was decided. It
// says nothing of the call, nor of who decided, and it has nothing to decide with.
import { html } from 'hono/html'
import { type Page, renderPage } from './page.ts'

export interface ApprovalShown {
  readonly state: 'waiting' | 'approved' | 'denied'
  /** Epoch milliseconds. */
  readonly until: number
}

const HEADINGS = { waiting: 'callWaits', approved: 'callApproved', denied: 'callDenied' } as const
const SENTENCES = {
  waiting: 'callWaitsUntil',
  approved: 'callApprovedUntil',
  denied: 'callDeniedUntil',
} as const

export function approvalStatePage({ state, until }: ApprovalShown): Page {
  return (view) => {
    const { locale } = view
    const heading = locale.text(HEADINGS[state])
    return renderPage(view, {
      title: heading,
      content: html`<h1>${heading}</h1>
<p role="status">${locale.text(SENTENCES[state], { time: locale.moment(until) })}</p>
<p class="soft">${locale.text('nothingDecidedHere')}</p>`,
    })
  }
}

/** The same for one that is over, and for one that never was. */
export const approvalOverPage: Page = (view) => {
  const { locale } = view
  const heading = locale.text('callOver')
  return renderPage(view, {
    title: heading,
    status: 404,
    content: html`<h1>${heading}</h1>
<p>${locale.text('callOverWhy')}</p>`,
  })
}
