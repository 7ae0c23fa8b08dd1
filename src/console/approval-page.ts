// One call that waits: what was sent, whole, to whoever may decide on it, and the form that approves or denies it. The form
// carries the digest of what was shown; what somebody else decided, or what is over, is shown as it is now.
import { html } from 'hono/html'
import type { Approval } from '../approvals/approval.ts'
import type { Decided } from '../approvals/approvals.ts'
import { UNAVAILABLE } from '../core/shared-state.ts'
import type { AdminContext, AdminPage, AdminVisit } from '../http/admin-page.ts'
import { APPROVALS_PATH, type ApprovalsSource, showApprovals, stateWords } from './approvals-page.ts'
import { formFields, formToken } from './form.ts'
import { answerPage, type ConsoleMarkup, noteOf, redirectTo, shownText, shownTime } from './page.ts'
import { sentParams } from './sent-params.ts'

export const approvalPage =
  (source: ApprovalsSource): AdminPage['answer'] =>
  (context, visit) =>
    showApproval(source, context, visit, { id: context.req.query('id') ?? '', words: '', status: 200 })

export const decideApproval =
  (source: ApprovalsSource): AdminPage['answer'] =>
  async (context, visit) => {
    const form = await formFields(context)
    const [id, verdict] = [form.get('id') ?? '', form.get('decision')]
    if (verdict !== 'approve' && verdict !== 'deny')
      return showApproval(source, context, visit, { id, words: 'the form says not what', status: 409 })
    const { operator, address } = visit
    const digest = form.get('shown') ?? ''
    const decided = await source.approvals.decide(id, { verdict, digest, operator, address })
    if (decided.outcome === 'decided') return redirectTo(context, `${APPROVALS_PATH}?done=${verdict}`)
    return showApproval(source, context, visit, { id, ...refusalOf(decided) })
  }

const OVER = 'There is no such call: it was made, its time is over, or its rules have changed.'

interface Refusal {
  /** Why nothing was decided; empty where nobody asked for it. */
  readonly words: string
  readonly status: 200 | 403 | 409 | 503
}

function refusalOf(decided: Exclude<Decided, { readonly outcome: 'decided' }>): Refusal {
  switch (decided.outcome) {
    case 'already':
      return { words: `it was ${stateWords(decided.approval)} before`, status: 409 }
    case 'changed':
      return { words: 'this is not what the page has shown. Look at it again', status: 409 }
    case 'gone':
      return { words: 'the call waits no more', status: 409 }
    case 'refused':
      return { words: decided.why, status: 403 }
    case UNAVAILABLE:
      return {
        words: 'what gateways share does not answer. Look again before you try once more',
        status: 503,
      }
  }
}

async function showApproval(
  source: ApprovalsSource,
  context: AdminContext,
  visit: AdminVisit,
  { id, words, status }: Refusal & { readonly id: string },
): Promise<Response> {
  const note = words === '' ? '' : noteOf('warn', `Nothing was decided: ${words}.`)
  const approval = await source.approvals.find(id)
  if (approval === UNAVAILABLE) return showApprovals(source, context, visit, { note, status: 503 })
  if (approval === undefined)
    return note === ''
      ? showApprovals(source, context, visit, { note: noteOf('warn', OVER), status: 404 })
      : showApprovals(source, context, visit, { note, status: 409 })
  return answerPage(context, visit, {
    title: `Call of ${approval.call.route}`,
    section: APPROVALS_PATH,
    content: html`${note}<p><a href="${APPROVALS_PATH}">All approvals</a></p>
${factsOf(approval)}${sentTo(approval, source, visit)}`,
    status,
  })
}

function factsOf(approval: Approval): ConsoleMarkup {
  const { id, call, askedAt, until } = approval
  const { tool, route, rules, subject, issuer, client } = call
  return html`<dl class="facts"><dt>Tool</dt><dd>${shownText(tool)}</dd><dt>Route</dt><dd>${shownText(route)}</dd>
<dt>Caller</dt><dd>${shownText(subject)}</dd><dt>Known by</dt><dd>${shownText(issuer)}</dd>
<dt>Client</dt><dd>${shownText(client ?? 'not named')}</dd><dt>Rules</dt><dd>${shownText(rules.join(', '))}</dd>
<dt>Asked (UTC)</dt><dd>${shownTime(askedAt)}</dd><dt>Until (UTC)</dt><dd>${shownTime(until)}</dd>
<dt>State</dt><dd>${shownText(stateWords(approval))}</dd><dt>Approval</dt><dd>${id}</dd></dl>
`
}

/** Parameters are shown to whoever may decide on them, and nobody else. */
function sentTo(approval: Approval, { approvals }: ApprovalsSource, visit: AdminVisit): ConsoleMarkup {
  const { id, state, call, digest } = approval
  if (state !== 'waiting') return html`<p>What was sent is gone: it was kept until it was decided.</p>`
  if (!visit.operator.rights.has('approve'))
    return html`<p class="soft">To see what was sent, and to decide, needs the right <code>approve</code>.</p>`
  const objection = approvals.objection(approval, visit.operator)
  if (objection !== undefined) return html`<p>You do not decide on this call: ${objection}.</p>`
  return html`<h2>What was sent</h2>${sentParams(call.params)}
<form method="post" action="${APPROVALS_PATH}/decide" class="buttons">${formToken(visit)}<input type="hidden" name="id" value="${id}">
<input type="hidden" name="shown" value="${digest}"><button type="submit" name="decision" value="approve">Approve this call</button>
<button type="submit" name="decision" value="deny" class="quiet">Deny it</button></form>
<p class="soft">The caller makes the call again, once it is approved, and it is made once.</p>`
}
